"""Music over time. The space's windows are 1 s long at 8 kHz."""

import numpy as np
import pytest
import soundfile

from va_space.errors import MediaError
from va_space.transfer.video.timeline import Timeline, gaussian, read_timeline

RATE = 8000


def music(*, low, high, rate=RATE, seed=0):
    """Seconds of deep tones, then seconds of noise."""
    time = np.arange(round(low * rate)) / rate
    tones = 0.3 * np.sin(2 * np.pi * 110 * time) + 0.2 * np.sin(2 * np.pi * 165 * time)
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, round(high * rate))
    return np.concatenate([tones, noise]).astype(np.float32)


@pytest.fixture(scope="module")
def stepped(tiny_space, tmp_path_factory):
    """Tones for 6 s, noise for 6.3 s."""
    path = tmp_path_factory.mktemp("music") / "a.wav"
    soundfile.write(path, music(low=6, high=6.3), RATE)
    return path


def along(timeline):
    """How far the vectors have come from the first to the last, from 0 to 1."""
    way = timeline.vectors[-1] - timeline.vectors[0]
    return (timeline.vectors - timeline.vectors[0]) @ way / (way @ way)


def test_windows_speak_for_their_middle(tiny_space, stepped):
    timeline = read_timeline(tiny_space, stepped, hop_seconds=0.25, smoothing_seconds=0)
    assert timeline.duration == pytest.approx(12.3)
    np.testing.assert_allclose(timeline.times[:3], [0.5, 0.75, 1.0])
    # The last window begins at 11.5 and has 0.8 s of sound; none reaches over the border.
    assert timeline.times[-1] == pytest.approx(11.9)
    assert (np.abs(timeline.times - timeline.sections[1])[: np.sum(timeline.times < 11.5)] > 0.4).all()
    assert (np.diff(timeline.times) > 0).all()
    samples, _ = soundfile.read(stepped, dtype="float32")
    for number in (0, 5, 30):
        start = round((timeline.times[number] - 0.5) * RATE)
        expected = tiny_space.encode((samples[start : start + RATE], RATE))
        np.testing.assert_allclose(timeline.vectors[number], expected, atol=1e-5)
    np.testing.assert_allclose(
        timeline.va, tiny_space.predict_va_from_vectors(timeline.vectors, "music"), atol=1e-6
    )


@pytest.mark.parametrize("smoothing", [0.0, 1.0])
def test_a_sudden_change_is_one_at_that_moment(tiny_space, stepped, smoothing):
    timeline = read_timeline(tiny_space, stepped, hop_seconds=0.2, smoothing_seconds=smoothing)
    assert timeline.sections == pytest.approx([0, 6], abs=0.1)
    np.testing.assert_array_equal(timeline.widths, 0)
    way = along(timeline)
    assert way[timeline.times < timeline.sections[1]].max() < 0.1
    assert way[timeline.times > timeline.sections[1]].min() > 0.9
    before, after = timeline.vectors_at(timeline.sections[1] + np.array([-0.01, 0.01]))
    assert before @ after < 0.5 * (1 + timeline.vectors[0] @ timeline.vectors[-1])
    np.testing.assert_allclose(np.linalg.norm(timeline.vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(timeline.section_at([0, 3, 7, 99]), [0, 0, 1, 1])


def test_music_shorter_than_a_window(tiny_space, tmp_path):
    soundfile.write(tmp_path / "a.wav", music(low=0.3, high=0), RATE)
    timeline = read_timeline(tiny_space, tmp_path / "a.wav")
    assert timeline.duration == pytest.approx(0.3)
    assert len(timeline.times) == len(timeline.sections) == 1
    np.testing.assert_allclose(timeline.vectors_at([0, 0.2, 9]), timeline.vectors[[0, 0, 0]], atol=1e-6)


def test_silence_says_so_and_a_pause_passes_over(tiny_space, tmp_path):
    silent, dithered = tmp_path / "silent.wav", tmp_path / "dithered.wav"
    soundfile.write(silent, np.zeros(5 * RATE), RATE)
    soundfile.write(dithered, np.random.default_rng(0).uniform(-3e-5, 3e-5, 5 * RATE), RATE)
    for path in (silent, dithered):
        with pytest.raises(MediaError, match="silent"):
            read_timeline(tiny_space, path)
    # Hiss far below the music; the encoder, which does not mind the level, would hear it.
    tones, hiss = np.split(music(low=4, high=4), 2)
    soundfile.write(
        tmp_path / "paused.wav", np.concatenate([tones, 5e-5 * hiss, tones]), RATE, subtype="FLOAT"
    )
    timeline = read_timeline(tiny_space, tmp_path / "paused.wav", smoothing_seconds=0)
    before = timeline.vectors_at([2])[0]
    heard = float((timeline.vectors_at([5.5, 6, 6.5]) @ before).min())
    of_hiss = float(tiny_space.encode((5e-5 * hiss, RATE)) @ before)
    assert 1 - heard < 0.5 * (1 - of_hiss)
    # The pause is no section: its beginning is no border, its end may be one.
    assert not ((timeline.sections > 1) & (timeline.sections < 7)).any()


def test_a_held_note_and_noise_are_one_section(tiny_space, tmp_path):
    for name, samples in (("note", music(low=9, high=0)), ("noise", music(low=0, high=9))):
        soundfile.write(tmp_path / f"{name}.wav", samples, RATE)
        timeline = read_timeline(tiny_space, tmp_path / f"{name}.wav")
        np.testing.assert_array_equal(timeline.sections, [0])
        assert timeline.structure.tempo is None


def test_bad_input(tiny_space, tmp_path, stepped):
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    with pytest.raises(MediaError, match="zero samples"):
        read_timeline(tiny_space, tmp_path / "empty.wav")
    for options in ({"hop_seconds": 0}, {"hop_seconds": 0.6}, {"smoothing_seconds": -1}):
        with pytest.raises(ValueError, match="hop_seconds"):
            read_timeline(tiny_space, stepped, **options)


def test_until_is_the_beginning():
    times = np.arange(10) + 0.5
    vectors = np.eye(10, dtype=np.float32)
    timeline = Timeline(times, vectors, vectors[:, :2], np.array([0.0, 4.0, 8.0]), 10.0)
    cut = timeline.until(6.2)
    assert cut.duration == 6.2
    np.testing.assert_array_equal(cut.times, times[:6])
    np.testing.assert_array_equal(cut.sections, [0, 4])
    assert timeline.until(99).duration == 10
    assert len(timeline.until(0.01).times) == 1


def test_the_filter_is_symmetric_and_bounded():
    step = np.repeat([[0.0], [1.0]], 20, axis=0)
    smooth = gaussian(step, 2.5)[:, 0]
    np.testing.assert_allclose(smooth, 1 - smooth[::-1], atol=1e-12)
    assert (np.diff(smooth) >= 0).all()
    noisy = np.random.default_rng(0).normal(size=(50, 3))
    variation = [np.abs(np.diff(values, axis=0)).sum() for values in (noisy, gaussian(noisy, 1))]
    assert variation[1] < 0.7 * variation[0]
    np.testing.assert_array_equal(gaussian(noisy, 0), noisy)
