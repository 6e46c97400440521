"""HTML pages read back, for test modules of several rooms."""

from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link", "input", "source"}


class Page(HTMLParser):
    """All elements, with their text, and whether every one is closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text, self.raw = [], [], "", []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"script", "style"} & set(self.open):
            self.raw.append((self.elements[-1][1], data))
        else:
            self.text += data

    def all(self, *tags):
        """Attributes of the elements with these tags."""
        return [attributes for tag, attributes in self.elements if tag in tags]

    def sounds(self):
        """Address of each sound, by the id of the element that holds it."""
        return {
            attributes["id"]: data for attributes, data in self.raw if attributes.get("type") == "text/plain"
        }
