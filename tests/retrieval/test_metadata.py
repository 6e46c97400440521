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


def write_silence(path, codec, samples, sample_format):
    av = pytest.importorskip("av")
    with av.open(path, "w") as file:
        stream = file.add_stream(codec, rate=48000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples, format=sample_format, layout="mono")
        frame.rate = 48000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)


def test_all_artists_and_genres_are_read(tmp_path):
    write_silence(tmp_path / "x.flac", "flac", np.zeros((1, 4096), np.int16), "s16")
    data = (tmp_path / "x.flac").read_bytes()
    comments = [b"ARTIST=One", b"ARTIST=Two, Three", b"GENRE=Jazz", b"GENRE=Folk", b"TITLE=T"]
    body = b"\0\0\0\0" + len(comments).to_bytes(4, "little")
    body += b"".join(len(each).to_bytes(4, "little") + each for each in comments)
    info = bytearray(data[4:42])
    info[0] = 0
    body_start = 46 + int.from_bytes(data[43:46])  # behind the comments that are there
    block = b"\x84" + len(body).to_bytes(3) + body
    (tmp_path / "y.flac").write_bytes(b"fLaC" + bytes(info) + block + data[body_start:])
    assert read_metadata(tmp_path / "y.flac") == Metadata("T", "One; Two, Three", "", "Jazz; Folk")


def test_apev2_through_pyav(tmp_path):
    write_silence(tmp_path / "x.wv", "wavpack", np.zeros((1, 48000), np.float32), "fltp")
    items = b"".join(
        len(text).to_bytes(4, "little") + bytes(4) + name + b"\0" + text
        for name, text in (
            (b"Title", b"Song"),
            (b"Artist", b"Somebody"),
            (b"Album", b"LP"),
            (b"Genre", b"Rock"),
        )
    )
    tail = b"APETAGEX" + (2000).to_bytes(4, "little") + (len(items) + 32).to_bytes(4, "little")
    tail += (4).to_bytes(4, "little") + bytes(4) + bytes(8)
    (tmp_path / "x.wv").write_bytes((tmp_path / "x.wv").read_bytes() + items + tail)
    assert read_metadata(tmp_path / "x.wv") == Metadata("Song", "Somebody", "LP", "Rock")
