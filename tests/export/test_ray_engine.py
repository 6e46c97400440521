import os
import signal
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from PIL import Image

from va_space.export import export

pytestmark = [
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (extra ray)"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds Ray's workers in /proc"),
]


def descendants():
    """Command line and process id of all processes that this one brought into being."""
    parents, names = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                status = (folder / "stat").read_text().rpartition(") ")[2].split()
                names[int(folder.name)] = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:  # it ended meanwhile
                continue
            parents[int(folder.name)] = int(status[1])
    found = [os.getpid()]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return [(names[process], process) for process in found[1:]]


@pytest.mark.slow
def test_two_workers_of_which_one_is_killed_make_the_rows_of_a_single_process(tiny_space, tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    generator = np.random.default_rng(0)
    for number in range(30):
        pixels = generator.integers(0, 256, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(media / f"{number:02}.png")
    for number in range(10):
        soundfile.write(media / f"{number}.wav", generator.uniform(-0.5, 0.5, 20800), 8000)
    (media / "bad.png").write_bytes(b"not a picture")

    killed, statistics = [], set()

    def kill_one(done, total):
        if done and not killed:
            processes = descendants()
            killed.append(next(process for name, process in processes if name.startswith("ray::MapWorker")))
            os.kill(killed[0], signal.SIGKILL)
            assert done < total
            for name, process in processes:
                if "raylet" in name or name.startswith("ray::"):
                    with suppress(OSError):  # the killed one, and others that ended meanwhile
                        environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
                        statistics.update(each for each in environment if b"USAGE_STATS" in each)

    before = dict(os.environ), signal.getsignal(signal.SIGTERM)
    options = {"windows": True, "part_size": 1}
    done = export(
        tiny_space, [media], tmp_path / "ray.parquet", engine="ray", workers=2, progress=kill_one, **options
    )
    assert (dict(os.environ), signal.getsignal(signal.SIGTERM)) == before
    assert killed
    assert statistics == {b"RAY_USAGE_STATS_ENABLED=0"}
    assert (done.inputs, done.failed) == (41, 1)
    export(tiny_space, [media], tmp_path / "here.parquet", **options)
    ours, theirs = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("here", "ray"))
    assert ours.drop_columns(["vector", "valence", "arousal"]).equals(
        theirs.drop_columns(["vector", "valence", "arousal"])
    )
    for column in ("vector", "valence", "arousal"):
        np.testing.assert_allclose(
            np.stack(ours[column].to_pylist()), np.stack(theirs[column].to_pylist()), atol=1e-5
        )
    assert not descendants()
