"""What a picture can be restyled by, and what not."""

import numpy as np
import soundfile
from PIL import Image

from va_space.space import Failure
from va_space.targets import MusicTarget
from va_space.transfer.targets import read_restyle_targets


def test_failures_stand_in_their_places(tiny_space, tmp_path):
    noise = np.random.default_rng(0).uniform(-1, 1, 9000)
    Image.new("RGB", (3, 3)).save(tmp_path / "picture.png")
    soundfile.write(tmp_path / "silent.wav", np.zeros(9000), 8000)
    soundfile.write(tmp_path / "track.wav", noise, 8000)
    names = ["silent.wav", "track.wav", "picture.png"]
    wanted = [*(str(tmp_path / name) for name in names), "hapy", "9,9"]
    results = read_restyle_targets(tiny_space, wanted)
    assert [type(result) for result in results] == [Failure, MusicTarget, Failure, Failure, Failure]
    silent, _, picture, word, point = results
    assert "silent from beginning to end" in silent.reason
    assert "a picture where music is expected" in picture.reason
    assert "do you mean happy" in word.reason
    assert "between 0 and 1" in point.reason
    assert [result.index for result in results if isinstance(result, Failure)] == [0, 2, 3, 4]


def test_very_quiet_music_is_music(tiny_space, tmp_path):
    quiet = 0.001 * np.random.default_rng(0).uniform(-1, 1, 9000)
    soundfile.write(tmp_path / "quiet.wav", quiet, 8000)
    (target,) = read_restyle_targets(tiny_space, [str(tmp_path / "quiet.wav")])
    assert target.vector is not None
