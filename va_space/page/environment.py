"""Jinja2 as all pages use it. Needs Jinja2, which the extras ``report`` and ``explain`` bring."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from va_space.atomic import replacing
from va_space.emotion.words import AXES, QUADRANTS, describe
from va_space.page.plane import MARGIN, SIZE
from va_space.text import clock, valid_unicode

_SHARED = Path(__file__).parent


def page_environment(*folders: Path) -> Environment:
    """Jinja2 with the templates of folders, and the shared ones after them.

    Args:
        folders: Where a page's own templates are; the first that has a name wins.
    """
    environment = Environment(
        loader=FileSystemLoader([*folders, _SHARED]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["feeling"] = describe
    environment.filters["clock"] = clock
    environment.filters["shown"] = valid_unicode
    environment.globals.update(axes=AXES, quadrants=QUADRANTS, size=SIZE, margin=MARGIN)
    return environment


def write_page(path: str | Path, html: str) -> None:
    """Write a page; it is complete or not there."""
    with replacing(path) as beside:
        # File names need not be valid Unicode; a page has to be.
        beside.write_bytes(html.encode("utf-8", "backslashreplace"))
