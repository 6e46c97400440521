"""Metadata of the common formats, and of files that have none or bad ones."""

import numpy as np
import pytest
import soundfile

from va_space.retrieval.metadata import Metadata, read_metadata

SAMPLES = np.zeros(8000, np.float32)
PIECE = {"title": "Träumerei – Op. 15/7", "artist": "Schumann", "album": "Kinderszenen", "genre": "Klassik"}


@pytest.mark.parametrize("ending", ["flac", "ogg", "wav"])
def test_tags_written_by_libsndfile(tmp_path, ending):
    with soundfile.SoundFile(tmp_path / f"x.{ending}", "w", samplerate=8000, channels=1) as file:
        for name, text in PIECE.items():
            setattr(file, name, text)
        file.write(SAMPLES)
    assert read_metadata(tmp_path / f"x.{ending}") == Metadata(**PIECE)


@pytest.mark.parametrize(("ending", "codec"), [("mp3", "libmp3lame"), ("m4a", "aac"), ("opus", "libopus")])
def test_tags_written_by_ffmpeg(tmp_path, ending, codec):
    av = pytest.importorskip("av")
    with av.open(tmp_path / f"x.{ending}", "w") as file:
        file.metadata.update(PIECE)
        stream = file.add_stream(codec, rate=48000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), format="flt", layout="mono")
        frame.rate = 48000
        size = stream.codec_context.frame_size
        for converted in av.AudioResampler(stream.format.name, "mono", 48000, size).resample(frame):
            file.mux(stream.encode(converted))
        file.mux(stream.encode(None))
    assert read_metadata(tmp_path / f"x.{ending}") == Metadata(**PIECE)


def test_without_tags_the_file_name_is_the_title(tmp_path):
    soundfile.write(tmp_path / "Nr. 3.wav", SAMPLES, 8000)
    assert read_metadata(tmp_path / "Nr. 3.wav") == Metadata("Nr. 3")
    assert read_metadata(str(tmp_path / "Nr. 3.wav")) == Metadata("Nr. 3")


def test_tags_become_one_line_of_text(tmp_path):
    with soundfile.SoundFile(tmp_path / "x.flac", "w", samplerate=8000, channels=1) as file:
        file.title, file.artist = " Two\n lines\t", "   "
        file.write(SAMPLES)
    assert read_metadata(tmp_path / "x.flac") == Metadata("Two lines")


def test_damaged_tags_and_files_without_any_are_no_error(tmp_path):
    random = np.random.default_rng(0)
    with soundfile.SoundFile(tmp_path / "x.flac", "w", samplerate=8000, channels=1) as file:
        file.title, file.artist = "Long title " * 9, "Somebody"
        file.write(SAMPLES)
    whole = (tmp_path / "x.flac").read_bytes()
    for ending in ("flac", "mp3", "ogg", "wav", "m4a", "wma", "aiff"):
        for head in (b"", b"ID3\x04\x00\x00\x00\x7f\x7f\x7f", b"OggS", b"RIFF\xff\xff\xff\xffWAVE", b"FORM"):
            (tmp_path / f"bad.{ending}").write_bytes(head + random.bytes(300))
            tags = read_metadata(tmp_path / f"bad.{ending}")
            assert tags.title
            assert "\n" not in "".join([tags.title, tags.artist, tags.album, tags.genre])
    for position in range(0, 200, 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        (tmp_path / "bad.flac").write_bytes(damaged[: 150 + position])
        read_metadata(tmp_path / "bad.flac").title.encode()
    assert read_metadata(tmp_path / "none.mp3") == Metadata("none")
