import numpy as np
import pytest

from va_space.generation.artwork.colour import (
    adjusted,
    contrast_ratio,
    hex_to_oklab,
    oklab,
    relative_luminance,
    srgb,
    to_hex,
)


def test_oklab_of_the_primaries_is_as_published():
    # Ottosson 2020, also CSS Color 4: OKLab of sRGB's red, green, blue and white.
    expected = [[0.628, 0.225, 0.126], [0.866, -0.234, 0.179], [0.452, -0.032, -0.312], [1, 0, 0]]
    found = oklab([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
    assert found == pytest.approx(np.array(expected), abs=1.5e-3)


def test_colours_come_back():
    colours = np.random.default_rng(0).uniform(0, 1, (200, 3))
    assert srgb(oklab(colours)) == pytest.approx(colours, abs=2e-3)


def test_what_lies_outside_keeps_its_lightness_and_hue():
    vivid = np.array([0.6, 0.35, 0.2], np.float32)
    fitted = oklab(srgb(vivid))
    assert fitted[0] == pytest.approx(0.6, abs=0.01)
    assert np.arctan2(fitted[2], fitted[1]) == pytest.approx(np.arctan2(0.2, 0.35), abs=0.03)
    assert np.hypot(*fitted[1:]) < np.hypot(*vivid[1:])


def test_a_hue_turns_and_chroma_grows():
    turned = adjusted([0.5, 0.1, 0.0], chroma=2.0, hue=90, lightness=0.1)
    assert turned == pytest.approx([0.6, 0.0, 0.2], abs=1e-6)


def test_codes():
    assert to_hex(hex_to_oklab("#1f4a3c")) == "#1f4a3c"


def test_contrast_is_wcags():
    # 21 for black on white; 4.48 for #777777 on white, the well-known grey that just fails.
    white, black, grey = (relative_luminance(np.full(3, value)) for value in (1.0, 0.0, 0x77 / 255))
    assert contrast_ratio(white, black) == pytest.approx(21)
    assert contrast_ratio(grey, white) == pytest.approx(4.48, abs=0.01)
