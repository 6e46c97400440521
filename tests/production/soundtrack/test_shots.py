"""Shots and what they feel like."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from videos import make_video

from va_space.emotion.reference import from_normal_scores, normal_scores
from va_space.errors import CheckpointError, MediaError
from va_space.production.soundtrack.shots import frames_at, read_parts

pytest.importorskip("scenedetect", reason="needs the extra video")


def test_each_shot_stands_where_its_frames_stand(space, film):
    video = film(("red", 3), ("blue", 1), ("green", 2))
    seen = []
    parts = read_parts(space, video, progress=lambda *counts: seen.append(counts))
    assert [(part.start, part.end, part.shot) for part in parts] == [(0, 3, 0), (3, 4, 1), (4, 6, 2)]
    assert seen[-1] == (4, 4)  # two frames of the first, and one of each other
    for part, time in zip(parts, (0.75, 3.5, 5.0), strict=True):
        frame = next(frames_at(video, [time]))
        expected = space.distribution("photograph").percentile(space.predict_va(frame))
        np.testing.assert_allclose(part.place, from_normal_scores(normal_scores(expected)), atol=1e-6)
    assert parts[0].place != parts[1].place


def test_a_long_shot_has_parts(space, tmp_path):
    video = make_video(tmp_path / "a.mp4", [(9, 9, 9)] * 50, times=range(0, 500, 10))
    parts = read_parts(space, video)
    assert [part.shot for part in parts] == [0, 0, 0]
    np.testing.assert_allclose([part.end - part.start for part in parts], parts[-1].end / 3)


def test_frames_are_those_that_are_shown(tmp_path):
    greys = [[20] * 3, [90] * 3, [160] * 3, [230] * 3]
    video = make_video(tmp_path / "a.mkv", greys, times=[0, 1, 12, 30], time_base=Fraction(1, 10))
    shown = [
        np.asarray(frame).mean() for frame in frames_at(video, [0.0, 0.05, 0.5, 1.1, 1.2, 2.9, 3.0, 99.0])
    ]
    np.testing.assert_allclose(shown, [20, 20, 90, 90, 160, 160, 230, 230], atol=4)


def test_what_is_no_video(space, tiny_space, tmp_path, film):
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    (tmp_path / "b.mp4").write_bytes(b"nothing")
    for name in ("a.png", "b.mp4", "missing.mp4"):
        with pytest.raises(MediaError, match=name):
            read_parts(space, tmp_path / name)
    empty = make_video(tmp_path / "empty.mp4", [], sound=np.zeros(8000))
    with pytest.raises(MediaError, match=r"empty\.mp4"):
        read_parts(space, empty)
    with pytest.raises(CheckpointError, match="no reference distributions"):
        read_parts(tiny_space, film(("red", 1)))
