import warnings
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
import torch
from bad_files import bomb_png
from hypothesis import given
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageFile

from va_space.errors import MediaError
from va_space.media.pictures import load_picture, picture_to_tensor

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# exif orientation -> what has to be done to the stored picture to see it upright (EXIF 2.3, tag 0x0112)
UPRIGHT = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels),
}


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)


def smooth(height, width):
    """A picture that survives JPEG: a ramp to the right in red, downwards in green."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * x / width, 255 * y / height, np.full((height, width), 90)], 2).astype(np.uint8)


@pytest.mark.parametrize(
    "kind", ["BMP", "GIF", "ICO", "JPEG2000", "PCX", "PNG", "PPM", "SGI", "TGA", "TIFF", "WEBP"]
)
def test_formats(tmp_path, kind):
    expected = np.zeros((16, 16, 3), np.uint8)
    expected[:8], expected[8:] = RED, BLUE
    path = tmp_path / "picture.dat"  # the content decides, not the extension
    Image.fromarray(expected).save(path, kind, **({"lossless": True} if kind == "WEBP" else {}))
    picture = load_picture(path)
    assert picture.mode == "RGB"
    np.testing.assert_array_equal(picture, expected)


def test_path_name_and_image_are_the_same(tmp_path, pixels):
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    for source in (path, str(path), Image.open(path), Image.fromarray(pixels)):
        np.testing.assert_array_equal(load_picture(source), pixels)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_exif_orientation(tmp_path, pixels, orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned"
    lossless = {"lossless": True} if kind == "WEBP" else {}
    Image.fromarray(pixels).save(path, kind, exif=exif, **lossless)
    picture = load_picture(path)
    np.testing.assert_array_equal(picture, UPRIGHT[orientation](pixels))
    np.testing.assert_array_equal(load_picture(Image.open(path)), picture)
    np.testing.assert_array_equal(load_picture(picture), picture)  # not turned again


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_reduced_decoding_of_jpeg(tmp_path, orientation):
    pixels = smooth(480, 800)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "large.jpg"
    Image.fromarray(pixels).save(path, exif=exif, quality=95)
    reduced = load_picture(path, min_side=100)
    whole = load_picture(path)
    assert sorted(reduced.size) == [120, 200]  # a quarter: an eighth would have a side of 60
    assert (reduced.width > reduced.height) == (whole.width > whole.height)
    a, b = (picture_to_tensor(picture, 64).float() for picture in (reduced, whole))
    assert (a - b).abs().max() < 6
    np.testing.assert_allclose(whole, UPRIGHT[orientation](pixels), atol=12)


def test_small_pictures_are_not_reduced(tmp_path):
    Image.fromarray(smooth(90, 120)).save(tmp_path / "small.jpg")
    assert load_picture(tmp_path / "small.jpg", min_side=100).size == (120, 90)


def rgba(alpha):
    return Image.new("RGBA", (4, 4), (*RED, alpha))


@pytest.mark.parametrize(("alpha", "expected"), [(255, RED), (0, WHITE), (51, (255, 204, 204))])
def test_alpha_is_laid_over_white(alpha, expected):
    assert load_picture(rgba(alpha)).getpixel((0, 0)) == expected
    assert (
        load_picture(Image.fromarray(np.full((4, 4, 4), (*RED, alpha), np.uint8))).getpixel((1, 1))
        == expected
    )


@pytest.mark.parametrize(("mode", "steps"), [("LA", ["LA"]), ("La", ["LA", "La"]), ("RGBa", ["RGBa"])])
def test_other_modes_with_alpha(mode, steps):
    image = rgba(0)
    for step in steps:
        image = image.convert(step)
    assert image.mode == mode
    assert load_picture(image).getpixel((0, 0)) == WHITE


def test_palette_with_alpha():
    image = Image.new("PA", (4, 4))
    image.putpalette([*RED, *BLUE])
    image.putalpha(Image.new("L", (4, 4), 51))
    assert image.mode == "PA"
    assert load_picture(image).getpixel((0, 0)) == (255, 204, 204)


def test_palette_with_transparency(tmp_path):
    image = Image.new("P", (4, 4), 0)
    image.putpalette([*RED, *BLUE])
    image.putpixel((1, 0), 1)
    for kind in ("PNG", "GIF"):
        image.save(tmp_path / "p", kind, transparency=0)
        picture = load_picture(tmp_path / "p")
        assert picture.getpixel((0, 0)) == WHITE
        assert picture.getpixel((1, 0)) == BLUE
    image.save(tmp_path / "p", "PNG", transparency=bytes([51, 255]))
    assert load_picture(tmp_path / "p").getpixel((0, 0)) == (255, 204, 204)
    image.save(tmp_path / "p", "PNG")
    assert load_picture(tmp_path / "p").getpixel((0, 0)) == RED


def test_one_transparent_colour(tmp_path):
    Image.new("RGB", (2, 2), RED).save(tmp_path / "a.png", transparency=RED)
    assert load_picture(tmp_path / "a.png").getpixel((0, 0)) == WHITE


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "YCbCr", "HSV", "LAB", "RGBX", "P"])
def test_other_modes(mode):
    image = Image.new("RGB", (4, 4), WHITE)
    if mode == "LAB":
        image = Image.merge("LAB", [Image.new("L", (4, 4), level) for level in (255, 128, 128)])
    picture = load_picture(image.convert(mode))
    assert picture.mode == "RGB"
    np.testing.assert_allclose(picture, 255, atol=2)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_files(tmp_path, kind):
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    image.save(tmp_path / "cmyk", kind)
    np.testing.assert_allclose(load_picture(tmp_path / "cmyk"), np.full((8, 8, 3), RED), atol=3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path, kind):
    grey = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(grey).save(tmp_path / "deep", kind)
    picture = np.asarray(load_picture(tmp_path / "deep"))
    np.testing.assert_array_equal(picture[:, :, 0], np.round(grey / 257))
    assert (picture == picture[:, :, :1]).all()


def test_whole_numbers_and_floats_without_a_fixed_white():
    ramp = np.linspace(0, 1, 256).reshape(16, 16)
    expected = np.round(ramp * 255)
    for scaled in (ramp, ramp * 255, ramp * 65535):
        picture = load_picture(Image.fromarray(scaled.astype(np.float32)))
        np.testing.assert_allclose(np.asarray(picture)[:, :, 0], expected, atol=0.6)
    for scaled in (ramp * 65535, ramp * 2e9 - 1e9):  # as 16 bit; stretched
        picture = load_picture(Image.fromarray(scaled.astype(np.int32)))
        np.testing.assert_allclose(np.asarray(picture)[:, :, 0], expected, atol=1)
    assert load_picture(Image.new("F", (2, 2), -5.0)).getpixel((0, 0)) == (0, 0, 0)
    with pytest.raises(MediaError, match="NaN"):
        load_picture(Image.new("F", (2, 2), float("nan")))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_animations_give_their_first_frame(tmp_path, kind):
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN, BLUE)]
    frames[0].save(tmp_path / "a", kind, save_all=True, append_images=frames[1:])
    np.testing.assert_allclose(load_picture(tmp_path / "a"), np.full((16, 16, 3), RED), atol=2)


@given(
    hnp.arrays(
        np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=8).map(lambda s: (*s[:2], 3))
    )
)
def test_arrays_and_tensors_of_either_layout_and_type(pixels):
    if 3 in pixels.shape[:2] or 1 in pixels.shape[:2] or 4 in pixels.shape[:2]:
        pixels = np.pad(pixels, ((5, 0), (5, 0), (0, 0)))  # only one axis can be the channels
    channels_first = np.moveaxis(pixels, 2, 0)
    for array in (pixels, channels_first, pixels / 255, channels_first.astype(np.float16) / 255):
        np.testing.assert_array_equal(load_picture(array), pixels)
        np.testing.assert_array_equal(load_picture(torch.from_numpy(np.array(array))), pixels)
    coarse = torch.from_numpy(channels_first.copy()).to(torch.bfloat16) / 255
    np.testing.assert_allclose(load_picture(coarse), pixels, atol=1)


def test_arrays_that_could_be_read_both_ways():
    array = np.arange(3 * 5 * 3, dtype=np.uint8).reshape(3, 5, 3)
    np.testing.assert_array_equal(load_picture(array), array)
    np.testing.assert_array_equal(load_picture(torch.from_numpy(array)), array.transpose(1, 2, 0))


def test_grey_arrays_and_arrays_with_alpha():
    grey = np.arange(30, dtype=np.uint8).reshape(5, 6)
    for array in (grey, grey[:, :, None], grey[None], grey / 255):
        np.testing.assert_array_equal(load_picture(array), np.repeat(grey[:, :, None], 3, 2))
    assert load_picture(np.zeros((5, 6, 4), np.float32)).getpixel((0, 0)) == WHITE


def test_a_tensor_with_gradient():
    assert load_picture(torch.full((3, 5, 6), 0.5, requires_grad=True)).getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.full((5, 6, 3), np.nan), "NaN"),
        (np.full((5, 6, 3), np.inf), "infinite"),
        (np.full((5, 6, 3), 200.0), r"\[0, 1\]"),
        (np.full((5, 6, 3), -2.1), r"\[0, 1\]"),
        (np.zeros((5, 6, 3), np.int64), "int64"),
        (np.zeros((5, 6, 2), np.uint8), "channels"),
        (np.zeros((2, 5, 6, 3), np.uint8), "one at a time"),
        (np.zeros(7, np.uint8), "shape"),
        (np.zeros((0, 6, 3), np.uint8), "0 pixels"),
    ],
)
def test_arrays_that_are_no_pictures(array, reason):
    for source in (array, torch.from_numpy(array)):
        with pytest.raises(MediaError, match=reason):
            load_picture(source)


def test_neither_file_nor_array():
    with pytest.raises(MediaError, match="not a picture"):
        load_picture(b"bytes")


def test_pixel_limit_comes_from_the_header_and_is_ours(tmp_path):
    path = tmp_path / "bomb.png"
    limits = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Pillow would warn about the first, refuse the second, and let the third pass.
        for width, height in ((12_000, 9_000), (50_000, 50_000), (8_000, 8_000)):
            path.write_bytes(bomb_png(width, height))
            with pytest.raises(
                MediaError, match=rf"bomb\.png: {width} x {height} pixels is more than the limit"
            ):
                load_picture(path, max_pixels=1_000_000)
    assert limits == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    for source in (np.zeros((20, 20, 3), np.uint8), Image.new("RGB", (20, 20))):
        assert load_picture(source, max_pixels=400).size == (20, 20)
        with pytest.raises(MediaError, match="limit of 399"):
            load_picture(source, max_pixels=399)


def test_the_limit_can_be_above_pillows(tmp_path):
    path = tmp_path / "large.jpg"
    Image.new("L", (9500, 9500)).save(path)
    assert Image.MAX_IMAGE_PIXELS < 9500**2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_picture(path, min_side=1000).size == (1188, 1188)


@pytest.mark.filterwarnings("ignore:Image was not the expected size")
def test_a_large_picture_inside_an_icon(tmp_path):
    """An ICO tells at most 256 x 256 in its directory and can hold a PNG of any size."""
    png = BytesIO()
    Image.new("RGB", (300, 300)).save(png, "PNG")
    entry = b"\x10\x10\0\0\1\0\x20\0" + len(png.getvalue()).to_bytes(4, "little") + (22).to_bytes(4, "little")
    path = tmp_path / "a.ico"
    path.write_bytes(b"\0\0\1\0\1\0" + entry + png.getvalue())
    assert load_picture(path).size == (300, 300)
    with pytest.raises(MediaError, match="limit"):
        load_picture(path, max_pixels=10_000)


def test_many_threads(tmp_path):
    for number in range(20):
        Image.new("RGB", (40, 30), (number, 0, 0)).save(tmp_path / f"{number}.png")
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(load_picture, [tmp_path / f"{number}.png" for number in range(20)] * 5))
    assert [picture.getpixel((5, 5))[0] for picture in pictures] == list(range(20)) * 5


@pytest.mark.parametrize("size", [(50, 31), (900, 31), (2400, 1800), (16, 16)])
def test_picture_to_tensor_is_the_whole_picture_antialiased(size):
    width, height = size
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))
    tensor = picture_to_tensor(picture, 16)
    assert tensor.shape == (3, 16, 16)
    assert tensor.dtype == torch.uint8
    assert tensor.is_contiguous()
    reference = torch.nn.functional.interpolate(
        torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].double(),
        size=(16, 16),
        mode="bilinear",
        antialias=True,
    )[0]
    assert (tensor - reference).abs().max() < 5  # two steps and whole numbers against one and floats
