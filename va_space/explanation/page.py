"""An explanation as one page that needs no network and no script. Needs the extra ``explain``."""

from collections.abc import Sequence
from pathlib import Path

from va_space.errors import MissingExtraError
from va_space.explanation.drawing import drawing_of
from va_space.explanation.explanation import Explanation
from va_space.text import valid_unicode

TEMPLATES = Path(__file__).parent
"""Where ``explained.html`` and its style ``explained.css`` are, which other pages include."""


def write_explanation(path: str | Path, *explanations: Explanation, notes: Sequence[str] = ()) -> None:
    """Write a page.

    Args:
        path: The page, an HTML file; it is complete or not there.
        explanations: Of a picture or a track; or of the two sides of a match, each towards the other.
        notes: What else is to be said, such as what could not be explained.

    Raises:
        MissingExtraError: The extra ``explain`` is not installed.
        ValueError: There is no explanation.
    """
    if not explanations:
        raise ValueError("there must be an explanation")
    try:
        from va_space.page.environment import page_environment, write_page
    except ImportError as error:
        raise MissingExtraError("An explanation as a page", "explain") from error
    subject = valid_unicode(explanations[0].subject.name)
    other = "" if len(explanations) == 1 else f" and {valid_unicode(explanations[1].subject.name)}"
    html = (
        page_environment(TEMPLATES)
        .get_template("why.html")
        .render(
            title=f"Why {subject}{other}",
            drawings=[drawing_of(each) for each in explanations],
            notes=notes,
        )
    )
    write_page(path, html)
