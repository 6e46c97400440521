"""A seeded part of what scripts/mutate_media.py does in whole."""

import numpy as np
import pytest
from agreement import picture_disagreement, sound_disagreement
from mutations import pictures, sounds

_RATE = 8_000


def decoded_seconds(path):
    """Seconds that FFmpeg decodes, going on behind errors, as its command line does."""
    import av

    seconds = 0.0
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            for packet in container.demux(stream):
                try:
                    seconds += sum(frame.samples / frame.sample_rate for frame in packet.decode())
                except av.error.InvalidDataError:
                    continue
    except (av.FFmpegError, IndexError):
        pass
    return seconds


def test_changed_recordings_agree_with_ffmpeg(tmp_path):
    pytest.importorskip("av")
    rng = np.random.default_rng(7)
    problems, count = [], 0
    for mutant in sounds(tmp_path, rng, formats=("wav", "flac", "ogg", "mp3", "nox.mp3", "m4a", "mka")):
        if rng.random() > 0.6:
            continue
        path = tmp_path / mutant.name
        path.write_bytes(mutant.data)
        count += 1
        if problem := sound_disagreement(path, mutant, decoded_seconds(path)):
            problems.append(f"{mutant.name}: {problem}")
    assert not problems
    assert count > 40


def test_changed_pictures_agree_with_pillow(tmp_path):
    rng = np.random.default_rng(7)
    problems, count = [], 0
    for mutant in pictures(rng):
        if rng.random() > 0.5:
            continue
        path = tmp_path / mutant.name
        path.write_bytes(mutant.data)
        count += 1
        if problem := picture_disagreement(path, mutant):
            problems.append(f"{mutant.name}: {problem}")
    assert not problems
    assert count > 80
