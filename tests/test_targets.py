"""What people name as targets and queries: files, moments of files, words, points; and what is none."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.errors import MediaError
from va_space.space import Failure
from va_space.targets import (
    KINDS,
    FeelingTarget,
    MusicTarget,
    PictureTarget,
    Target,
    encoded_target,
    is_file,
    mean_target,
    problem_of,
    read_target,
    read_targets,
    window_at,
)


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    """Three windows of one second that differ."""
    path = tmp_path_factory.mktemp("music") / "three.wav"
    time = np.arange(8000) / 8000
    noise = np.random.default_rng(0).uniform(-1, 1, 8000)
    parts = [np.sin(2 * np.pi * 200 * time), noise, np.sin(2 * np.pi * 3000 * time)]
    soundfile.write(path, 0.5 * np.concatenate(parts), 8000)
    return path


def the_one(targets):
    (target,) = targets
    return target


def test_music_is_its_vector_and_what_it_is_predicted_to_feel_like(tiny_space, track):
    target = the_one(read_targets(tiny_space, [str(track)]))
    assert (target.name, target.stem) == ("three.wav", "three")
    assert np.array_equal(target.vector, tiny_space.encode(track))
    assert target.point == pytest.approx(tiny_space.predict_va(track), abs=1e-6)


@pytest.mark.parametrize(("at", "window"), [(0, 0), (0.9, 0), (1.1, 1), (2.5, 2), (100, 2)])
def test_a_moment_of_music_is_the_window_around_it(tiny_space, track, at, window):
    windows = tiny_space.encode(track, windows=True).vectors
    target = the_one(read_targets(tiny_space, [str(track)], at=at))
    assert target.vector == pytest.approx(windows[window], abs=1e-6)
    assert not np.allclose(windows[0], windows[1], atol=1e-4)


def test_words_and_points_are_feelings_without_a_vector(tiny_space):
    calm, point = read_targets(tiny_space, ["calm", "0.25,0.75"])
    assert calm.vector is None
    assert calm.point[0] > 0.5 > calm.point[1]
    assert point.point.tolist() == [0.25, 0.75]


def test_a_word_comes_before_the_file_it_is_called(tiny_space, track, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("calm", "0.5,0.5"):
        (tmp_path / name).write_bytes(track.read_bytes())
        assert the_one(read_targets(tiny_space, [name])).vector is None
        assert not is_file(name)
        for file in (f"./{name}", Path(name)):
            assert the_one(read_targets(tiny_space, [file])).vector is not None
            assert is_file(file)


def test_failures_stand_in_their_places(tiny_space, track, tmp_path):
    (tmp_path / "damaged.png").write_bytes(b"no picture")
    wanted = ["hapy", str(track), "9,9", tmp_path / "nothing.jpg", str(tmp_path / "damaged.png"), "x" * 5000]
    results = read_targets(tiny_space, wanted)
    assert all(isinstance(result, Failure | Target) for result in results)
    assert [type(result) for result in results] == [Failure, MusicTarget, *[Failure] * 4]
    word, _, point, absent, damaged, long = results
    assert "do you mean happy" in word.reason
    assert "between 0 and 1" in point.reason
    assert absent.reason == "no such file"
    assert damaged.source == str(tmp_path / "damaged.png")
    assert "no such file" in long.reason
    assert [result.index for result in results if isinstance(result, Failure)] == [0, 2, 3, 4, 5]
    for source in ("hapy", "9,9", "x" * 5000):
        with pytest.raises(MediaError):
            read_target(tiny_space, source)


def test_what_is_wrong_shows_before_there_is_a_model(track):
    assert problem_of("calm") is problem_of("0.1,0.9") is problem_of(str(track)) is None
    assert "do you mean serene" in problem_of("sereen")
    assert "between 0 and 1" in problem_of("1.5,0.5")
    assert problem_of("moon.jpg") == problem_of(" ") == problem_of("no/such") == "no such file"


def test_targets_keep_their_order_and_stay_as_they_are(tiny_space, track):
    picture = Image.new("RGB", (40, 40), "red")
    first = read_targets(tiny_space, [picture, "calm", track, np.zeros((40, 40, 3), np.uint8)])
    assert [type(each) for each in first] == [PictureTarget, FeelingTarget, MusicTarget, PictureTarget]
    assert [each.modality for each in first] == ["picture", None, "music", "picture"]
    assert first[0].source is picture
    assert read_targets(tiny_space, first[::-1]) == first[::-1]


def test_pictures_have_a_mean_and_kinds_have_none_together(tiny_space, track):
    pictures = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    mean = read_target(tiny_space, pictures)
    sum_ = tiny_space.encode(pictures).sum(axis=0)
    assert isinstance(mean, PictureTarget)
    np.testing.assert_allclose(mean.vector, sum_ / np.linalg.norm(sum_), atol=1e-6)
    assert (mean.name, mean.source) == ("picture, picture", pictures)
    feeling = read_target(tiny_space, ["0.2,0.4", "0.6,0.6"])
    np.testing.assert_allclose(feeling.point, [0.4, 0.5], atol=1e-6)
    assert feeling.name == "0.2,0.4, 0.6,0.6"
    for mixed in ([*pictures, "calm"], [track, pictures[0]], []):
        with pytest.raises(ValueError, match="mean"):
            mean_target(tiny_space, [read_target(tiny_space, each) for each in mixed])


def test_a_new_kind_is_one_class(tiny_space, forget_additions):
    """A kind that reads a colour as a feeling, after words and before files."""
    forget_additions(KINDS)

    @KINDS.register("colour")
    class ColourTarget(FeelingTarget):
        @classmethod
        def accepts(cls, source):
            return isinstance(source, str) and source.startswith("#")

        @classmethod
        def read(cls, space, source):
            return cls(source, [int(source[1:3], 16) / 255, int(source[3:5], 16) / 255], source=source)

    colour, word = read_targets(tiny_space, ["#ff0000", "calm"])
    assert isinstance(colour, ColourTarget)
    assert colour.point.tolist() == [1, 0]
    assert type(word) is FeelingTarget
    assert problem_of("#00ff00") is None


def test_a_picture_has_no_moments(tiny_space):
    picture = next(tiny_space.encode_iter([Image.new("RGB", (3, 3))]))
    with pytest.raises(ValueError, match="no windows"):
        window_at(picture, 1.0)
    assert encoded_target(tiny_space, picture, at=1.0).vector is picture.vector
