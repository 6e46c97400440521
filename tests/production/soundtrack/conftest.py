"""A small model with a reference, a library of clicks over tones, and films of plain colours."""

import copy

import numpy as np
import pytest
import soundfile
from videos import clicks, make_video

from va_space.emotion.reference import Distribution, Reference
from va_space.retrieval.index import index
from va_space.space import VASpace

RATE = 8000
TRACK_SECONDS = 14
COLOURS = {"red": (200, 30, 30), "green": (40, 160, 60), "blue": (20, 40, 180), "grey": (120, 120, 120)}


@pytest.fixture(scope="session")
def space(tiny_space):
    """The small model with a reference around what it predicts."""
    model = copy.deepcopy(tiny_space.model)
    random = np.random.default_rng(0)
    pictures = [np.full((32, 48, 3), colour, np.uint8) for colour in COLOURS.values()]
    sounds = [(random.uniform(-0.5, 0.5, RATE).astype(np.float32), RATE) for _ in range(4)]
    kinds = {
        kind: Distribution.of(
            (tiny_space.predict_va(some)[:, None] + random.normal(0, 0.002, (4, 25, 2))).reshape(-1, 2)
        )
        for kind, some in (("photograph", pictures), ("recording", sounds))
    }
    model.reference = Reference(kinds, {})
    return VASpace(model, fingerprint="c" * 64, device="cpu", precision="fp32")


@pytest.fixture(scope="session")
def click_at():
    """Seconds at which each track clicks, by the name of its file."""
    return {
        f"{number}.wav": [0.5 + 0.13 * number + second for second in range(0, TRACK_SECONDS - 1, 3)]
        for number in range(6)
    }


@pytest.fixture(scope="session")
def library(space, click_at, tmp_path_factory):
    """Six tracks of 14 s: a faint tone each, and loud clicks."""
    folder = tmp_path_factory.mktemp("tracks")
    time = np.arange(TRACK_SECONDS * RATE) / RATE
    for number, (name, at) in enumerate(click_at.items()):
        tone = 0.02 * np.sin(2 * np.pi * 150 * (1 + number) * time) * (1 + np.sin(time * number))
        soundfile.write(folder / name, tone + clicks(at, TRACK_SECONDS, RATE), RATE)
    return index(space, folder, tmp_path_factory.mktemp("library")).library


@pytest.fixture
def film(tmp_path):
    """Write a film of plain colours, ten frames a second: (name, seconds) of each shot."""

    def make(*shots, name="film.mp4", **options):
        colours = [COLOURS[colour] for colour, seconds in shots for _ in range(round(10 * seconds))]
        return make_video(tmp_path / name, colours, **options)

    return make
