import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from descriptions import described
from PIL import Image

from va_space.errors import ConfigError
from va_space.generation.artwork.artwork import Print
from va_space.generation.artwork.engines import ENGINES, Request
from va_space.generation.artwork.files import Text, check_size, save_artwork

_SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def artwork():
    return ENGINES["painter"](None, described(), Request(size=(120, 80), seed=3))[0]


def test_png_svg_and_sidecar_say_the_same(artwork, tmp_path):
    text = Text("A & <b>\x0b", "Somebody")
    facts = []
    for name in ("a.png", "a.svg", "a.jpg"):
        written = save_artwork(artwork, tmp_path / name, (120, 80), text)
        facts.append(json.loads(written.sidecar.read_text()))
    assert facts[0] == facts[1] | {"lettering": facts[0]["lettering"]} == facts[2]
    assert facts[0]["seed"] == 3
    assert facts[0]["heard"]["recording"] == "piece.ogg"
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (120, 80)
        assert json.loads(image.text["va-space"]) == facts[0]
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert json.loads(root.find(f"{_SVG}metadata").text)["seed"] == 3
    assert [element.text for element in root.iter(f"{_SVG}text")] == ["A & <b>", "Somebody"]
    assert len(list(root.iter(f"{_SVG}path"))) >= len(artwork.scene.marks)


def test_the_same_picture_has_the_same_bytes(artwork, tmp_path):
    for name in ("png", "svg", "jpg"):
        one, two = (save_artwork(artwork, tmp_path / f"{n}.{name}", (90, 60)).picture for n in "ab")
        assert one.read_bytes() == two.read_bytes()


def test_vectors_show_what_pixels_show(artwork):
    """Each mark's path, filled by Pillow, against the brush's stamps."""
    import re

    from PIL import ImageDraw

    from va_space.generation.artwork.svg import svg_body

    size = (240, 160)
    drawn = Image.new("RGB", size)
    pen, scale = ImageDraw.Draw(drawn), 0.16
    for path, fill in re.findall(r'<path d="(M[^"]+Z)" fill="(#\w+)"', svg_body(artwork.scene)):
        n = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        curve = []
        for begin, middle, end in ((n[0:2], n[2:4], n[4:6]), (n[6:8], n[8:10], n[10:12])):
            for t in np.linspace(0, 1, 9):
                at = (
                    (1 - t) ** 2 * np.array(begin)
                    + 2 * t * (1 - t) * np.array(middle)
                    + t * t * np.array(end)
                )
                curve.append(tuple(at * scale))
        pen.polygon(curve, fill=fill)
    painted = artwork.render(size)
    small = [
        np.asarray(each.resize((24, 16), Image.Resampling.BOX)).astype(float) for each in (drawn, painted)
    ]
    assert np.abs(small[0] - small[1]).mean() < 12
    assert np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1] > 0.9


def test_a_title_without_glyphs_is_said(artwork, tmp_path):
    written = save_artwork(artwork, tmp_path / "a.png", (120, 80), Text("夜曲"))
    assert "no text on the cover: the title has characters" in written.notes[0]
    assert json.loads(written.sidecar.read_text())["lettering"] is None
    plain = save_artwork(artwork, tmp_path / "b.png", (120, 80))
    with Image.open(written.picture) as one, Image.open(plain.picture) as two:
        assert one.tobytes() == two.tobytes()


def test_pixels_have_no_vector_form_and_nothing_is_left_behind(tmp_path):
    picture = Print("a print", {"engine": "x"}, image=Image.new("RGB", (50, 40), "red"))
    with pytest.raises(ConfigError, match="no vector form"):
        save_artwork(picture, tmp_path / "a.svg", (100, 100))
    assert save_artwork(picture, tmp_path / "a.png", (100, 100)).picture.is_file()
    with pytest.raises(ConfigError, match=r"\.png, \.jpg"):
        save_artwork(picture, tmp_path / "a.gif", (100, 100))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.json", "a.png"]


@pytest.mark.parametrize("size", [(10, 10), (30_000, 100), (20_000, 20_000), (2000, 100)])
def test_sizes_that_cannot_be_painted(size):
    with pytest.raises(ConfigError):
        check_size(size)
