"""Maximal marginal relevance against its definition."""

import numpy as np
import pytest

from va_space.retrieval.diverse import maximal_marginal_relevance


def by_definition(relevance, vectors, k, balance):
    chosen = []
    while len(chosen) < min(k, len(relevance)):
        gains = {}
        for number in set(range(len(relevance))) - set(chosen):
            redundancy = max((float(vectors[number] @ vectors[each]) for each in chosen), default=0)
            gains[number] = balance * relevance[number] - (1 - balance) * redundancy
        chosen.append(max(gains, key=gains.get))
    return chosen


def unit(random, n, dimension=8):
    vectors = random.normal(size=(n, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("balance", [0, 0.3, 0.5, 0.8, 1])
@pytest.mark.parametrize("seed", range(4))
def test_as_defined(seed, balance):
    random = np.random.default_rng(seed)
    relevance, vectors = random.uniform(size=20), unit(random, 20)
    found = maximal_marginal_relevance(relevance, vectors, 9, balance=balance)
    assert found == by_definition(relevance, vectors, 9, balance)


def test_relevance_alone_is_the_plain_order():
    random = np.random.default_rng(1)
    relevance = random.uniform(size=30)
    found = maximal_marginal_relevance(relevance, unit(random, 30), 30, balance=1)
    assert found == list(np.argsort(-relevance))


def test_versions_of_one_song_come_once():
    vectors = np.eye(6, dtype=np.float32)[[0] * 10 + [1, 2, 3, 4, 5]]
    relevance = np.array([1.0] * 10 + [0.7] * 5)
    found = maximal_marginal_relevance(relevance, vectors, 6, balance=0.5)
    assert sum(number < 10 for number in found) == 1


def test_no_more_than_there_are():
    assert maximal_marginal_relevance(np.zeros(0), np.zeros((0, 4), np.float32), 3, balance=0.5) == []
    assert sorted(maximal_marginal_relevance([0.1, 0.2], np.eye(2, dtype=np.float32), 3, balance=0.5)) == [
        0,
        1,
    ]
