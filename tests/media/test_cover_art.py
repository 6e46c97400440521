import io
import os

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.errors import MediaError
from va_space.media.audio import load_section
from va_space.media.cover_art import ENDINGS, SIDE, embed_cover

av = pytest.importorskip("av", reason="needs the extra av")
tinytag = pytest.importorskip("tinytag")

RATE = 48_000


def sound_file(path):
    """Two seconds with a title."""
    samples = (0.3 * np.sin(np.arange(2 * RATE) * 0.05)).astype(np.float32)
    if path.suffix == ".ogg":  # PyAV's wheels have no encoder of Vorbis
        with soundfile.SoundFile(path, "w", RATE, 2) as file:
            file.title = "Tïtle"
            file.write(np.stack([samples, samples], 1))
        return path
    codec = {".mp3": "libmp3lame", ".m4a": "aac", ".flac": "flac", ".opus": "libopus"}
    container = {".m4a": "ipod", ".opus": "ogg"}.get(path.suffix)
    with av.open(str(path), "w", format=container) as file:
        file.metadata["title"] = "Tïtle"
        stream = file.add_stream(codec[path.suffix], rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([samples, samples]), "fltp", "stereo")
        frame.rate = RATE
        queue, resampler = av.AudioFifo(), av.AudioResampler(stream.format, "stereo", RATE)
        for each in resampler.resample(frame):
            queue.write(each)
        while (part := queue.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path


def packets(path):
    with av.open(str(path)) as file:
        return [bytes(packet) for packet in file.demux(audio=0) if packet.size]


def cover_of(path):
    return Image.open(io.BytesIO(tinytag.TinyTag.get(path, image=True).images.any.data))


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_cover_is_in_and_the_sound_is_as_it_was(tmp_path, ending):
    path = sound_file(tmp_path / f"a{ending}")
    path.chmod(0o640)
    before, heard = packets(path), load_section(path, RATE, 0, 1.9)
    for colour in ("red", "blue"):  # the second takes the place of the first
        embed_cover(path, Image.new("RGB", (2000, 2000), colour))
    assert packets(path) == before
    assert (load_section(path, RATE, 0, 1.9) == heard).all()
    cover = cover_of(path)
    assert cover.size == (SIDE, SIDE)
    assert cover.getpixel((5, 5))[2] > 200
    tag = tinytag.TinyTag.get(path)
    assert tag.title == "Tïtle"
    with av.open(str(path)) as file:
        assert [stream.type for stream in file.streams] == ["audio", "video"]
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_files_that_take_none_are_named(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 8000)
    (tmp_path / "b.mp3").write_bytes(b"no sound at all" * 50)
    with pytest.raises(MediaError, match=r"takes no cover: .*\.mp3"):
        embed_cover(tmp_path / "a.wav", Image.new("RGB", (10, 10)))
    with pytest.raises(MediaError, match="no such file"):
        embed_cover(tmp_path / "missing.mp3", Image.new("RGB", (10, 10)))
    with pytest.raises(MediaError, match="could not be put into it"):
        embed_cover(tmp_path / "b.mp3", Image.new("RGB", (10, 10)))
    assert (tmp_path / "b.mp3").read_bytes() == b"no sound at all" * 50
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.wav", "b.mp3"]


def test_a_read_only_file_is_left_alone(tmp_path, monkeypatch):
    path = sound_file(tmp_path / "a.flac")
    path.chmod(0o440)
    # The super-user may write anything: what the system says of permissions is what counts here.
    monkeypatch.setattr(os, "access", lambda file, mode: not (mode == os.W_OK and file == path))
    content = path.read_bytes()
    with pytest.raises(MediaError, match="read-only"):
        embed_cover(path, Image.new("RGB", (10, 10)))
    assert path.read_bytes() == content
