"""The page that the demo writes, read back as a browser would."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from va_space.demo.music import Clip, clips
from va_space.demo.page import Picture, Track, render
from va_space.demo.photographs import PHOTOGRAPHS, Photograph
from va_space.demo.run import run_demo
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.search import search

VOID = {"meta", "img", "br", "hr", "link", "input", "source"}


class Page(HTMLParser):
    """All elements, with their text, and whether every one is closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
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
        if not {"script", "style"} & set(self.open):
            self.text += data

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def demo(tiny_space, tmp_path_factory):
    steps = []
    result = run_demo(tmp_path_factory.mktemp("demo") / "new" / "folder", tiny_space, steps.append)
    assert steps
    return result


@pytest.fixture(scope="module")
def page(demo):
    return Page(demo.page.read_text(encoding="utf-8"))


def test_photographs_come_with_the_packages():
    assert len(PHOTOGRAPHS) >= 8
    for photo in PHOTOGRAPHS:
        with Image.open(photo.path) as image:
            assert min(image.size) >= 300
        assert photo.description.endswith(".")
        assert photo.credit


def test_every_reference_is_a_file_or_a_place_in_the_page(demo, page):
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    references = [
        attributes[name]
        for _, attributes in page.elements
        for name in ("src", "href", "data-sound", "poster", "srcset")
        if name in attributes
    ]
    assert len(references) > 60
    for reference in references:
        if reference.startswith("#"):
            assert reference[1:] in ids
        else:
            assert ":" not in reference
            assert not reference.startswith("/")
            assert (demo.page.parent / reference).is_file()
    html = demo.page.read_text(encoding="utf-8")
    assert "http" not in html
    assert "@import" not in html


def test_page_serves_those_who_cannot_see_or_point(page):
    assert page.all("html")[0]["lang"] == "en"
    assert any("width=device-width" in meta.get("content", "") for meta in page.all("meta"))
    assert [image["alt"] for image in page.all("img")] == [photo.description for photo in PHOTOGRAPHS]
    assert len(page.all("h1")) == 1
    for link in page.all("a"):
        assert link.get("aria-label") or link["class"] == "skip"
    labelled = {
        attributes["aria-labelledby"]
        for attributes in page.all("section", "article")
        if "aria-labelledby" in attributes
    }
    assert labelled <= {attributes.get("id") for _, attributes in page.elements}


def test_plane_shows_all_pictures_and_tracks(page):
    tracks = {group["data-sound"] for group in page.all("g") if group.get("class") == "track"}
    assert tracks == {f"music/{clip.path.name}" for clip in clips()}
    shown = {link["href"] for link in page.all("a") if link["class"] == "picture"}
    assert shown == {f"#{photo.name}" for photo in PHOTOGRAPHS}
    assert "unpleasant ← valence → pleasant" in page.text


def test_rows_are_what_a_search_finds(demo, tiny_space):
    library = MusicLibrary.open(demo.page.parent / "library")
    assert len(library) == len(clips())
    titles = {clip.path.name: clip.title for clip in clips()}
    assert json.loads(json.dumps(demo.rows)) == demo.rows
    for photo in PHOTOGRAPHS:
        rows = [row for row in demo.rows if row["picture"] == photo.title]
        results = search(tiny_space, library, demo.page.parent / "pictures" / f"{photo.name}.jpg", k=3)
        assert [row["music"] for row in rows] == [titles[result.path.name] for result in results]
        assert [row["rank"] for row in rows] == [1, 2, 3]
        np.testing.assert_allclose(
            [row["score"] for row in rows], [each.score for each in results], atol=1e-4
        )


def test_second_run_gives_the_same_page(demo, tiny_space):
    before = demo.page.read_bytes()
    again = run_demo(demo.page.parent, tiny_space)
    assert again == demo
    assert demo.page.read_bytes() == before
    assert not list(demo.page.parent.rglob(".*"))


def test_text_is_escaped():
    nasty = "<script>alert('x')</script> & \"more\""
    clip = Clip(Path("a.ogg"), nasty, nasty, nasty, nasty)
    photo = Photograph("p", nasty, nasty, nasty, "skimage", "data/p.png")
    html = render([Picture(photo, 0.2, 0.9, [Track(clip, 0.6, 0.1, 0.5)])], "0" * 64)
    assert len(Page(html).all("script")) == 1
    assert Page(html).all("img")[0]["alt"] == nasty
