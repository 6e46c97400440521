import numpy as np

from va_space.emotion.reference import Distribution, Reference
from va_space.generation.music import hearing
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import compose_score
from va_space.generation.music.target import Course

COURSE = Course((0.0,), ((0.8, 0.3),))


def pieces(count):
    return [compose_score(COURSE, 8.5, chance(9, number)) for number in range(count)]


def test_composed_music_has_a_distribution_of_its_own(tiny_space):
    steps = []
    found = hearing.heard_distribution(tiny_space, lambda *step: steps.append(step), pieces=3)
    assert found.count == 3
    assert steps == [(1, 3), (2, 3), (3, 3)]
    source = chance(20_000, 0)
    place = source.random(), source.random()
    first = hearing.listen(tiny_space, compose_score(Course((0.0,), (place,)), 8.5, source).score)
    assert first.shape == (2,)
    assert (found.quantiles[0] - 1e-6 <= first).all()
    assert (first <= found.quantiles[-1] + 1e-6).all()


def test_what_is_heard_is_compared_with_composed_music(tiny_space, monkeypatch):
    monkeypatch.setattr(hearing, "listen", lambda *_: np.array([0.6, 0.4]))
    around = Distribution.of(np.linspace((0.5, 0.3), (0.7, 0.5), 101))
    monkeypatch.setattr(tiny_space.model, "reference", Reference({hearing.COMPOSITION: around}, {}))
    assert hearing.chosen(pieces(12), COURSE, tiny_space)[0].heard == (0.5, 0.5)


def test_without_such_a_distribution_candidates_are_compared_with_each_other(tiny_space, monkeypatch):
    def listen(_, score, __):
        return np.array([0.001, 0.5]) * len(score.notes())

    monkeypatch.setattr(hearing, "listen", listen)
    heard = hearing.chosen(pieces(12), COURSE, tiny_space, count=5)
    assert len(heard) == 5
    assert len({each.heard for each in heard}) > 1


def test_without_a_model_the_symbolic_judge_chooses():
    ranked = hearing.chosen(pieces(12), COURSE, None)
    assert {each.heard for each in ranked} == {None}
    assert [each.distance for each in ranked] == sorted(each.distance for each in ranked)
