import numpy as np
import pytest
from PIL import Image

from va_space.generation.artwork import lettering
from va_space.generation.artwork.colour import contrast_ratio, relative_luminance
from va_space.generation.artwork.cover import draw_lettering
from va_space.generation.artwork.lettering import CONTRAST, MARGIN, Lettering, letter, shapes_text


def noisy(low=0, high=255, seed=0, size=(400, 400)):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(low, high + 1, (size[1], size[0], 3), dtype=np.uint8))


def set_on(picture, title, artist=""):
    planned = letter(picture, title, artist)
    assert isinstance(planned, Lettering), planned
    return planned


def within_margins(planned, width=1.0, height=1.0):
    for line in planned.lines:
        left, right = (line.x - line.width, line.x) if line.from_right else (line.x, line.x + line.width)
        assert left >= MARGIN - 1e-6
        assert right <= width - MARGIN + 1e-3
        assert MARGIN < line.y < height - MARGIN


@pytest.mark.parametrize(
    ("title", "from_right"),
    [
        ("Moonlight", False),
        ("Ω και άλφα", False),
        ("Ночь, улица", False),
        ("שלום עולם", True),
        ("موسيقى الليل", True),
        ("Шалом שלום مرحبا", False),
        ("e\u0301tude & <b>", False),
    ],
)
def test_scripts_that_the_font_has_are_set_within_the_margins(title, from_right):
    if from_right and not shapes_text():
        pytest.skip("needs a Pillow with Raqm")
    planned = set_on(noisy(180, 230), title, "Somebody")
    assert {line.from_right for line in planned.lines} == {from_right}
    within_margins(planned)
    blank = noisy(180, 230)
    drawn = np.asarray(draw_lettering(blank, planned)).astype(int)
    assert (drawn != np.asarray(blank)).any()


def test_letters_of_arabic_join():
    if not shapes_text():
        pytest.skip("needs a Pillow with Raqm")
    joined = set_on(noisy(200, 220), "مممم").lines[0]
    alone = set_on(noisy(200, 220), "م م م م".replace(" ", "\u200c")).lines[0]
    assert joined.width / joined.size < alone.width / alone.size


def test_three_hundred_characters_are_broken_and_cut():
    planned = set_on(noisy(0, 60), "a long title of many words " * 12, "an artist with a very long name " * 9)
    within_margins(planned)
    assert 4 <= len(planned.lines) <= 5
    assert planned.lines[-2].text.endswith("…")
    assert planned.lines[-1].text.endswith("…")


def test_one_word_of_three_hundred_characters_is_broken_too():
    within_margins(set_on(noisy(0, 60), "w" * 300))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("low", "high"), [(0, 40), (200, 255), (0, 255), (90, 160)])
def test_contrast_holds_on_any_picture(low, high, seed):
    picture = noisy(low, high, seed)
    planned = set_on(picture, "Contrast", "Somebody")
    assert planned.contrast >= CONTRAST
    # Measured anew on the finished cover, without the text itself.
    veil = draw_lettering(picture, Lettering((), planned.ink, planned.scrim, 0.0))
    first, last = planned.lines[0], planned.lines[-1]
    box = [round(400 * edge) for edge in (MARGIN, first.y - 0.7 * first.size, MARGIN + first.width, last.y)]
    behind = np.asarray(veil.crop(box)).reshape(-1, 3) / 255
    ink = np.array([int(planned.ink[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    ratios = contrast_ratio(relative_luminance(behind), relative_luminance(ink))
    assert np.quantile(ratios, 0.03) >= 0.97 * CONTRAST


def test_a_calm_picture_needs_no_veil():
    assert set_on(noisy(10, 20), "Night").scrim is None


def test_the_calmer_place_is_taken():
    calm_top = Image.fromarray(
        np.vstack([np.asarray(noisy(100, 110))[:200], np.asarray(noisy(0, 255))[200:]])
    )
    assert set_on(calm_top, "High").lines[0].y < 0.5
    assert set_on(calm_top.transpose(Image.Transpose.FLIP_TOP_BOTTOM), "Low").lines[0].y > 0.5


def test_a_script_without_glyphs_gives_no_text_and_says_so():
    why = letter(noisy(), "夜曲", "Somebody")
    assert isinstance(why, str)
    assert "no glyphs" in why
    planned = set_on(noisy(), "Night", "東京")
    assert len(planned.lines) == 1
    assert "the artist has characters" in planned.notes[0]
    assert letter(noisy(), " \n ") == "there is no title"


def test_without_raqm_what_is_written_from_the_right_is_left_out(monkeypatch):
    monkeypatch.setattr(lettering, "shapes_text", lambda: False)
    lettering._width.cache_clear()
    why = letter(noisy(), "שלום")
    lettering._width.cache_clear()
    assert "lacks Raqm" in why
