"""Words and points of feeling, against what Russell's circumplex says of them."""

import math

import numpy as np
import pytest

from va_space.emotion.plane import quadrant
from va_space.emotion.reference import normal_scores
from va_space.emotion.words import (
    ANGLES,
    QUADRANTS,
    RADIUS,
    SAME_AS,
    STRENGTH,
    WORDS,
    describe,
    describe_quadrant,
    feeling_percentiles,
    nearest_words,
    parse_feeling,
    word_point,
)


def test_russells_words_lie_on_one_circle_at_their_angles():
    assert len(ANGLES) == 28
    for word, degrees in ANGLES.items():
        valence, arousal = word_point(word)
        assert math.hypot(valence - 0.5, arousal - 0.5) == pytest.approx(RADIUS)
        assert math.degrees(math.atan2(arousal - 0.5, valence - 0.5)) % 360 == pytest.approx(degrees)


def test_all_words_lie_in_the_plane():
    points = np.array(list(WORDS.values()))
    assert points.min() >= 0
    assert points.max() <= 1


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("excited delighted happy joyful energetic", 1),
        ("tense angry afraid distressed anxious", 2),
        ("sad gloomy depressed bored melancholy", 3),
        ("calm relaxed serene content peaceful", 4),
    ],
)
def test_words_lie_in_the_quadrant_that_they_mean(words, number):
    assert {int(quadrant(word_point(word))) for word in words.split()} == {number}


def test_common_words_stand_for_russells():
    assert set(SAME_AS.values()) <= set(ANGLES)
    assert not set(SAME_AS) & set(ANGLES)
    assert word_point("melancholy") == word_point("gloomy")


@pytest.mark.parametrize("text", ["Serene", " serene ", "SERENE"])
def test_case_and_spaces_do_not_matter(text):
    assert parse_feeling(text) == word_point("serene")


def test_words_of_two_parts():
    assert parse_feeling("at  ease") == parse_feeling("At-Ease") == WORDS["at ease"]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("0.2,0.9", (0.2, 0.9)),
        (" 1 , 0 ", (1, 0)),
        (".5,1.", (0.5, 1)),
        ("moon,0.5.jpg", None),
        ("0.5", None),
        ("serene.jpg", None),
        ("./serene", None),
        ("", None),
    ],
)
def test_feelings_are_told_from_files(text, point):
    assert parse_feeling(text) == point


@pytest.mark.parametrize("text", ["0.5,1.2", "-0.1,0.5", "7,3"])
def test_point_outside_the_plane_is_refused(text):
    with pytest.raises(ValueError, match="between 0 and 1"):
        parse_feeling(text)


def test_unknown_word_names_near_ones():
    assert nearest_words("seren")[0] == "serene"
    assert nearest_words("melancoly")[0] in ("melancholy", "melancholic")
    assert nearest_words("xqzw") == []
    with pytest.raises(ValueError, match="serene"):
        word_point("sereen")
    with pytest.raises(ValueError, match=r"there are .*calm"):
        word_point("xqzw")


def test_points_and_quadrants_in_words():
    assert describe(0.7, 0.3) == "pleasant and calm"
    assert describe(0.5, 0.52) == "near neutral"
    assert describe(0.1, 0.5) == "unpleasant"
    named = [describe_quadrant(number) for number in (1, 2, 3, 4)]
    assert named == ["pleasant, excited", "unpleasant, excited", "unpleasant, calm", "pleasant, calm"]
    for number, feelings in QUADRANTS.items():
        for word in feelings.split(", "):
            assert quadrant(word_point(word)) == number, word


def test_numbers_ask_for_themselves_and_words_for_a_direction():
    assert feeling_percentiles("0.8,0.3") == (0.8, 0.3)
    assert feeling_percentiles("a file") is None
    assert feeling_percentiles("neutral") == pytest.approx((0.5, 0.5))
    for word, degrees in ANGLES.items():
        place = normal_scores(feeling_percentiles(word))
        assert np.hypot(*place) == pytest.approx(STRENGTH, abs=1e-6)
        nearer = normal_scores(feeling_percentiles(word, 1.5))
        assert nearer == pytest.approx(place * 1.5 / STRENGTH, abs=1e-6)
        assert np.degrees(np.arctan2(place[1], place[0])) % 360 == pytest.approx(degrees, abs=1e-4)
