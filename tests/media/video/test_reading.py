"""Videos frame by frame, and sound on the file's clock."""

import struct
from fractions import Fraction

import numpy as np
import pytest
import soundfile
from bad_files import write_silent_video
from videos import clicks, make_video

from va_space.errors import MediaError
from va_space.media.video.reading import open_soundtrack, open_video

pytest.importorskip("av", reason="needs the extra av")

GREYS = [(level, level, level) for level in (20, 80, 140, 200)]


def read(path):
    with open_video(path) as (info, frames):
        return info, [(frame.pts * info.time_base, frame.to_ndarray(format="rgb24")) for frame in frames]


def sound(path, **options):
    with open_soundtrack(path, **options) as (info, frames):
        frames = list(frames)
        assert [frame.pts for frame in frames] == list(
            np.cumsum([0, *[frame.samples for frame in frames[:-1]]])
        )
        return info, np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def test_variable_times_are_kept_and_begin_at_0(tmp_path):
    path = make_video(tmp_path / "a.mkv", GREYS, times=[5, 6, 16, 19], time_base=Fraction(1, 20))
    info, frames = read(path)
    assert [float(time) for time, _ in frames] == [0, 0.05, 0.55, 0.7]
    assert float(info.start) == 0.25
    assert (info.width, info.height) == (48, 32)
    np.testing.assert_allclose([pixels.mean() for _, pixels in frames], [20, 80, 140, 200], atol=4)


def test_frames_are_upright(tmp_path):
    left_dark = np.repeat([[20] * 3, [200] * 3], 24, axis=0)
    path = make_video(tmp_path / "a.mp4", [left_dark] * 3)
    content = path.read_bytes()
    # The display matrix in the track's header: no turn, and a quarter turn clockwise.
    one, minus_one = struct.pack(">i", 1 << 16), struct.pack(">i", -(1 << 16))
    zero, last = bytes(4), struct.pack(">i", 1 << 30)
    upright = one + 3 * zero + one + 3 * zero + last
    turned = zero + one + zero + minus_one + 4 * zero + last
    place = content.index(upright, content.index(b"tkhd"))
    path.write_bytes(content[:place] + turned + content[place + len(upright) :])
    info, frames = read(path)
    assert (info.width, info.height) == (32, 48)
    for _, pixels in frames:
        assert pixels.shape == (48, 32, 3)
        assert pixels[:20].mean() < 40
        assert pixels[28:].mean() > 180


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_sound_stays_where_it_is_on_the_pictures_clock(tmp_path, name):
    path = make_video(tmp_path / name, GREYS, sound=clicks([0.25], 1), sound_start=0.5)
    with open_video(path) as (info, _):
        start = info.start
    there, samples = sound(path, start=start)
    assert there.layout == "mono"
    # The picture begins at 0, the sound at 0.5, the click 0.25 later. AAC smears it a little.
    assert np.flatnonzero(np.abs(samples[0]) > 0.4)[0] / there.rate == pytest.approx(0.75, abs=0.02)


def test_sound_is_the_files_own_with_its_channels(tmp_path):
    generator = np.random.default_rng(0)
    samples = generator.uniform(-0.5, 0.5, (30_000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, 44_100, subtype="FLOAT")
    info, read_samples = sound(tmp_path / "a.wav")
    assert (info.rate, info.layout) == (44_100, "stereo")
    np.testing.assert_allclose(read_samples.T, samples, atol=1e-6)


def test_unusual_rates_become_48_kHz(tmp_path):
    soundfile.write(tmp_path / "a.wav", clicks([0.5], 1), 8000)
    info, samples = sound(tmp_path / "a.wav")
    assert info.rate == 48_000
    assert samples.shape[1] == pytest.approx(48_000, abs=50)


def test_what_is_no_video_says_so(tmp_path):
    text = tmp_path / "text.mp4"
    text.write_text("This is not a video.\n" * 50)
    with pytest.raises(MediaError, match="not a video"), open_video(text):
        pass
    music = tmp_path / "music.wav"
    soundfile.write(music, clicks([0.1], 1), 8000)
    with pytest.raises(MediaError, match="no moving picture"), open_video(music):
        pass
    with pytest.raises(MediaError, match="no such file"), open_video(tmp_path / "nowhere.mp4"):
        pass
    silent = tmp_path / "silent.mp4"
    write_silent_video(silent)
    with pytest.raises(MediaError, match="no sound"), open_soundtrack(silent):
        pass


def test_video_without_frames(tmp_path):
    path = make_video(tmp_path / "a.mkv", [], sound=clicks([0.1], 1))
    with pytest.raises(MediaError, match="without frames"), open_video(path):
        pass


def test_damaged_video(tmp_path):
    path = make_video(tmp_path / "a.mp4", GREYS * 20, size=(160, 120))
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(MediaError, match=r"not a video|damaged"):
        read(path)


def test_high_dynamic_range_is_refused(tmp_path):
    import av

    path = tmp_path / "a.mkv"
    with av.open(path, "w") as file:
        stream = file.add_stream("h264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        stream.codec_context.color_trc = 16
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    with pytest.raises(MediaError, match="dynamic range"), open_video(path):
        pass
