"""Colour tables over frames."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image

from va_space.media.video.muxing import Shape
from va_space.transfer.grading import LATENT_SIZE, apply_grade
from va_space.transfer.lut import bake
from va_space.transfer.video.lut_filter import LUT_SIZE, LutFilter

av = pytest.importorskip("av", reason="needs the extra av")

TICK = Fraction(1, 25)
SHAPE = Shape(64, 48, 1 / TICK, TICK)


@pytest.fixture
def pixels():
    """(48, 64, 3) uint8, smooth, with all kinds of colours."""
    coarse = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((64, 48), Image.Resampling.BICUBIC))


def frame_of(pixels, number=0):
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    frame.pts = number
    return frame


def grade(seed, scale=0.3):
    return scale * torch.randn(LATENT_SIZE, generator=torch.Generator().manual_seed(seed))


def test_frames_become_what_the_grade_says(pixels):
    # Odd, so that chroma is not halved, which would blur colours.
    shape = Shape(63, 47, 1 / TICK, TICK)
    pixels = pixels[:47, :63]
    colours = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None] / 255
    filter = LutFilter(frame_of(pixels), shape)
    for number in range(3):
        expected = apply_grade(grade(number)[None], colours)[0].permute(1, 2, 0).numpy() * 255
        graded = filter.apply(frame_of(pixels, number), bake(grade(number), LUT_SIZE))
        assert graded.pts == number
        assert graded.format.name == "yuv444p"
        error = np.abs(graded.to_ndarray(format="rgb24") - expected)
        assert error.mean() < 1.2
        assert np.percentile(error, 99) < 5


@pytest.mark.parametrize(("matrix", "red", "blue"), [(1, 0.2126, 0.0722), (5, 0.299, 0.114)])
@pytest.mark.parametrize("full", [False, True])
def test_colours_are_read_as_the_file_codes_them(matrix, red, blue, full):
    for colour in ([200, 60, 60], [60, 180, 60], [50, 60, 220]):
        # ITU-T H.273, equations 38 to 43.
        r, g, b = np.array(colour) / 255
        luma = red * r + (1 - red - blue) * g + blue * b
        levels = np.array([luma, (b - luma) / (2 - 2 * blue), (r - luma) / (2 - 2 * red)])
        levels = [0, 128, 128] + 255 * levels if full else [16, 128, 128] + [219, 224, 224] * levels
        planes = np.repeat(np.rint(levels).astype(np.uint8), [48 * 64, 24 * 32, 24 * 32]).reshape(72, 64)
        coded = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        coded.pts, coded.colorspace, coded.color_range = 0, matrix, 1 + full
        graded = LutFilter(coded, SHAPE).apply(coded, bake(torch.zeros(LATENT_SIZE), LUT_SIZE))
        assert (graded.colorspace, graded.color_range) == (1, 1)
        np.testing.assert_allclose(graded.to_ndarray(format="rgb24")[24, 32], colour, atol=3)


def test_size_becomes_that_of_the_shape(pixels):
    shape = Shape(32, 24, 1 / TICK, TICK)
    graded = LutFilter(frame_of(pixels), shape).apply(frame_of(pixels), bake(grade(0), LUT_SIZE))
    assert (graded.width, graded.height) == (32, 24)
