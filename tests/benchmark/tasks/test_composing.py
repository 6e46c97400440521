import numpy as np
import pytest

from va_space.benchmark.composing_judge import RidgeJudge
from va_space.benchmark.composing_scores import _bars, _key_of, _same_tempo, _tempo_of, repetition_row
from va_space.benchmark.composing_takes import pitch_trigrams, trigram_distance
from va_space.benchmark.tasks.composing import plane_places
from va_space.generation.music.judge import seen_by_symbolic_judge
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import compose_score
from va_space.generation.music.synthesis.render import play_notes


def test_places_cover_the_plane_evenly():
    places = np.array(plane_places(200))
    counts, *_ = np.histogram2d(*places.T, bins=4, range=[[0, 1], [0, 1]])
    assert counts.min() >= 10
    assert counts.max() <= 16


def test_a_judge_finds_what_labels_hang_on_and_not_what_tells_sources_apart():
    draw = np.random.default_rng(0)
    features, source = draw.standard_normal((400, 20)), np.repeat(["a", "b"], 200)
    labels = np.stack([features[:, 0], features[:, 1]], axis=1)
    features[source == "b", 5] += 10  # a shortcut
    labels[source == "b"] += 3
    judge = RidgeJudge.fit(features, labels, source)
    felt = judge(features)
    for rows in (source == "a", source == "b"):
        assert np.corrcoef(felt[rows, 0], labels[rows, 0])[0, 1] > 0.7
    assert abs(judge.weights[5]).max() < 0.2 * abs(judge.weights[:2]).max()


def test_judges_share_no_song():
    groups = [f"song {number}" for number in range(1000)]
    assert 400 < sum(map(seen_by_symbolic_judge, groups)) < 600


def test_trigram_distance_at_its_ends():
    one, other = ({(1, 2, 3), (2, 3, 4)}, {(1, 2, 3), (5, 6, 7)})
    assert trigram_distance(frozenset(one), frozenset(one)) == 0
    assert trigram_distance(frozenset(one), frozenset(other)) == pytest.approx(2 / 3)
    takes = [pitch_trigrams(compose_score(lambda _: (0.4, 0.6), 10, chance(seed))) for seed in range(4)]
    assert min(trigram_distance(a, b) for a in takes for b in takes if a is not b) > 0.8


def test_tempo_and_key_are_found_where_they_are_plain():
    beat = [(0.5 * number, 0.4, 48 + 12 * (number % 4 == 0), 100) for number in range(30)]
    assert _same_tempo(_tempo_of(play_notes([("piano", beat)], 15.0).mean(axis=0)), 120)
    assert not _same_tempo(100, 120)
    chords = [
        (2 * k, 1.8, p, 90)
        for k, triad in enumerate([(57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64)])
        for p in triad
    ]
    assert _key_of(play_notes([("piano", chords)], 8.0).mean(axis=0)) == (9, False)


def test_bars_of_a_phrase_come_back():
    score = compose_score(lambda _: (0.5, 0.5), 40, chance(0)).score
    assert np.linalg.norm(_bars(score), axis=1) == pytest.approx(np.ones(len(_bars(score))))
    row = repetition_row(plane_places(8))
    assert row["mean difference"] > 0
