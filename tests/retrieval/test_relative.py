"""Relative ranking: against brute force over all tracks, and what it must not depend on."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from va_space.emotion.reference import Distribution, Reference
from va_space.retrieval.relative import RelativeTarget, compare, compared_with
from va_space.retrieval.search import best_tracks, search
from va_space.retrieval.story import story
from va_space.space import VASpace
from va_space.targets import read_target

RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.normal((0.45, 0.5), 0.05, (300, 2)).clip(0, 1)
MUSIC = RANDOM.normal((0.5, 0.55), 0.02, (300, 2)).clip(0, 1)


class Many:
    """Any number of tracks as candidates are asked of them; counts what it is asked for."""

    def __init__(self, va):
        self.va, self.asked = va, []

    def points(self, *, where=None):
        rows = np.ones(len(self.va), bool)
        if where:
            bounds = [
                float(word)
                for word in where.replace("(", " ").replace(")", " ").split()
                if word[0] in "0123456789-"
            ]
            for axis, (low, high) in enumerate((bounds[:2], bounds[2:])):
                rows &= (self.va[:, axis] >= low) & (self.va[:, axis] <= high)
        self.asked.append(int(rows.sum()))
        found = np.flatnonzero(rows)
        return [str(number) for number in found], self.va[found]

    def tracks(self, ids):
        return [int(each) for each in ids]


def target(standing, va):
    return RelativeTarget(
        "q",
        np.zeros(2, np.float32),
        percentiles=np.asarray(standing, np.float64),
        distribution=Distribution.of(va),
        size=len(va),
    )


@settings(max_examples=60, deadline=None)
@given(
    standing=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    size=st.sampled_from([1, 7, 400, 5000]),
    count=st.sampled_from([1, 10, 300]),
    correlation=st.floats(-0.95, 0.95),
    seed=st.integers(0, 5),
)
def test_candidates_are_the_nearest_of_all(standing, size, count, correlation, seed):
    spread = 0.03**2 * np.array([[1, correlation], [correlation, 1]])
    va = np.random.default_rng(seed).multivariate_normal((0.5, 0.6), spread, size)
    va = va.clip(0, 1).astype(np.float32)
    query = target(standing, va)
    found = query.candidates(Many(va), count)
    away = query.distances(va)
    assert len(found) == min(count, size)
    np.testing.assert_allclose(away[found], np.sort(away)[: len(found)])


def test_candidates_look_at_a_small_part_of_many():
    va = np.random.default_rng(1).normal((0.5, 0.6), 0.03, (100_000, 2)).clip(0, 1).astype(np.float32)
    tracks = Many(va)
    target((0.3, 0.8), va).candidates(tracks, 10)
    assert max(tracks.asked) < 1500


def test_distance_is_in_normal_scores():
    va = MUSIC.astype(np.float32)
    query = target((0.3, 0.8), va)
    ranks = (np.argsort(np.argsort(va, axis=0), axis=0) + 0.5) / len(va)
    expected = np.linalg.norm(norm.ppf(ranks) - norm.ppf([0.3, 0.8]), axis=1)
    middle = (abs(ranks - 0.5) < 0.45).all(axis=1)
    np.testing.assert_allclose(query.distances(va)[middle], expected[middle], atol=0.1)


def test_score_is_a_share_that_falls_with_distance():
    query = target((0.5, 0.5), MUSIC)
    va = np.random.default_rng(2).uniform(0, 1, (500, 2))
    scores, order = query.scores(None, None, va), np.argsort(query.distances(va))
    assert (np.diff(scores[order]) <= 0).all()
    assert scores.min() >= 0
    assert scores.max() <= 1
    even = query.distribution.value(np.random.default_rng(3).uniform(size=(4000, 2)))
    shares = query.scores(None, None, even)
    # Of evenly spread music, a share s lies nearer than what scores 1 - s.
    np.testing.assert_allclose(np.quantile(shares, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.03)


@pytest.fixture(scope="module")
def relative_space(tiny_space, library):
    model = copy.deepcopy(tiny_space.model)
    model.reference = Reference(
        {
            "photograph": Distribution.of(PICTURES),
            "painting": Distribution.of(PICTURES**2),
            "recording": Distribution.of(library.points()[1]),
        },
        {},
    )
    return VASpace(model, fingerprint=tiny_space.fingerprint, device="cpu", precision="fp32")


@pytest.fixture
def picture():
    return RANDOM.integers(0, 255, (40, 40, 3)).astype(np.uint8)


def test_picture_finds_what_stands_where_it_stands(relative_space, library, files, picture):
    at, va = relative_space.predict_va(picture), relative_space.predict_va(files)
    standing = relative_space.reference.of("photograph").percentile(at)
    distances = target(standing, library.points()[1]).distances(va)
    found = search(relative_space, library, picture, 12)
    assert [result.path for result in found] == [files[i] for i in np.argsort(distances)]
    assert found[0].percentiles == pytest.approx(
        relative_space.reference.of("recording").percentile(va[np.argmin(distances)]), abs=1e-4
    )
    similarity = relative_space.similarity(
        relative_space.encode(picture)[None], relative_space.encode([found[0].path])
    )
    assert found[0].similarity == pytest.approx(similarity.item(), abs=1e-4)


def test_kind_changes_where_a_picture_stands(relative_space, library, picture):
    query = read_target(relative_space, picture)
    photograph, painting = (compare(relative_space, library, query, kind=kind) for kind in (None, "painting"))
    expected = relative_space.reference.of("painting").percentile(query.point)
    np.testing.assert_allclose(painting.standing, expected)
    assert abs(photograph.standing - painting.standing).max() > 0.05
    with pytest.raises(ValueError, match="rendering"):
        compare(relative_space, library, query, kind="rendering")


def test_words_are_stretched_over_the_library(relative_space, library, files):
    va = relative_space.predict_va(files)
    percentiles = relative_space.reference.of("recording").percentile(va)
    point = ",".join(f"{share:.6f}" for share in percentiles[5])
    assert search(relative_space, library, point, 1)[0].path == files[5]


def test_absolute_is_what_a_model_without_reference_does(relative_space, tiny_space, library, picture):
    for query in (picture, "calm"):
        absolute = search(relative_space, library, query, 12, scale="absolute")
        assert absolute == search(tiny_space, library, query, 12)
        assert [result.score for result in absolute] == [result.similarity for result in absolute]
        assert {result.percentiles for result in absolute} == {None}


def test_a_track_still_finds_itself(relative_space, library, files):
    found = search(relative_space, library, files[3], 12)
    assert found[0].path == files[3]
    assert found[0].score == found[0].similarity
    assert found[0].percentiles is not None


def test_filters_hold(relative_space, library, picture):
    query = compare(relative_space, library, read_target(relative_space, picture)).ranking
    rows, _ = best_tracks(relative_space, library, query, 12, "title < '04'")
    assert {row["title"] for row in rows} == {"00", "01", "02", "03"}


def test_stories_are_relative_too(relative_space, library):
    told = story(relative_space, library, ["excited", "calm"], clip=1, smoothness=0)
    assert all(result.percentiles for result in told)
    assert told[0].percentiles[1] > told[1].percentiles[1]


def test_predictions_on_the_relative_scale(relative_space, files, picture):
    both = relative_space.predict_va([picture, files[0]], scale="relative")
    absolute = relative_space.predict_va([picture, files[0]])
    expected = [
        relative_space.reference.of(kind).percentile(point)
        for kind, point in zip(("photograph", "recording"), absolute, strict=True)
    ]
    np.testing.assert_allclose(both, expected, atol=1e-6)
    painting = relative_space.predict_va(picture, scale="relative", kind="painting")
    np.testing.assert_allclose(
        painting, relative_space.reference.of("painting").percentile(absolute[0]), atol=1e-6
    )


def test_a_small_library_does_not_stand_for_itself():
    class Library:
        kind, media = "rendering", "music"

        def __init__(self, count):
            points = np.random.default_rng(0).random((count, 2))
            self._distribution = Distribution.of(points) if count else None

        def distribution(self):
            return self._distribution

    assert [compared_with(Library(count)) for count in (0, 50, 51)] == [
        "renderings",
        "renderings",
        "your music",
    ]
