"""What a rating has taught is said, and that it has taught nothing, and why."""

import pytest

from va_space.feedback.profile import Profile
from va_space.feedback.teaching import taught


def profile(ratings):
    return Profile.learn(ratings, name="me", model=ratings[0].model)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"words": ["calmer"]}, "Learnt from it: answers are looked for calmer by 0.38 standard deviations."),
        ({"words": ["more joyful"]}, "more pleasant by 0.27 and livelier by 0.27 standard deviations."),
        (
            {"words": ["calmer"], "place": (0.5, 0.99)},
            "1.ogg is off from what was asked for, and calmer leads back to that",
        ),
        ({"words": ["right"]}, "it stands where answers are looked for"),
        ({"stars": 5}, "stars are compared with one another"),
    ],
)
def test_the_first_rating(rate, options, said):
    rating = rate(1, **options)
    assert said in taught(rating, None, profile([rating]))


def test_stars_that_differ_teach_a_taste(rate):
    first, second = rate(1, stars=5), rate(2, stars=1)
    assert "what is like it gets -" in taught(second, profile([first]), profile([first, second]))


def test_a_later_rating_of_the_same_stands_in_its_place(rate):
    first, second = rate(1, words=["calmer"]), rate(1, words=["livelier"])
    told = taught(second, profile([first]), profile([second]))
    assert told.startswith(
        "Learnt from it, in place of the earlier rating of the same: answers are looked for livelier"
    )


def test_a_profile_marks_what_is_unsure(rate):
    few, many = [rate(1, words=["calmer"])], [rate(number, words=["calmer"]) for number in range(6)]
    assert "neither is larger than its uncertainty" in profile(few).words
    assert "uncertainty" not in profile(many).words
