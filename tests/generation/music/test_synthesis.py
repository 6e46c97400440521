"""The synthesiser: pitch, loudness, no clipping, no constant part, an end; the same samples each time."""

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from va_space.generation.music.instruments import INSTRUMENTS
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import compose_score
from va_space.generation.music.synthesis.render import CEILING, LOUDNESS, play_notes, synthesize
from va_space.generation.music.synthesis.room import add_room
from va_space.generation.music.synthesis.voices import DRUMS, SAMPLE_RATE, VOICES, drum_hit, pitched_note
from va_space.media.loudness import integrated_loudness, limited, to_loudness


@pytest.fixture(scope="module")
def score():
    return compose_score(lambda _: (0.3, 0.8), 8.5, chance(1)).score


def test_every_instrument_has_a_voice():
    assert set(VOICES) | {"percussion"} == set(INSTRUMENTS)


@pytest.mark.parametrize("instrument", sorted(VOICES))
def test_each_note_has_its_pitch(instrument):
    for pitch in (48, 60, 69):
        note = pitched_note(instrument, pitch, 2, SAMPLE_RATE)
        spectrum = np.abs(
            np.fft.rfft(note[SAMPLE_RATE // 8 :] * np.hanning(len(note) - SAMPLE_RATE // 8), 1 << 17)
        )
        hertz = np.fft.rfftfreq(1 << 17, 1 / SAMPLE_RATE)
        wanted = 440 * 2 ** ((pitch - 69) / 12)
        strongest = hertz[spectrum.argmax()]
        number = round(strongest / wanted)
        assert number >= 1
        assert (
            abs(1200 * np.log2(strongest / (number * wanted))) < 14
        )  # cents; a piano's partials are stretched
        assert np.isfinite(note).all()
        assert abs(note.mean()) < 5e-3


def test_a_decaying_partial_is_the_literal_sine():
    from va_space.generation.music.synthesis.voices import Voice, _sines

    time_, rate = np.arange(5000) / SAMPLE_RATE, 3.0
    found = _sines(np.array([330.0]), np.array([0.7]), np.array([rate]), Voice(1, 1.0), 0, 5000)
    np.testing.assert_allclose(
        found, 0.7 * np.cos(2 * np.pi * 330 * time_) * np.exp(-rate * time_), atol=2e-5
    )


def test_drums_die_away():
    for pitch in DRUMS:
        hit = drum_hit(pitch)
        assert np.abs(hit).max() > 0.05
        assert np.abs(hit[-200:]).max() < 2e-3


@pytest.mark.parametrize(
    ("level", "channels", "lufs"), [(-23.0, 2, -23.0), (-33.0, 2, -33.0), (0.0, 1, -3.01)]
)
def test_loudness_of_the_standards_sine(level, channels, lufs):
    # EBU Tech 3341, cases 1 and 2; ITU-R BS.1770-4: 997 Hz at full scale in one channel is -3.01 LKFS.
    time_ = np.arange(48_000 * 5) / 48_000
    sine = (10 ** (level / 20) * np.sin(2 * np.pi * 997 * time_)).astype(np.float32)
    assert integrated_loudness(np.stack([sine] * channels), 48_000) == pytest.approx(lufs, abs=0.02)


def test_silence_does_not_count_and_stays_silent():
    time_ = np.arange(48_000 * 4) / 48_000
    sine = np.stack([0.1 * np.sin(2 * np.pi * 997 * time_).astype(np.float32)] * 2)
    with_rest = np.concatenate([sine, np.zeros((2, 48_000 * 8), np.float32)], axis=1)
    assert integrated_loudness(with_rest, 48_000) == pytest.approx(integrated_loudness(sine, 48_000), abs=0.2)
    silent = np.zeros((2, 48_000), np.float32)
    assert integrated_loudness(silent, 48_000) == -np.inf
    assert not to_loudness(silent, 48_000, -16, 0.9).any()


def test_the_limiter_keeps_what_is_below():
    sound = np.full((2, 44_100), 0.3, np.float32)
    sound[:, 20_000] = 3.0
    found = limited(sound, 44_100, 0.9)
    assert np.abs(found).max() <= 0.9
    assert np.array_equal(found[:, :18_000], sound[:, :18_000])


def test_a_room_adds_what_a_convolution_adds():
    from va_space.generation.music.synthesis import room

    dry = np.zeros((2, 3 * SAMPLE_RATE), np.float32)
    dry[:, 100], dry[:, 90_000] = 1.0, -0.5
    wet = add_room(dry, 0.2) - dry
    response = room._response()
    np.testing.assert_allclose(wet[:, 100:50_000], 0.2 * response[:, :49_900], atol=1e-5)


def test_a_take_is_loud_enough_never_clips_has_no_constant_part_and_ends(score):
    sound = synthesize(score, 10.0)
    assert sound.shape == (2, 10 * SAMPLE_RATE)
    assert sound.dtype == np.float32
    assert np.abs(sound).max() <= CEILING
    assert np.abs(sound.mean(axis=1)).max() < 1e-4
    assert integrated_loudness(sound, SAMPLE_RATE) == pytest.approx(LOUDNESS, abs=1.0)
    assert np.abs(sound[:, -20:]).max() < 1e-3
    assert not np.array_equal(sound[0], sound[1])


def test_nothing_to_play_is_silence():
    assert not play_notes([], 1.0).any()
    assert not play_notes([("piano", [(5.0, 1.0, 60, 80)])], 1.0).any()


def test_it_is_fast(score):
    synthesize(score, 10.0)
    began = time.process_time()
    synthesize(score, 10.0)
    assert 10.0 / (time.process_time() - began) > 25  # 110 and more on a quiet machine


def test_the_same_samples_with_one_and_with_two_threads():
    code = (
        "from va_space.generation.music.rng import chance; import hashlib;"
        "from va_space.generation.music.rules import compose_score;"
        "from va_space.generation.music.synthesis.render import synthesize;"
        "score = compose_score(lambda _: (0.7, 0.4), 8.5, chance(3)).score;"
        "print(hashlib.sha256(synthesize(score, 10.0).tobytes()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(found) == 1
    assert hashlib.sha256().digest_size * 2 == len(found.pop().strip())
