"""The music that ships: enough, small, sound, and credited."""

import re

import numpy as np
import pytest
import soundfile

from va_space.demo.music import CLIPS, clips


def test_credits_cover_exactly_the_files():
    credited = [clip.path for clip in clips()]
    assert len(credited) == len(set(credited)) >= 24
    assert set(credited) == set(CLIPS.glob("*.ogg"))
    for clip in clips():
        assert all((clip.title, clip.composer, clip.instrument, clip.source))
        assert re.search(r"\(.*\d{4}\)$", clip.composer)


def test_all_together_are_small():
    assert sum(path.stat().st_size for path in CLIPS.glob("*.ogg")) <= 3_000_000


@pytest.mark.parametrize("clip", clips(), ids=lambda clip: clip.path.stem)
def test_sound_and_tags(clip):
    with soundfile.SoundFile(clip.path) as file:
        assert (file.format, file.channels) == ("OGG", 1)
        assert file.title == clip.title
        assert clip.composer.startswith(file.artist)
        samples = file.read(dtype="float32")
        assert 15 <= len(samples) / file.samplerate <= 20
    assert 0.3 < np.abs(samples).max() < 1
    seconds = samples[: len(samples) // file.samplerate * file.samplerate].reshape(-1, file.samplerate)
    assert np.sqrt((seconds[:-1] ** 2).mean(axis=1)).min() > 1e-3, "a second of silence"
    assert np.abs(samples[[0, -1]]).max() < 0.01, "starts or ends with a click"
