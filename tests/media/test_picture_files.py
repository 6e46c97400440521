"""Side data, colours, memory and cut pictures."""

import struct
import sys
import threading
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from mutations import picture
from PIL import Image, ImageCms

from va_space.errors import MediaError, MissingExtraError
from va_space.media import colours, jpeg, picture_files
from va_space.media.budget import Budget
from va_space.media.exif import orientation
from va_space.media.kinds import find_media, modality_of
from va_space.media.pictures import load_picture

FIELD = Path(__file__).parents[1] / "field"
SRGB = ImageCms.createProfile("sRGB")


def wide_gamut() -> bytes:
    """An RGB profile that is not sRGB: sRGB's with red and green primaries exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(SRGB).tobytes())
    count = struct.unpack_from(">I", data, 128)[0]
    at = {bytes(data[132 + 12 * n : 136 + 12 * n]): 136 + 12 * n for n in range(count)}
    red, green = at[b"rXYZ"], at[b"gXYZ"]
    data[red : red + 8], data[green : green + 8] = data[green : green + 8], data[red : red + 8]
    return bytes(data)


def apart(one, other) -> float:
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_colours_become_srgb_as_imagecms_converts_them(tmp_path, kind):
    profile = wide_gamut()
    picture().save(tmp_path / "a", kind, icc_profile=profile, **({"quality": 95} if kind == "JPEG" else {}))
    stored = Image.open(tmp_path / "a").convert("RGB")
    expected = ImageCms.profileToProfile(stored, BytesIO(profile), SRGB, outputMode="RGB")
    assert apart(load_picture(tmp_path / "a"), expected) < 0.01
    assert apart(expected, stored) > 10


def test_a_profile_that_says_srgb_changes_nothing(tmp_path):
    picture().save(tmp_path / "a.png", icc_profile=ImageCms.ImageCmsProfile(SRGB).tobytes())
    assert apart(load_picture(tmp_path / "a.png"), picture()) == 0
    assert colours.from_profile(b"no profile" * 20, "RGB") is None
    assert colours.from_profile(wide_gamut(), "CMYK") is None  # for another mode


def test_transparent_colours_are_converted_before_they_are_laid_over_white(tmp_path):
    image = picture()
    image.putalpha(128)
    image.save(tmp_path / "a.png", icc_profile=wide_gamut())
    opaque = ImageCms.profileToProfile(picture(), BytesIO(wide_gamut()), SRGB, outputMode="RGB")
    expected = Image.blend(Image.new("RGB", opaque.size, "white"), opaque, 128 / 255)
    assert apart(load_picture(tmp_path / "a.png"), expected) < 1


def with_chunk(name: bytes, content: bytes) -> bytes:
    file = BytesIO()
    picture().save(file, "PNG")
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return file.getvalue()[:33] + chunk + file.getvalue()[33:]


def test_gamma_of_png(tmp_path):
    for gamma, exponent in ((100_000, 1 / 2.2), (45_455, 1), (22_727, 2)):
        (tmp_path / "a.png").write_bytes(with_chunk(b"gAMA", struct.pack(">I", gamma)))
        expected = 255 * (np.asarray(picture()) / 255) ** exponent
        assert apart(load_picture(tmp_path / "a.png"), np.round(expected)) < 0.6


def test_orientation_out_of_damaged_exif():
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = exif.tobytes()
    assert orientation(whole) == 6
    for count in range(len(whole)):
        assert orientation(whole[:count]) in (1, 6)
    assert orientation(b"Exif\0\0garbage") == 1
    assert orientation(None, '<x tiff:Orientation="8"/>') == 8


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_cut_jpeg_says_how_much_is_there(tmp_path, share, progressive):
    file = BytesIO()
    picture().save(file, "JPEG", quality=95, progressive=progressive)
    data = file.getvalue()
    (tmp_path / "a.jpg").write_bytes(data[: int(share * len(data))])
    words = r"only about \d+% of the picture" if progressive else r"only \d+ of 64 rows of the picture"
    with pytest.raises(MediaError, match=rf"a\.jpg: cut off: {words}"):
        load_picture(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes(data[:-2])
    assert apart(load_picture(tmp_path / "a.jpg"), picture()) < 6
    assert jpeg.share_of_scans(data, last_is_whole=True) == (1 if progressive else None)


@pytest.mark.parametrize(
    ("ending", "head"),
    [
        ("blp", b"BLP2" + struct.pack("<I4B2I", 1, 1, 0, 0, 0, 9_900, 9_900) + bytes(160)),
        (
            "bmp",
            b"BM" + struct.pack("<4I2i2H6I", 200, 0, 54, 40, 9_900, 9_900, 1, 24, 0, 0, 0, 0, 0, 0),
        ),
        ("ppm", b"P6 9900 9900 255\n" + bytes(100)),
    ],
)
def test_nothing_is_allocated_for_pixels_that_cannot_be_there(tmp_path, ending, head):
    (tmp_path / f"a.{ending}").write_bytes(head)
    with pytest.raises(MediaError, match="bytes cannot hold 9900 x 9900 pixels"):
        load_picture(tmp_path / f"a.{ending}")


def test_what_takes_too_much_memory_is_refused_with_its_figure(tmp_path, monkeypatch):
    picture().save(tmp_path / "a.webp")
    monkeypatch.setattr(picture_files, "_MOST", 50_000)
    with pytest.raises(MediaError, match=r"96 x 64 pixels of WEBP take 0 MB to decode"):
        load_picture(tmp_path / "a.webp", min_side=10)


def test_the_budget_is_never_overdrawn_and_all_get_their_turn():
    budget, held, most, lock = Budget(100), 0, 0, threading.Lock()

    def take(amount: int) -> None:
        nonlocal held, most
        with budget.hold(amount):
            with lock:
                held += amount
                most = max(most, held)
            threading.Event().wait(0.002)
            with lock:
                held -= amount

    threads = [threading.Thread(target=take, args=(amount,)) for amount in (60, 50, 40, 100, 10, 70, 30) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert held == 0
    assert 60 <= most <= 100
    with budget.hold(1_000):  # alone
        pass


def test_large_pictures_are_reduced_in_bands(tmp_path):
    y, x = np.mgrid[0:1600, 0:2400]
    pixels = np.stack([255 * x / 2400, 255 * y / 1600, (x + y) % 256], 2).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png", compress_level=1)
    small = load_picture(tmp_path / "a.png", min_side=100)
    assert small.size == (300, 320)
    assert apart(small.resize((100, 100)), Image.fromarray(pixels).resize((100, 100), reducing_gap=3.0)) < 1


def test_heic(tmp_path, monkeypatch):
    path = FIELD / "turned.heic"
    assert list(find_media([path.parent])).count(path) == 1
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    for reader in (load_picture, modality_of):
        with pytest.raises(MissingExtraError, match=r"turned\.heic.*va-space\[heif\]"):
            reader(path)
    monkeypatch.undo()
    pytest.importorskip("pi_heif")
    assert load_picture(path).size == (64, 96)
    assert modality_of(path) == "picture"
    (tmp_path / "cut.heic").write_bytes(path.read_bytes()[:500])
    with pytest.raises(MediaError, match=r"cut\.heic"):
        load_picture(tmp_path / "cut.heic")
