"""The sound of cues: in time, at one loudness, faded into each other and turned down."""

import numpy as np
import pytest

from va_space.media.loudness import integrated_loudness
from va_space.media.video.sound import RATE
from va_space.production.soundtrack.cues import Cue
from va_space.production.soundtrack.mixing import DUCK, Levels, ducked, mixed
from va_space.production.soundtrack.scenes import Scene


def cue_of(start, end, sound):
    scene = Scene(start, end, (0.5, 0.5), ())
    return Cue(scene, end - start, "", "", (0.5, 0.5), None, 0.0, None, lambda: sound)


def noise(seconds, level=0.1, seed=0):
    return (level * np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))).astype(
        np.float32
    )


def mix(*cues, fade=1.0, loudness=-20.0, seconds=None):
    levels = Levels()
    blocks = list(mixed(cues, seconds or cues[-1].scene.end, fade=fade, loudness=loudness, levels=levels))
    return np.concatenate(blocks, axis=1), levels


def test_cues_are_brought_to_one_loudness_and_keep_their_length():
    sound, levels = mix(cue_of(0, 5, noise(6, 0.01)), cue_of(5, 9.123, noise(6, 0.2)))
    assert sound.shape == (2, round(9.123 * RATE))
    for first, last in ((0.5, 4.4), (5.6, 7)):
        part = sound[:, round(first * RATE) : round(last * RATE)]
        assert integrated_loudness(part, RATE) == pytest.approx(-20, abs=0.3)
    assert (
        levels.gains[0] - levels.gains[1] == pytest.approx(20 * np.log10(20), abs=0.5)
        or levels.gains[0] == 20
    )


def test_the_power_stays_across_a_join_and_the_cut_is_in_its_middle():
    sound, _ = mix(cue_of(0, 4, noise(5)), cue_of(4, 8, noise(5, seed=1)), fade=2.0)
    power = np.square(sound).mean(axis=0).reshape(-1, RATE // 10).mean(axis=1)
    inner = power[5:55]
    np.testing.assert_allclose(10 * np.log10(inner / np.median(inner)), 0, atol=0.8)
    only_second, _ = mix(cue_of(0, 4, np.zeros((2, 5 * RATE), np.float32)), cue_of(4, 8, noise(5)), fade=2.0)
    loud = np.abs(only_second).max(axis=0)
    assert loud[: 3 * RATE].max() == 0
    envelope = np.sqrt(
        np.square(only_second[:, 3 * RATE : 5 * RATE]).mean(axis=0).reshape(20, -1).mean(axis=1)
    )
    np.testing.assert_allclose(envelope[9:11].mean() / envelope[-1], np.sin(np.pi / 4), atol=0.06)


def test_music_that_ends_early_is_silence_and_silence_stays():
    sound, levels = mix(cue_of(0, 3, noise(1)), cue_of(3, 6, np.zeros((2, 0), np.float32)))
    assert np.abs(sound[:, round(1.1 * RATE) :]).max() == 0
    assert levels.loudness[1] == float("-inf")
    assert levels.gains[1] == 0


def test_nothing_clips():
    loud = np.sign(noise(6)).astype(np.float32)
    sound, _ = mix(cue_of(0, 5, loud), cue_of(5, 10, loud), loudness=-8.0)
    assert np.abs(sound).max() <= 0.98
    both = np.concatenate(list(ducked([loud[:, :RATE]], [loud[:, :RATE]])), axis=1)
    assert np.abs(both).max() <= 0.98


def test_music_is_turned_down_under_the_videos_own_sound_alone():
    seconds = 9
    music = np.full((2, seconds * RATE), 0.1, np.float32)
    own = np.zeros((2, 7 * RATE), np.float32)
    own[:, 3 * RATE : 5 * RATE] = noise(2, 0.1)
    pieces = np.array_split(music, 7, axis=1)  # blocks of other lengths than the own sound's
    out = np.concatenate(list(ducked(pieces, np.array_split(own, 11, axis=1))), axis=1)
    assert out.shape == music.shape
    gain = (out[0] - np.pad(own[0], (0, 2 * RATE))) / 0.1
    decibels = 20 * np.log10(gain)
    assert np.abs(decibels[: 3 * RATE - RATE // 50]).max() < 0.1
    assert decibels[round(3.5 * RATE) : 5 * RATE].mean() == pytest.approx(-DUCK, abs=0.5)
    assert decibels[-1] > -0.2
    assert np.abs(np.diff(gain)).max() < 0.004  # smoothly
    whole = np.concatenate(list(ducked([music], [own])), axis=1)
    assert np.abs(whole - out).mean() < 2e-4  # the blocks hardly matter
