import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from va_space.datasets.pairs import make_pairs
from va_space.emotion.plane import mean_distance, similarity


def labels(n: int, seed: int) -> np.ndarray:
    # Denser in the middle, as real ratings are.
    return np.clip(np.random.default_rng(seed).normal(0.5, 0.18, (n, 2)), 0, 1)


def test_similarity_is_that_of_the_pair():
    pictures, music = labels(50, 0), labels(70, 1)
    pairs = make_pairs(pictures, music, 0.3, 500, seed=2)
    table = similarity(torch.tensor(pictures), torch.tensor(music), 0.3).numpy()
    np.testing.assert_allclose(pairs.similarity, table[pairs.picture, pairs.music], rtol=1e-6)
    assert len(pairs.picture) == len(pairs.music) == 500


def test_similarity_covers_its_range_evenly():
    pictures, music = labels(300, 0), labels(400, 1)
    sigma = mean_distance(torch.tensor(pictures), torch.tensor(music))
    table = similarity(torch.tensor(pictures), torch.tensor(music), sigma).numpy()
    pairs = make_pairs(pictures, music, sigma, 6000, seed=0, bins=20)
    counts = np.histogram(pairs.similarity, bins=20, range=(0, 1))[0]
    supply = np.histogram(table, bins=20, range=(0, 1))[0]
    plenty = supply > 4 * 6000 / 20
    assert plenty.sum() >= 15
    assert counts[plenty].max() <= 1.1 * counts[plenty].min()
    assert (counts[~plenty] <= counts[plenty].max()).all()
    # A plain random choice is far from even on the same bins.
    at_random = np.random.default_rng(0).choice(table.ravel(), 6000)
    random_counts = np.histogram(at_random, bins=20, range=(0, 1))[0]
    assert random_counts[plenty].max() > 2 * random_counts[plenty].min()


def test_every_picture_and_track_is_used():
    pairs = make_pairs(labels(200, 0), labels(300, 1), 0.25, 6000, seed=0)
    pictures, music = np.bincount(pairs.picture, minlength=200), np.bincount(pairs.music, minlength=300)
    assert pictures.max() - pictures.min() <= 1
    assert music.min() >= 1
    assert music.max() <= 5 * 6000 / 300


def test_same_seed_same_pairs():
    first, again, other = (make_pairs(labels(40, 0), labels(60, 1), 0.3, 300, seed) for seed in (5, 5, 6))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first.music, other.music)


@given(st.integers(1, 12), st.integers(1, 12), st.data())
@settings(deadline=None, max_examples=50)
def test_no_pair_is_chosen_twice(n, m, data):
    count = data.draw(st.integers(1, n * m))
    pairs = make_pairs(labels(n, 0), labels(m, 1), 0.3, count, seed=0)
    assert len(set(zip(pairs.picture.tolist(), pairs.music.tolist(), strict=True))) == count


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="must be 1 to 6"):
        make_pairs(labels(2, 0), labels(3, 1), 0.3, 7, seed=0)
    with pytest.raises(ValueError, match="positive"):
        make_pairs(labels(2, 0), labels(3, 1), 0.0, 2, seed=0)
