"""Keys of composed music, and where there is none."""

import numpy as np
import pytest

from va_space.generation.music.compose import compose_takes
from va_space.generation.tags.form import read_form
from va_space.generation.tags.key import LEAST_MARGIN, find_key


@pytest.mark.parametrize(("key", "feeling"), [("D major", "0.8,0.4"), ("F minor", "0.2,0.4")])
def test_the_key_of_a_composed_take(key, feeling):
    take = compose_takes(None, feeling, seconds=20, candidates=1, seed=3, key=key)[0]
    found = find_key(read_form((take.sound.mean(axis=0), take.sample_rate)).chroma)
    assert found is not None
    assert found.key.name == key


def test_noise_and_silence_have_none():
    noise = np.random.default_rng(0).normal(size=10 * 16_000).astype(np.float32) * 0.1
    assert find_key(read_form((noise, 16_000)).chroma) is None
    assert find_key(np.zeros(12)) is None


def test_it_moves_with_the_music():
    chroma = np.array([5, 0, 2, 0, 3, 2, 0, 4, 0, 2, 0, 1.0])
    for tonic in range(12):
        found = find_key(np.roll(chroma, tonic))
        assert found is not None
        assert (found.key.tonic, found.key.mode) == (tonic, "major")


def test_a_key_is_unclear_where_two_fit_nearly_alike():
    clear, mixed = (
        np.array([5, 0, 2, 0, 3, 2, 0, 4, 0, 2, 0, 1.0]),
        np.array([9, 0, 4, 0, 7, 4, 0, 5, 1, 7, 0, 3.0]),
    )
    margins = [found.margin for chroma in (clear, mixed) if (found := find_key(chroma)) is not None]
    assert margins[0] > LEAST_MARGIN > margins[1] > 0
