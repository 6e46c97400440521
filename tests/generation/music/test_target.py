import numpy as np
import pytest

from va_space.errors import MediaError
from va_space.generation.music.target import Course, course_of, percentile, read_course, read_feelings
from va_space.space import Failure


def test_words_and_points_need_no_model():
    word, point, pair = read_feelings(None, ["serene", "0.2,0.9", (0.3, 0.4)])
    assert word.relative[0] > 0.5 > word.relative[1]
    assert point.relative == (0.2, 0.9)
    assert pair.relative == (0.3, 0.4)
    with pytest.raises(ValueError, match="need a model"):
        read_feelings(None, ["no-such.jpg"])


def test_predictions_stand_among_their_kind():
    from types import SimpleNamespace

    from va_space.emotion.reference import Distribution, Reference

    felt = np.array([[0.5, 0.5], [0.6, 0.4], [0.95, 0.05]])
    without = SimpleNamespace(reference=None)
    np.testing.assert_allclose(percentile(without, felt, "painting"), [[0.5, 0.5], [0.75, 0.25], [1, 0]])
    calm = Distribution.of(np.random.default_rng(0).normal((0.5, 0.3), 0.02, (300, 2)))
    reference = Reference({"painting": calm}, {})
    known = SimpleNamespace(reference=reference, distribution=reference.of)
    found = percentile(known, np.array([[0.5, 0.3], [0.54, 0.26]]), "painting")
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.975, 0.025]], atol=0.05)


def test_several_feelings_follow_each_other():
    sad, happy = read_feelings(None, ["sad", "happy"])
    course = course_of([sad, happy], 30)
    assert course(0) == sad.relative
    assert course(30) == happy.relative
    assert course(15)[0] == pytest.approx((sad.relative[0] + happy.relative[0]) / 2)
    assert not course.still
    assert course_of([sad], 30).still


def test_a_path_with_heading_and_late_start(tmp_path):
    table = tmp_path / "path.csv"
    table.write_text("second,valence,arousal\n2,0.1,0.2\n\n10,0.9,0.8\n")
    course = read_course(table)
    assert course.times == (0.0, 2.0, 10.0)
    assert course(1) == (0.1, 0.2)
    assert course(6) == pytest.approx((0.5, 0.5))
    assert course.scaled(20).times == (0, 4, 20)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0,0.5,0.5\n5,0.5,0.5\n4,0.1,0.1\n", "line 3: 4 s after 5 s goes back in time"),
        ("0,0.5,1.5\n", "line 1: seconds from 0 on"),
        ("0,0.5\n", "line 1: expected second, valence, arousal"),
        ("0,0.5,0.5\nx,0.5,0.5\n", "line 2: expected"),
        ("0,nan,0.5\n", "line 1: seconds"),
        ("second,valence,arousal\n", "no line"),
        ("", "no line"),
    ],
)
def test_paths_that_lead_nowhere(tmp_path, text, reason):
    table = tmp_path / "path.csv"
    table.write_text(text)
    with pytest.raises(MediaError, match=reason):
        read_course(table)
    with pytest.raises(MediaError, match="not a readable table"):
        read_course(tmp_path / "missing.csv")


def test_one_unreadable_target_is_a_failure_of_its_own(tmp_path):
    from va_space import VASpace

    space = VASpace.from_pretrained()
    good, bad = read_feelings(space, ["calm", str(tmp_path / "gone.jpg")])
    assert good.name == "calm"
    assert isinstance(bad, Failure)
    assert "no such file" in bad.reason


def test_courses_hold_their_ends():
    course = Course((0.0, 5.0), ((0.2, 0.3), (0.4, 0.5)))
    assert course(-1) == (0.2, 0.3)
    assert course(99) == (0.4, 0.5)


def test_silence_and_one_bad_target_do_not_stop_the_others(tmp_path):
    import soundfile

    from va_space import VASpace

    silent, noise = tmp_path / "silent.wav", tmp_path / "noise.wav"
    soundfile.write(silent, np.zeros(44_100, np.float32), 22_050)
    soundfile.write(noise, np.random.default_rng(0).normal(0, 0.1, 44_100), 22_050)
    first, second = read_feelings(VASpace.from_pretrained(), [str(silent), str(noise)])
    assert isinstance(first, Failure)
    assert "silent" in first.reason
    assert second.kind == "music"
