"""Sounds and what is heard in them."""

import numpy as np
import pytest

pytest.importorskip("librosa", reason="needs the extra tags")

from va_space.generation.tags.hearing import Heard
from va_space.networks.musicnn import TAGS
from va_space.networks.yamnet import class_names

RATE = 16_000


@pytest.fixture
def heard_with():
    """Makes what is heard: by name of a class its probability in each window; all others have none."""

    def make(windows=3, va=None, peak=0.5, **probabilities):
        tags, classes = np.zeros((windows, len(TAGS))), np.zeros((windows, len(class_names())))
        for name, values in probabilities.items():
            name = name.replace("_", " ")
            target, index = (tags, TAGS.index(name)) if name in TAGS else (classes, class_names().index(name))
            target[:, index] = values
        starts = 10.0 * np.arange(windows)
        points = np.full((windows, 2), 0.5) if va is None else np.asarray(va)
        return Heard(
            starts, starts + 10, points, points.mean(axis=0), tags, classes, "recording", 10.0 * windows, peak
        )

    return make


@pytest.fixture(scope="session")
def song():
    """Twelve seconds of a soft chord, then of loud beats: (samples, sample rate)."""
    time = np.arange(6 * RATE) / RATE
    chord = sum(0.02 * np.sin(2 * np.pi * hertz * time) for hertz in (261.63, 329.63, 392.0))
    noise = np.random.default_rng(0).normal(size=6 * RATE)
    beats = 0.4 * noise * np.exp(-12 * (time % 0.5)) + 5 * chord * np.sign(np.sin(2 * np.pi * 4 * time))
    return np.concatenate([chord, beats]).astype(np.float32), RATE
