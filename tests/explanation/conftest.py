"""A small space that knows where things stand and files for it."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.emotion.reference import Distribution, Reference
from va_space.encoders.model import SpaceModel
from va_space.space import VASpace


@pytest.fixture(scope="session")
def space(tiny_space):
    """The small space with kinds in different parts of the plane."""
    model = SpaceModel(tiny_space.config)
    model.load_state_dict(tiny_space.model.state_dict())
    ends = {"photograph": (0.3, 0.7), "painting": (0.2, 0.6), "recording": (0.4, 0.8), "rendering": (0, 1)}
    random = np.random.default_rng(0)
    distributions = {kind: Distribution.of(random.uniform(*each, (200, 2))) for kind, each in ends.items()}
    model.reference = Reference(distributions, {})
    return VASpace(model.requires_grad_(False), device="cpu", precision="fp32")


@pytest.fixture(scope="session")
def picture(tmp_path_factory):
    """A picture file, wider than high."""
    path = tmp_path_factory.mktemp("pictures") / "a & <b>$x$.png"
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="session")
def track(tmp_path_factory):
    """Four seconds of sound that changes each second."""
    path = tmp_path_factory.mktemp("sound") / "track.wav"
    random = np.random.default_rng(2)
    time = np.arange(8000) / 8000
    seconds = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (200, 900, 400, 2500)]
    soundfile.write(path, np.concatenate(seconds) + 0.01 * random.standard_normal(32_000), 8000)
    return path
