"""Pictures copied into another file, with other sound."""

from fractions import Fraction

import numpy as np
import pytest
from videos import clicks, listened_to, looked_at, make_video

from va_space.errors import MediaError
from va_space.media.video.copying import with_sound
from va_space.media.video.sound import RATE, STEREO, iter_stereo, read_stereo, sound_frames

av = pytest.importorskip("av", reason="needs the extra av")

GREYS = [(10 * number, 0, 0) for number in range(20)]


def sound(seconds=3.0, blocks=3):
    """Clicks in the middle of every second, in blocks of uneven lengths."""
    samples = np.tile(clicks(np.arange(int(seconds)) + 0.5, seconds, RATE), (2, 1))
    return STEREO, sound_frames(np.array_split(samples, blocks, axis=1))


def packets(path):
    with av.open(path) as file:
        return [bytes(packet) for packet in file.demux(file.streams.video[0]) if packet.size]


def heard(path):
    times, samples = listened_to(path)
    at = times[np.abs(samples) > 0.3]
    return at[np.append(True, np.diff(at) > 0.3)], times[-1]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_pictures_are_copied_and_the_sound_ends_with_them(tmp_path, suffix):
    video = make_video(tmp_path / f"a{suffix}", GREYS, sound=clicks([0.2], 2))
    assert with_sound(tmp_path / f"b{suffix}", video, sound())
    assert packets(tmp_path / f"b{suffix}") == packets(video)
    assert looked_at(tmp_path / f"b{suffix}")[-1][0] == pytest.approx(1.9)
    at, end = heard(tmp_path / f"b{suffix}")
    np.testing.assert_allclose(at, [0.5, 1.5], atol=0.003)
    assert end == pytest.approx(2, abs=0.03)


def test_varying_times_are_kept_and_begin_at_0(tmp_path):
    video = make_video(tmp_path / "a.mkv", GREYS[:4], times=[5, 6, 16, 39], time_base=Fraction(1, 20))
    assert with_sound(tmp_path / "b.mp4", video, sound())
    np.testing.assert_allclose([time for time, _ in looked_at(tmp_path / "b.mp4")], [0, 0.05, 0.55, 1.7])
    np.testing.assert_allclose(heard(tmp_path / "b.mp4")[0], [0.5, 1.5], atol=0.003)


def test_what_players_do_not_know_is_coded_anew(tmp_path):
    video = make_video(tmp_path / "a.mkv", GREYS, codec="ffv1")
    assert with_sound(tmp_path / "b.mkv", video, sound())
    assert not with_sound(tmp_path / "b.mp4", video, sound())
    with av.open(tmp_path / "b.mp4") as file:
        assert file.streams.video[0].codec_context.name == "h264"
    for (before, colour), (after, same) in zip(looked_at(video), looked_at(tmp_path / "b.mp4"), strict=True):
        assert after == pytest.approx(before)
        np.testing.assert_allclose(same, colour, atol=6)


def test_a_damaged_video_leaves_nothing(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no video at all")
    with pytest.raises(MediaError, match=r"a\.mp4: not a video"):
        with_sound(tmp_path / "b.mp4", tmp_path / "a.mp4", sound())
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_passages_are_cut_exactly(tmp_path):
    import soundfile

    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (3 * RATE, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", noise, RATE, subtype="FLOAT")
    np.testing.assert_allclose(read_stereo(tmp_path / "a.wav", 1.25, 0.5).T, noise[60_000:84_000], atol=1e-6)
    assert read_stereo(tmp_path / "a.wav", 2.5, 5).shape == (2, RATE // 2)
    assert sum(block.shape[1] for block in iter_stereo(tmp_path / "a.wav")) == 3 * RATE
