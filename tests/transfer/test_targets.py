"""What people name as targets: files, moments of files, words, points; and what is none."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.space import Failure
from va_space.transfer.targets import Target, read_targets, vector_at


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
    assert target.name == "three"
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


def test_a_file_comes_before_the_word_it_is_called(tiny_space, track, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calm").write_bytes(track.read_bytes())
    assert the_one(read_targets(tiny_space, ["calm"])).vector is not None


def test_failures_stand_in_their_places(tiny_space, track, tmp_path):
    Image.new("RGB", (3, 3)).save(tmp_path / "picture.png")
    soundfile.write(tmp_path / "silent.wav", np.zeros(9000), 8000)
    wanted = [str(tmp_path / "silent.wav"), str(track), str(tmp_path / "picture.png"), "hapy", "9,9"]
    results = list(read_targets(tiny_space, wanted))
    assert [type(result) for result in results] == [Failure, Target, Failure, Failure, Failure]
    silent, _, picture, word, point = results
    assert "silent from beginning to end" in silent.reason
    assert "a picture where music is expected" in picture.reason
    assert "do you mean happy" in word.reason
    assert "between 0 and 1" in point.reason
    assert [result.index for result in results if isinstance(result, Failure)] == [0, 2, 3, 4]


def test_very_quiet_music_is_music(tiny_space, tmp_path):
    quiet = 0.001 * np.random.default_rng(0).uniform(-1, 1, 9000)
    soundfile.write(tmp_path / "quiet.wav", quiet, 8000)
    assert the_one(read_targets(tiny_space, [str(tmp_path / "quiet.wav")])).vector is not None


def test_a_picture_has_no_moments(tiny_space):
    picture = next(tiny_space.encode_iter([Image.new("RGB", (3, 3))]))
    with pytest.raises(ValueError, match="no windows"):
        vector_at(picture, 1.0)
