import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from sounds import encode, tone

from va_space.errors import MediaError
from va_space.media.kinds import find_media, modality_of

PICTURES = [
    "AVIF",
    "BMP",
    "DDS",
    "GIF",
    "ICO",
    "JPEG",
    "JPEG2000",
    "PCX",
    "PNG",
    "PPM",
    "TGA",
    "TIFF",
    "WEBP",
]
SOUNDS = {
    "WAV": "PCM_16",
    "FLAC": "PCM_16",
    "OGG": "VORBIS",
    "MP3": "MPEG_LAYER_III",
    "AIFF": "PCM_16",
    "AU": "PCM_16",
    "CAF": "PCM_16",
    "VOC": "PCM_16",
    "W64": "PCM_16",
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_whatever_they_are_called(tmp_path, kind):
    if kind not in Image.registered_extensions().values():
        pytest.skip(f"this Pillow cannot write {kind}")
    for name in ("a", "a.mp3", "a.wav", "a.txt"):
        Image.new("RGB", (20, 10)).save(tmp_path / name, kind)
        assert modality_of(tmp_path / name) == "picture"
        assert modality_of(str(tmp_path / name)) == "picture"


@pytest.mark.parametrize("kind", SOUNDS)
def test_sounds_whatever_they_are_called(tmp_path, kind):
    for name in ("a", "a.jpg", "a.tga", "a.txt"):
        soundfile.write(tmp_path / name, tone(0.5, 16_000), 16_000, format=kind, subtype=SOUNDS[kind])
        assert modality_of(tmp_path / name) == "music"


def test_containers(tmp_path):
    for container, codec in {"mp4": "aac", "adts": "aac", "webm": "libopus", "mpegts": "aac"}.items():
        path = encode(tmp_path / "a.jpg", tone(1, 48_000)[None], 48_000, codec, container=container)
        assert modality_of(path) == "music"


@pytest.mark.parametrize("name", ["a.jpg", "a.mp3", "a.tga", "a.vox", "a.eps", "a.mpg"])
@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"Just a text\n" * 100,
        b"P is a letter",
        bytes(5000),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"%PDF-1.7\n",
        b"\0\0\1\xb3" + bytes(100),
        b"GRIB\0\0\0\1" + bytes(100),
        b"\x89HDF\r\n\x1a\n" + bytes(100),
        np.random.default_rng(0).bytes(10_000),
    ],
    ids=["json", "text", "P", "zeros", "eps", "pdf", "mpeg", "grib", "hdf5", "noise"],
)
def test_neither(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=rf"{name}: neither a picture nor sound"):
        modality_of(tmp_path / name)


def test_objects():
    assert modality_of(Image.new("RGB", (4, 4))) == "picture"
    for shape in ((5, 6, 3), (3, 5, 6), (5, 6, 1), (4, 5, 6)):
        assert modality_of(np.zeros(shape)) == "picture"
        assert modality_of(torch.zeros(shape)) == "picture"
    assert modality_of((np.zeros(9), 8000)) == "music"
    assert modality_of((torch.zeros(2, 9), 8000)) == "music"


@pytest.mark.parametrize("wrong", [np.zeros(9), torch.zeros(9), np.zeros((5, 6)), np.zeros((2, 3, 5, 6))])
def test_arrays_that_say_too_little(wrong):
    with pytest.raises(MediaError, match=r"music as \(samples, sample rate\)"):
        modality_of(wrong)


@pytest.mark.parametrize("wrong", [(np.zeros(9),), (8000, np.zeros(9)), b"bytes", None, 7])
def test_other_objects(wrong):
    with pytest.raises(MediaError):
        modality_of(wrong)


def test_find_media(tmp_path):
    wanted = ["b/1.JPG", "b/2.Mp3", "b/c/3.m4a", "a.png", "z.opus", "video.mp4"]
    for name in [*wanted, "notes.txt", "data.mat", "list.m3u", ".hidden.jpg", ".git/x.jpg", "b/.DS_Store"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    found = [path.relative_to(tmp_path).as_posix() for path in find_media([tmp_path])]
    assert found == ["a.png", "b/1.JPG", "b/2.Mp3", "b/c/3.m4a", "gone.jpg", "video.mp4", "z.opus"]
    assert list(find_media([str(tmp_path)])) == list(find_media([tmp_path]))


def test_files_that_are_named_are_always_yielded(tmp_path):
    (tmp_path / "notes.txt").touch()
    named = [tmp_path / "notes.txt", tmp_path / "missing.jpg"]
    assert list(find_media(named)) == named


def test_a_linked_folder_is_walked_once(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "1.jpg").touch()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    assert list(find_media([tmp_path])) == [tmp_path / "linked" / "1.jpg"]
