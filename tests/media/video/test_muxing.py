"""Videos as they are written."""

import resource
from fractions import Fraction

import numpy as np
import pytest
import soundfile
from videos import clicks, listened_to, looked_at

from va_space.errors import ConfigError, MediaError
from va_space.media.video.muxing import Shape, write_video
from va_space.media.video.reading import open_soundtrack

av = pytest.importorskip("av", reason="needs the extra av")

RATE = Fraction(25)
SHAPE = Shape(64, 48, RATE, 1 / RATE)


def frames(levels, shape=SHAPE, times=None):
    """Grey frames; noise on them where they must not become small."""
    for number, level in enumerate(levels):
        pixels = np.full((shape.height, shape.width, 3), level, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=shape.pixel_format)
        frame.pts, frame.time_base = number if times is None else times[number], shape.time_base
        yield frame


def noise(count, shape=SHAPE):
    generator = np.random.default_rng(0)
    for number in range(count):
        pixels = generator.integers(0, 256, (shape.height, shape.width, 3), np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=shape.pixel_format)
        frame.pts, frame.time_base = number, shape.time_base
        yield frame


@pytest.fixture
def music(tmp_path):
    """A click in the middle of every second, for 12 s."""
    path = tmp_path / "music.wav"
    soundfile.write(path, clicks(np.arange(12) + 0.5, 12, 44_100), 44_100)
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_sound_and_picture_are_in_sync_at_the_end(tmp_path, music, name):
    # A flash in the frame that begins with each click.
    levels = [230 if 12 <= number % 25 < 14 else 20 for number in range(10 * 25)]
    with open_soundtrack(music) as sound:
        seconds = write_video(tmp_path / name, frames(levels), SHAPE, sound)
    assert seconds == 10
    flashes = [time for time, colour in looked_at(tmp_path / name) if colour.mean() > 125][::2]
    times, samples = listened_to(tmp_path / name)
    heard = [
        times[(second <= times) & (times < second + 1) & (np.abs(samples) > 0.4)][0] for second in range(10)
    ]
    np.testing.assert_allclose(flashes, np.arange(10) + 0.48, atol=1e-3)
    np.testing.assert_allclose(heard, np.arange(10) + 0.5, atol=0.005)
    # The sound ends with the video, within one block of AAC.
    assert times[-1] == pytest.approx(10, abs=0.03)


def test_times_size_and_shape_of_pixels_are_kept(tmp_path):
    shape = Shape(50, 34, Fraction(30), Fraction(1, 600), Fraction(4, 3))
    times = [0, 20, 47, 200, 203, 260]
    write_video(tmp_path / "a.mp4", frames(range(0, 240, 40), shape, times), shape)
    found = looked_at(tmp_path / "a.mp4")
    np.testing.assert_allclose([time for time, _ in found], np.array(times) / 600, atol=1e-9)
    with av.open(tmp_path / "a.mp4") as file:
        stream = file.streams.video[0]
        assert (stream.width, stream.height) == (50, 34)
        assert stream.sample_aspect_ratio == Fraction(4, 3)


def test_odd_sizes_are_kept(tmp_path):
    shape = Shape(51, 33, RATE, 1 / RATE)
    write_video(tmp_path / "a.mp4", frames([0, 100, 200], shape), shape)
    with av.open(tmp_path / "a.mp4") as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (51, 33)


def test_without_frames_or_with_another_ending_there_is_no_file(tmp_path):
    with pytest.raises(MediaError, match="no frames"):
        write_video(tmp_path / "a.mp4", frames([]), SHAPE)
    with pytest.raises(ConfigError, match=r"a.avi: videos end with .mp4"):
        write_video(tmp_path / "a.avi", frames([0]), SHAPE)
    assert not list(tmp_path.iterdir())


def test_what_fails_in_between_leaves_nothing(tmp_path):
    def failing():
        yield from noise(30)
        raise MediaError("somewhere", "damaged")

    (tmp_path / "a.mp4").write_text("what was there before")
    with pytest.raises(MediaError, match="somewhere"):
        write_video(tmp_path / "a.mp4", failing(), SHAPE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_text() == "what was there before"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_full_disk_leaves_nothing(tmp_path, name):
    # Below the limit the system refuses to write, as a full disk does, wherever the file has got to.
    write_video(tmp_path / name, noise(60), SHAPE)
    size = (tmp_path / name).stat().st_size
    (tmp_path / name).unlink()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (0, 100, size // 2, size - 2000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            with pytest.raises(OSError, match=name) as caught:
                write_video(tmp_path / name, noise(60), SHAPE)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert "cannot be written" in str(caught.value)
        assert not list(tmp_path.iterdir())
