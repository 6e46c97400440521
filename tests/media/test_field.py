"""Files as they are in the field, made for this: what is right for each is in field/expected.csv."""

import csv
import struct
from pathlib import Path

import numpy as np
import pytest

from va_space.errors import MediaError
from va_space.media.audio import iter_blocks
from va_space.media.kinds import modality_of
from va_space.media.pictures import load_picture
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows

FIELD = Path(__file__).parents[1] / "field"
RATE = 22_050
with (FIELD / "expected.csv").open(encoding="utf-8") as table:
    ROWS = list(csv.DictReader(table))
WORDS = {
    "gif_cut.gif": "cut off: only 63 of 64 rows of the picture are there",
    "jpg_lead_ws.jpg": "white space before the signature: not a picture",
    "png_leading_ws.png": "white space before the signature: not a picture",
    "webp_cut.webp": "cut off: only 104 of 110 bytes of the picture are there",
}


def read(path):
    """Seconds of sound, None of a picture; and the notes."""
    notes = []
    if modality_of(path) == "picture":
        load_picture(path)
        return None, notes
    return sum(map(len, iter_blocks(path, RATE, notes=notes))) / RATE, notes


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_each_is_what_it_should_be(row):
    if row["file"].endswith(".heic"):
        pytest.importorskip("pi_heif")
    path = FIELD / row["file"]
    if row["result"] == "ok":
        seconds, notes = read(path)
        assert (seconds is None) == (row["kind"] == "picture")
        if seconds is not None:
            assert seconds == pytest.approx(float(row["seconds"]), abs=0.1)
        assert notes == (["the end mark is missing"] if "end mark" in row["words"] else notes)
    else:
        with pytest.raises(MediaError) as caught:
            read(path)
        assert caught.value.reason == WORDS[row["file"]]


def test_there_are_no_large_files():
    sizes = [path.stat().st_size for path in FIELD.iterdir()]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 3_000_000


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 1, 2])
def test_a_count_of_xing_is_never_relied_on(tmp_path, share):
    data = bytearray((FIELD / "xing_short.mp3").read_bytes())
    at = data.index(b"Info" if b"Info" in data else b"Xing") + 8
    data[at : at + 4] = struct.pack(">I", round(742 * share))
    (tmp_path / "a.mp3").write_bytes(data)
    seconds, notes = read(tmp_path / "a.mp3")
    assert seconds == pytest.approx(19.38, abs=0.05)
    assert any("header states" in note for note in notes) == (share == 2)


def test_zeros_between_and_behind_frames(tmp_path):
    data = (FIELD / "nox_cut1.mp3").read_bytes()
    (tmp_path / "a.mp3").write_bytes(data + bytes(4_001))
    assert read(tmp_path / "a.mp3")[0] == pytest.approx(19.41, abs=0.05)
    (tmp_path / "b.mp3").write_bytes(data + bytes(4_001) + data)
    assert read(tmp_path / "b.mp3")[0] == pytest.approx(38.82, abs=0.1)


def test_a_data_length_that_is_a_little_too_long(tmp_path):
    data = bytearray((FIELD / "data0.wav").read_bytes())
    at = data.index(b"data") + 4
    for more, whole in ((0, True), (1, True), (500, True), (1_000_000, False)):
        data[at : at + 4] = struct.pack("<I", len(data) - at - 4 + more)
        (tmp_path / "a.wav").write_bytes(data)
        if whole:
            assert read(tmp_path / "a.wav")[0] == pytest.approx(12, abs=0.01)
        else:
            with pytest.raises(MediaError, match=r"only 12\.0 of 27\.\d s can be read"):
                read(tmp_path / "a.wav")


@pytest.mark.parametrize(
    "content", [bytes(300_000), b"\x7fELF\2\1\1" + bytes(5000), b"\x1f\x8b\x08" + b"gz" * 900]
)
def test_neither_picture_nor_sound(tmp_path, content):
    (tmp_path / "a.mp3").write_bytes(content)
    with pytest.raises(MediaError, match="neither a picture nor sound"):
        read(tmp_path / "a.mp3")


def test_sound_of_several_rates_has_one_rate_in_its_windows():
    """mono_then_stereo.mp3, chained.ogg: what is joined is one recording."""
    for name, count in (("mono_then_stereo.mp3", 2), ("chained.ogg", 2)):
        windows = [window for _, window in iter_windows(FIELD / name, AudioSettings())]
        assert len(windows) == count
        assert all(np.abs(window).max() > 0.01 for window in windows)
