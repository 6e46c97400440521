"""The page and the figure of an explanation."""

import re
import sys

import pytest
from pages import Page
from PIL import Image

from va_space.errors import MissingExtraError
from va_space.explanation import MapOptions, explain
from va_space.explanation.drawing import chart_of
from va_space.explanation.figure import write_figure
from va_space.explanation.overlay import overlay
from va_space.explanation.page import write_explanation


@pytest.fixture(scope="module")
def whys(space, picture, track):
    """Of a picture with a hostile name, and of a track."""
    options = MapOptions(grid=2)
    return {
        "picture": explain(space, picture, ["valence", track], options=options),
        "track": explain(space, track, ["arousal", picture, "0.1,0.9"]),
    }


@pytest.fixture(scope="module")
def pages(whys, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, why in whys.items():
        write_explanation(folder / f"{name}.html", why)
    return folder


def test_a_page_of_a_picture(pages, whys):
    page = Page((pages / "picture.html").read_text(encoding="utf-8"))
    images = page.all("img")
    assert len(images) == 3
    assert all(each["src"].startswith("data:image/jpeg") and each["alt"] for each in images)
    assert "a & <b>$x$.png" in page.text
    assert "b" not in {tag for tag, _ in page.elements if tag == "b<"}
    for each in whys["picture"].explained:
        assert f"{each.score:.2f}" in page.text
    for word in whys["picture"].subject.words:
        assert word in page.text
    assert "brighter" in page.text
    assert not page.all("script")


def test_a_page_of_a_track(pages, whys):
    page = Page((pages / "track.html").read_text(encoding="utf-8"))
    sounds = page.all("audio")
    assert len(sounds) == 6
    assert all(each["src"].startswith("data:audio/mpeg") and each["aria-label"] for each in sounds)
    assert len(page.all("polyline")) == 3
    assert len(page.all("img")) == 0
    assert "<b>$x$" not in (pages / "track.html").read_text(encoding="utf-8").replace("&lt;", "")


def test_nothing_is_loaded_from_elsewhere(pages):
    for path in pages.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)=["'](?!data:|#)""", text)
        assert "default-src 'none'" in text


def test_a_chart_is_inside_its_drawing(whys):
    why = whys["track"]
    for each in why.explained:
        chart = chart_of(why, each)
        points = [tuple(map(float, pair.split(","))) for pair in chart.line.split()]
        assert len(points) == len(chart.bars) == len(each.when.starts)
        assert all(0 <= x <= 1000 and 0 <= y <= 200 for x, y in points)
        assert all(y >= 0 and y + height <= 200.1 for _, y, _, height, _, _ in chart.bars)
        assert [passage.words for passage in chart.passages] == ["raises it most", "lowers it most"]


def test_colours_follow_the_map(whys):
    why = whys["picture"]
    found = why.explained[0].where
    grey = Image.new("RGB", (320, 320), (128, 128, 128))
    drawn = overlay(grey, found)
    for region in (found.raises, found.lowers):
        middle = (160 * (region.left + region.right), 160 * (region.top + region.bottom))
        red, _, blue = drawn.getpixel(tuple(int(value) for value in middle))
        row, column = (int(32 * value / 320) for value in middle[::-1])
        if abs(found.values[row, column]) > 0.5 * abs(found.values).max():
            assert (red > blue) == (found.values[row, column] > 0)


def test_a_figure(whys, tmp_path):
    for name, why in whys.items():
        write_figure(tmp_path / f"{name}.png", why)
        with Image.open(tmp_path / f"{name}.png") as drawn:
            assert drawn.format == "PNG"
            assert min(drawn.size) > 300
            assert len(drawn.convert("RGB").getcolors(1 << 24)) > 50


def test_matplotlib_keeps_its_state(whys, tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    write_figure(tmp_path / "a.png", whys["track"])
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("write", "module"), [(write_figure, "matplotlib.figure"), (write_explanation, "jinja2")]
)
def test_a_missing_extra_is_named(whys, tmp_path, monkeypatch, write, module):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "va_space.page.environment", raising=False)
    with pytest.raises(MissingExtraError, match=r"va-space\[explain\]"):
        write(tmp_path / "a.png", whys["track"])
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["picture", "track"])
def test_for_everybody(pages, name, scheme):
    from browser import Tab, open_chromium

    with open_chromium() as chromium:
        tab = Tab(
            chromium, pages / f"{name}.html", color_scheme=scheme, viewport={"width": 360, "height": 700}
        )
        assert tab.flaws() == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert tab.complaints == []
        assert tab.requests == []
        tab.close()
