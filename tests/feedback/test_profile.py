"""What ratings teach: against a reference, on people with a hidden offset, and after few ratings."""

import numpy as np
import pytest

from va_space.benchmark.feedback_users import Person, learning_curve
from va_space.emotion.reference import from_normal_scores, normal_scores
from va_space.errors import FeedbackError
from va_space.feedback import WORDS
from va_space.feedback.profile import Preference, Profile
from va_space.feedback.words import check_word


def test_it_is_the_posterior_of_a_gaussian_linear_model(rate):
    # The dual form, as a Gaussian process has it, on what each rating says.
    from va_space.feedback.profile import _equations, _vectors

    ratings = [
        rate(number, 1 + number % 5, ["calmer"] * (number % 2), place=(0.1 * number, 0.5))
        for number in range(1, 8)
    ]
    found = Preference.learn(ratings)
    vectors = _vectors(ratings)
    centred = vectors - vectors.mean(axis=0)
    scale = np.sqrt(np.square(centred).sum(axis=1).mean())
    rows, values, noise = map(np.array, zip(*_equations(ratings, centred / scale), strict=True))
    prior = np.square([1.0, 0.75, 0.75, *[0.7] * vectors.shape[1]])
    kernel = rows * prior @ rows.T + np.diag(noise**2)
    mean = prior * (rows.T @ np.linalg.solve(kernel, values))
    covariance = np.diag(prior) - prior[:, None] * rows.T @ np.linalg.solve(kernel, rows * prior)
    np.testing.assert_allclose(found.offset, mean[1:3], atol=1e-9)
    np.testing.assert_allclose(found.offset_std, np.sqrt(np.diag(covariance))[1:3], atol=1e-9)
    np.testing.assert_allclose(found.stars(vectors), centred / scale @ mean[3:], atol=1e-9)
    deviations = np.sqrt(np.einsum("nd,de,ne->n", centred, covariance[3:, 3:], centred)) / scale
    np.testing.assert_allclose(found.stars_std(vectors), deviations, atol=1e-9)


@pytest.mark.parametrize("word", [word for word in WORDS if word != "right"])
def test_every_word_moves_its_way(rate, word):
    found = Preference.learn([rate(1, words=[word])])
    np.testing.assert_allclose(found.offset / np.linalg.norm(found.offset), WORDS[word], atol=1e-6)
    assert (found.offset_std < 0.75 + 1e-9).all()


def test_a_word_never_says_its_opposite(rate):
    # It is far from calm, and should be calmer: that is no wish for what is less calm than calm.
    found = Preference.learn([rate(1, words=["calmer"], place=(0.8, 0.9))])
    np.testing.assert_allclose(found.offset, 0, atol=1e-9)


def test_right_says_that_nothing_is_missing(rate):
    sure = Preference.learn([rate(number, words=["right"]) for number in range(5)])
    np.testing.assert_allclose(sure.offset, 0, atol=1e-9)
    assert (sure.offset_std < 0.25).all()
    higher = Preference.learn([rate(1, words=["right"], place=(0.8, 0.5))])  # right, and less calm than calm
    assert higher.offset[1] > 0.3


def test_taste_is_learnt_from_stars(rate):
    liked = [rate(number, 5 if number % 2 else 1) for number in range(1, 9)]
    found = Preference.learn(liked)
    stars = found.stars([each.item.vector for each in liked])
    assert stars[::2].min() > stars[1::2].max()
    assert found.offset == pytest.approx([0, 0], abs=1e-9)


def test_a_profile_moves_percentiles_of_what_was_rated_alone(rate):
    profile = Profile.learn([rate(1, words=["calmer"])], name="me", model="a" * 64)
    moved = profile.moved([0.5, 0.5], "music")
    np.testing.assert_allclose(moved, from_normal_scores(profile.of("music").offset))
    np.testing.assert_array_equal(profile.moved([0.2, 0.9], "picture"), [0.2, 0.9])
    assert "music after 1 rating: valence +0.00 ± 0.75, arousal -0.38 ± 0.53" in profile.words


def test_the_gain_is_what_the_person_adds(rate):
    found = Preference.learn([rate(1, words=["calmer"])])
    places, nothing = [[0.5, 0.3], [0.5, 0.5], [0.5, 0.7]], np.zeros((3, 8))
    gain = found.gain([0.5, 0.5], places, nothing) - found.stars(nothing)
    assert gain[0] > 0 > gain[1] > gain[2]
    away = normal_scores(places)
    expected = 0.5 * (np.square(away).sum(axis=1) - np.square(away - found.offset).sum(axis=1))
    np.testing.assert_allclose(gain, expected, atol=1e-9)


def test_what_cannot_be_learnt_from(rate):
    with pytest.raises(FeedbackError, match="several models"):
        Profile.learn([rate(1, 3), rate(2, 3, model="b" * 64)], name="me", model="a" * 64)
    with pytest.raises(FeedbackError, match="neither stars nor a word"):
        rate(1)
    with pytest.raises(FeedbackError, match="6 stars"):
        rate(1, 6)
    with pytest.raises(FeedbackError, match=r"'calmr' says nothing.*calmer"):
        check_word("calmr")


def test_errors_halve_within_ten_ratings_and_two_do_no_harm():
    people = [(Person.drawn(np.random.default_rng(seed), "words"), seed) for seed in range(30)]
    curves = np.stack(
        [learning_curve(person, (2, 10), np.random.default_rng(100 + seed)) for person, seed in people]
    )
    after_two, after_ten = curves.mean(axis=0)
    assert after_two < 0.8  # 1 without a profile
    assert after_ten < 0.5
