"""Reading pictures to change and write them: what goes with the colours stays with them."""

import errno

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from va_space.errors import ConfigError, MediaError
from va_space.media import editable
from va_space.media.editable import ENDINGS, load_editable, save_editable
from va_space.media.pictures import load_picture

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def pixels(height=20, width=30, channels=3):
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize("ending", [".png", ".tif", ".bmp"])
def test_colours_survive_a_round_trip_without_loss(tmp_path, ending):
    Image.fromarray(pixels()).save(tmp_path / "a.png")
    save_editable(tmp_path / f"b{ending}", load_editable(tmp_path / "a.png"))
    assert np.array_equal(np.asarray(Image.open(tmp_path / f"b{ending}")), pixels())


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_can_be_written_and_read(tmp_path, ending):
    Image.fromarray(pixels(channels=4)).save(tmp_path / "a.png")
    save_editable(tmp_path / f"b{ending.upper()}", load_editable(tmp_path / "a.png"))
    with Image.open(tmp_path / f"b{ending.upper()}") as image:
        assert image.size == (30, 20)


def test_transparency_is_kept_with_the_colours_under_it(tmp_path):
    given = pixels(channels=4)
    Image.fromarray(given).save(tmp_path / "a.png")
    picture = load_editable(tmp_path / "a.png")
    assert np.array_equal(np.asarray(picture.image), given[..., :3])
    assert np.array_equal(np.asarray(picture.alpha), given[..., 3])
    assert np.array_equal(np.asarray(picture.seen()), np.asarray(load_picture(tmp_path / "a.png")))
    save_editable(tmp_path / "b.png", picture)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "b.png")), given)


def test_a_format_without_transparency_gets_what_is_seen(tmp_path):
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.png")
    save_editable(tmp_path / "b.bmp", load_editable(tmp_path / "a.png"))
    assert Image.open(tmp_path / "b.bmp").getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_pictures_come_out_upright_once(tmp_path, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = "someone"
    Image.fromarray(pixels(channels=4)).save(tmp_path / "a.png", exif=exif)
    picture = load_editable(tmp_path / "a.png")
    assert picture.image.size == picture.alpha.size == load_picture(tmp_path / "a.png").size
    assert np.array_equal(np.asarray(picture.seen()), np.asarray(load_picture(tmp_path / "a.png")))
    save_editable(tmp_path / "b.png", picture)
    with Image.open(tmp_path / "b.png") as image:
        assert image.getexif()[ExifTags.Base.Orientation] == 1
        assert image.getexif()[ExifTags.Base.Artist] == "someone"
        assert np.array_equal(np.asarray(load_picture(image)), np.asarray(picture.seen()))


def test_a_colour_profile_stays_where_it_still_tells_the_truth(tmp_path):
    Image.fromarray(pixels()).save(tmp_path / "rgb.jpg", icc_profile=PROFILE)
    picture = load_editable(tmp_path / "rgb.jpg")
    save_editable(tmp_path / "b.png", picture)
    assert Image.open(tmp_path / "b.png").info["icc_profile"] == PROFILE
    Image.fromarray(pixels()).convert("L").save(tmp_path / "grey.png", icc_profile=PROFILE)
    save_editable(tmp_path / "c.png", load_editable(tmp_path / "grey.png"))
    assert "icc_profile" not in Image.open(tmp_path / "c.png").info


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "F"])
def test_other_modes_become_rgb_as_for_the_encoder(tmp_path, mode):
    if mode in ("I;16", "F"):
        image = Image.fromarray(pixels(channels=1)[..., 0].astype("uint16" if mode == "I;16" else "float32"))
    else:
        image = Image.fromarray(pixels(channels=4 if mode == "LA" else 3)).convert(mode)
    image.save(tmp_path / "a.tif")
    picture = load_editable(tmp_path / "a.tif")
    assert picture.image.mode == "RGB"
    assert np.array_equal(np.asarray(picture.seen()), np.asarray(load_picture(tmp_path / "a.tif")))


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "large.png")
    with pytest.raises(MediaError, match=r"20000 x 20000 .* more than the limit"):
        load_editable(tmp_path / "large.png")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n and then nothing"])
def test_what_is_no_picture_is_named(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(MediaError, match=r"a\.png"):
        load_editable(tmp_path / "a.png")


def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch):
    picture = editable.EditablePicture(Image.fromarray(pixels()))

    def full(self, path, **options):
        path.write_bytes(b"half a picture")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="No space left"):
        save_editable(tmp_path / "a.png", picture)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_too_long_for_its_format(tmp_path):
    picture = editable.EditablePicture(Image.new("RGB", (20_000, 2)))
    with pytest.raises(MediaError, match=r"a\.webp.*WEBP"):
        save_editable(tmp_path / "a.webp", picture)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending(tmp_path):
    with pytest.raises(ConfigError, match=r"end with \.png"):
        save_editable(tmp_path / "a.doc", editable.EditablePicture(Image.new("RGB", (2, 2))))
