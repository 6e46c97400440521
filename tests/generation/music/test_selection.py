import numpy as np
import pytest

from va_space.generation.music.judge import load_judge
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import compose_score
from va_space.generation.music.score import Part
from va_space.generation.music.selection import HEARD, Candidate, agreed, among, degenerate, shortlist
from va_space.generation.music.target import Course

STILL = Course((0.0,), ((0.8, 0.3),))


def pieces(count, place=(0.8, 0.3)):
    return [compose_score(lambda _: place, 8.5, chance(9, number)) for number in range(count)]


def test_the_symbolic_judge_keeps_the_nearest():
    kept = shortlist(pieces(40), STILL, load_judge())
    assert len(kept) == HEARD
    distances = [each.distance for each in kept]
    assert distances == sorted(distances)
    assert np.abs(np.array(kept[0].symbolic) - (0.8, 0.3)).mean() < 0.1
    assert kept[0].distance == pytest.approx(np.abs(kept[0].errors).mean(), abs=1e-3)


def test_both_judges_have_a_say_and_ties_go_to_the_first():
    kept = shortlist(pieces(40), STILL, load_judge())[:4]
    constant = agreed(kept, STILL, lambda *_: np.array([0.5, 0.5]), among)
    assert {each.number for each in constant} == {each.number for each in kept}
    order = [(each.distance, each.number) for each in constant]
    assert order == sorted(order)
    # A music encoder that likes one candidate alone puts it first.
    liked = kept[3].number
    order = agreed(
        kept,
        STILL,
        lambda each, _: np.array([0.8, 0.3]) if each.number == liked else np.array([0.0, 1.0]),
        percentiles=lambda felt: felt,
    )
    assert order[0].number == liked
    assert order[0].heard == (0.8, 0.3)
    symbolic = order[0].symbolic
    assert order[0].felt == pytest.approx((0.7 * symbolic[0] + 0.3 * 0.8, 0.85 * symbolic[1] + 0.15 * 0.3))
    assert kept[0].felt == kept[0].symbolic


def test_the_mean_of_both_judges_counts():
    piece = pieces(1)[0]

    def judged(error, felt):
        candidate = Candidate(0, piece, (0.5, 0.5), errors=(error,))
        middle = Course((0.0,), ((0.5, 0.5),))
        return agreed([candidate], middle, lambda *_: np.array(felt), lambda places: places.copy())[
            0
        ].distance

    assert judged((0.0, 0.0), (0.5, 0.5)) == 0
    assert judged((-0.3, 0.0), (1.0, 0.5)) < judged((0.3, 0.0), (1.0, 0.5))  # errors cancel
    assert judged((0.0, 0.0), (1.0, 0.5)) == pytest.approx(0.5 * 0.3 / 2)
    assert judged((0.1, 0.2), (0.5, 0.5)) == pytest.approx((0.7 * 0.1 + 0.85 * 0.2) / 2, abs=1e-3)


def test_the_last_bits_of_a_network_do_not_matter():
    kept = shortlist(pieces(30), STILL, load_judge())
    felt = {each.number: np.random.default_rng(each.number).random(2).round(3) for each in kept}
    first = agreed(kept, STILL, lambda each, _: felt[each.number], among)
    again = agreed(kept, STILL, lambda each, _: felt[each.number] + 1e-6, among)
    assert [each.number for each in first] == [each.number for each in again]


def test_percentiles_among_candidates():
    found = among(np.array([[0.1, 5.0], [0.2, 5.0], [0.3, 4.0], [0.4, 9.0]]))
    assert found[:, 0].tolist() == [0.125, 0.375, 0.625, 0.875]
    assert found[:, 1].tolist() == [0.5, 0.5, 0.125, 0.875]


def test_degenerate_scores_are_seen():
    from dataclasses import replace

    from va_space.generation.music.features import score_features

    good = pieces(1)[0]
    score = good.score
    assert degenerate(score_features(score.notes(), score.duration), good) is None
    part = score.parts[0]
    one_note = replace(good, score=replace(score, parts=(Part(part.instrument, part.notes[:1]),)))
    assert degenerate(None, one_note) == "hardly a note"
    flat = tuple(replace(note, pitch=60) for note in part.notes)
    monotone = replace(good, score=replace(score, parts=(Part(part.instrument, flat),)))
    features = score_features(monotone.score.notes(), monotone.score.duration)
    assert degenerate(features, monotone) is not None


def test_a_changing_feeling_is_judged_passage_by_passage():
    course = Course((0.0, 40.0), ((0.2, 0.1), (0.8, 0.9)))
    made = [compose_score(course, 40, chance(2, number)) for number in range(6)]
    kept = shortlist(made, course, load_judge())
    assert 0 < len(kept) <= 6
    assert kept[0].distance < 0.35
