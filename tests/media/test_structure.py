"""How a recording is built: against librosa, and on music whose form is known."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from va_space.errors import MediaError

librosa = pytest.importorskip("librosa", reason="needs librosa")

from va_space.media.boundaries import SHORTEST_SECTION  # noqa: E402
from va_space.media.spectra import FRAME_RATE, HOP, N_FFT, SAMPLE_RATE, read_spectra  # noqa: E402
from va_space.media.structure import read_structure, structure_of  # noqa: E402


def tone(seconds, *hertz, loud=0.2):
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return sum(loud * np.sin(2 * np.pi * each * time) for each in hertz).astype(np.float32)


def noise(seconds, loud=0.2, seed=0):
    return np.random.default_rng(seed).uniform(-loud, loud, round(seconds * SAMPLE_RATE)).astype(np.float32)


def clicks(seconds, apart, first=0.5):
    samples = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    for start in np.arange(first, seconds - 0.05, apart):
        begin = round(start * SAMPLE_RATE)
        samples[begin : begin + 500] = noise(500 / SAMPLE_RATE, 0.9, seed=begin)[:500]
    return samples


def structure(samples):
    return read_structure((samples, SAMPLE_RATE))


@pytest.fixture(scope="module")
def long_sound():
    """Longer than what is computed at once: the spectra are joined of parts."""
    return np.concatenate([tone(9, 220, 331), noise(8), clicks(14, 0.4), tone(1.3, 500)])


def test_spectra_are_librosas(long_sound):
    spectra = read_spectra((long_sound, SAMPLE_RATE))
    power = np.abs(librosa.stft(long_sound, n_fft=N_FFT, hop_length=HOP, pad_mode="constant")) ** 2
    mel = librosa.feature.melspectrogram(S=power, sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=64)
    chroma = librosa.feature.chroma_stft(S=power, sr=SAMPLE_RATE, n_fft=N_FFT, norm=None, tuning=0.0)
    rms = librosa.feature.rms(y=long_sound, frame_length=N_FFT, hop_length=HOP, pad_mode="constant")[0]
    np.testing.assert_allclose(spectra.mel, mel, rtol=1e-3, atol=1e-5 * mel.max())
    np.testing.assert_allclose(spectra.chroma, chroma, rtol=1e-3, atol=1e-5 * chroma.max())
    np.testing.assert_allclose(spectra.rms, rms, rtol=1e-4, atol=1e-6)
    assert spectra.duration == pytest.approx(len(long_sound) / SAMPLE_RATE)
    expected = librosa.power_to_db(mel, ref=np.max, top_db=70)
    np.testing.assert_allclose(spectra.log_mel, expected, atol=0.1)


def test_onsets_and_loudness_are_librosas(long_sound):
    found = structure(long_sound)
    log_mel = read_spectra((long_sound, SAMPLE_RATE)).log_mel
    expected = librosa.onset.onset_strength(S=log_mel, sr=SAMPLE_RATE, hop_length=HOP)
    np.testing.assert_allclose(found.onset_strength.values, expected, atol=1e-5)
    np.testing.assert_allclose(found.onset_strength.times, librosa.times_like(expected, sr=SAMPLE_RATE))
    assert found.loudness.values.max() == 0
    assert found.loudness.values.min() >= -70
    assert found.loudness.at(4) == pytest.approx(20 * np.log10(0.2 / found_level(long_sound)), abs=0.2)


def found_level(samples):
    return librosa.feature.rms(y=samples, frame_length=N_FFT, hop_length=HOP, pad_mode="constant").max()


@pytest.mark.parametrize("tempo", [90, 120, 150])
def test_clicks_are_onsets_and_beats(tempo):
    found = structure(clicks(20, 60 / tempo))
    times = np.arange(0.5, 19.9, 60 / tempo)
    onsets = np.array([onset.seconds for onset in found.onsets])
    assert np.abs(times[:, None] - onsets).min(axis=1).max() < 0.05
    assert len(onsets) <= len(times) + 1
    assert found.tempo == pytest.approx(tempo, rel=0.04)
    inner = found.beats[(found.beats > 2) & (found.beats < 18)]
    assert np.abs(inner[:, None] - times).min(axis=1).max() < 0.07


def test_beats_of_a_long_recording_take_little_memory():
    short = read_spectra((clicks(20, 0.5, first=0.0), SAMPLE_RATE))  # 20 s, joined to 20 minutes below
    frames = round(20 * FRAME_RATE)
    times = 60
    long = replace(
        short,
        mel=np.tile(short.mel[:, :frames], times),
        chroma=np.tile(short.chroma[:, :frames], times),
        rms=np.tile(short.rms[:frames], times),
        duration=frames * times / FRAME_RATE,
    )
    tracemalloc.start()
    found = structure_of(long)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.tempo == pytest.approx(120, rel=0.03)
    assert np.median(np.diff(found.beats)) == pytest.approx(0.5, abs=0.03)
    assert most < 700e6  # of all 20 minutes at once, twice that


@pytest.mark.parametrize("seconds", [2, 6, 30])
def test_noise_has_no_beat(seconds):
    for seed in range(3):
        found = structure(noise(seconds, seed=seed))
        assert found.tempo is None
        assert len(found.beats) == 0


@pytest.mark.parametrize("sound", [tone(20, 220), noise(20), np.zeros(20 * SAMPLE_RATE, np.float32)])
def test_what_stays_the_same_is_one_section(sound):
    found = structure(sound)
    assert found.boundaries == ()
    assert found.sections == ((0.0, 20.0),)
    inside = [onset for onset in found.onsets if 0.2 < onset.seconds < 19.8 and onset.strength > 3]
    assert not inside


@pytest.mark.parametrize("turn", [6.0, 8.3])
def test_a_sudden_change_is_a_boundary_when_it_happens(turn):
    found = structure(np.concatenate([tone(turn, 220, 330), noise(14 - turn)]))
    (boundary,) = found.boundaries
    assert boundary.seconds == pytest.approx(turn, abs=0.1)
    assert boundary.width == 0
    assert boundary.novelty > 0.3
    np.testing.assert_array_equal(found.section_at([0, turn - 0.2, turn + 0.2, 99]), [0, 0, 1, 1])


def test_a_slow_change_takes_its_time():
    share = np.clip((np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE - 8) / 4, 0, 1).astype(np.float32)
    found = structure((1 - share) * tone(20, 220, 330) + share * tone(20, 700, 1110))
    (boundary,) = found.boundaries
    assert boundary.seconds == pytest.approx(10, abs=2)
    assert boundary.width >= 1


def test_no_section_is_short():
    parts = [tone(2.5, 110 * 2**number) if number % 2 else noise(2.5) for number in range(8)]
    lengths = np.diff(np.array(structure(np.concatenate(parts)).sections), axis=1)
    assert lengths.min() > SHORTEST_SECTION - 2 * 1.5  # each border may move by what is searched


@pytest.mark.parametrize("samples", [1, 400, SAMPLE_RATE // 2])
def test_very_short_sound(samples):
    found = structure(tone(1, 440)[:samples])
    assert found.duration == pytest.approx(samples / SAMPLE_RATE)
    assert found.boundaries == ()
    assert found.tempo is None
    assert len(found.onset_strength.values) == 1 + samples // HOP


def test_loudness_does_not_matter_and_files_are_read(tmp_path):
    sound = np.concatenate([tone(6, 220, 330), noise(6), clicks(6, 0.5)])
    loud = structure(sound)
    soundfile.write(tmp_path / "quiet.wav", 0.01 * sound, SAMPLE_RATE, subtype="FLOAT")
    quiet = read_structure(tmp_path / "quiet.wav")
    assert [each.seconds for each in quiet.boundaries] == [each.seconds for each in loud.boundaries]
    np.testing.assert_allclose(quiet.onset_strength.values, loud.onset_strength.values, atol=0.05)
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(MediaError, match=r"text\.wav"):
        read_structure(tmp_path / "text.wav")


@pytest.mark.slow
def test_parts_of_composed_music_are_found():
    from va_space.generation.music.compose import compose_takes

    sounds, feelings = [], ["0.2,0.1", "0.2,0.9", "0.8,0.1"]
    for number, feeling in enumerate(feelings):
        take = compose_takes(None, feeling, seconds=14, seed=number, candidates=1)[0]
        sounds.append(take.sound.mean(axis=0)[: 12 * take.sample_rate])
    found = read_structure((np.concatenate(sounds), take.sample_rate))
    starts = np.array([boundary.seconds for boundary in found.boundaries])
    assert np.abs(starts[:, None] - [12, 24]).min(axis=0).max() < 0.2
    assert len(starts) <= 3


def test_times_of_frames():
    assert pytest.approx(43.07, abs=0.01) == FRAME_RATE
