"""kill -9 while a library is made: what was committed stays, and the next run goes on from there."""

import random
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.space import VASpace

RATE = 8000
TRACKS = 40
# Writes every track at once, so that there is much to interrupt, and says how far it has come.
PROGRAM = """
import sys
from va_space.retrieval import index as module
from va_space.space import VASpace
module._SECONDS = 0
space = VASpace.from_pretrained(sys.argv[1], device="cpu", precision="fp32")
module.index(space, *sys.argv[2:], batch_size=2, progress=lambda done, total: print(done, flush=True))
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")


def rows(folder):
    """Every track by path, with its windows; checks that all of each is there."""
    library = MusicLibrary.open(folder)
    ids, _ = library.points()
    tracks = {row["path"]: row for row in library.tracks(ids)}
    assert len(tracks) == len(ids) == len(library)  # no path twice
    windows = library.windows(ids)
    for row in tracks.values():
        own = windows[row["id"]]
        assert [window["start"] for window in own] == list(range(round(row["duration"])))
        mean = np.mean([window["vector"] for window in own], axis=0)
        np.testing.assert_allclose(row["vector"], mean / np.linalg.norm(mean), atol=1e-5)
    return library, tracks


@pytest.mark.slow
def test_kill_at_random_moments(tiny_model, tmp_path, record_property):
    music = tmp_path / "music"
    music.mkdir()
    noise = np.random.default_rng(0)
    for number in range(TRACKS):
        soundfile.write(music / f"{number}.wav", noise.uniform(-1, 1, RATE * (1 + number % 3)), RATE)
    folder = tmp_path / "library"
    seed = random.randrange(1000)
    record_property("seed", seed)
    moments = random.Random(seed)
    committed = {}
    for _ in range(2):
        command = [sys.executable, "-c", PROGRAM, tiny_model, music, folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(moments.randint(1, 6)):
                assert process.stdout.readline()
            time.sleep(moments.uniform(0, 0.05))
            process.kill()
        _, found = rows(folder)
        assert committed.items() <= {path: row["id"] for path, row in found.items()}.items()
        committed = {path: row["id"] for path, row in found.items()}
    assert 2 <= len(committed) < TRACKS
    space = VASpace.from_pretrained(tiny_model, device="cpu", precision="fp32")
    report = index(space, music, folder)
    assert (report.added, report.unchanged) == (TRACKS - len(committed), len(committed))
    library, found = rows(folder)
    assert committed.items() <= {path: row["id"] for path, row in found.items()}.items()
    assert set(found) == {path.name for path in music.iterdir()}
    # No windows of the tracks that were interrupted are left over.
    assert library._windows.count_rows() == sum(round(row["duration"]) for row in found.values())
    assert {path.name for path in folder.iterdir()} == {"tracks.lance", "windows.lance", "writer.lock"}
