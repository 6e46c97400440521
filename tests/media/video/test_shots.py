"""Where a video cuts."""

import sys

import numpy as np
import pytest
from videos import make_video

from va_space.errors import MissingExtraError
from va_space.media.video.reading import open_video

pytest.importorskip("av", reason="needs the extra av")


def test_cuts_are_found_and_motion_is_none(tmp_path):
    pytest.importorskip("scenedetect", reason="needs scenedetect-headless")
    from va_space.transfer.video.shots import read_cuts

    def column(number):
        """A bar that moves over a coloured ground: two shots and a third."""
        ground = ((200, 40, 40), (40, 60, 200), (210, 210, 190))[(number >= 15) + (number >= 32)]
        columns = np.tile(np.array(ground), (48, 1))
        columns[number % 48 : number % 48 + 4] = 255 - columns[0]
        return columns

    path = make_video(tmp_path / "a.mp4", [column(number) for number in range(50)])
    assert read_cuts(path)[0] == pytest.approx([1.5, 3.2])
    times = [2 * number + (number > 20) for number in range(50)]
    uneven = make_video(tmp_path / "b.mkv", [column(number) for number in range(50)], times=times)
    assert read_cuts(uneven)[0] == pytest.approx([3.0, 6.5])


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    from va_space.media.video.shots import ShotDetector

    path = make_video(tmp_path / "a.mp4", [(90, 90, 90)] * 3)
    monkeypatch.setitem(sys.modules, "scenedetect", None)
    with open_video(path) as (info, _), pytest.raises(MissingExtraError, match=r"va-space\[video\]"):
        ShotDetector(info)
