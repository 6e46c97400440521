"""va-space index under kill -9 at random moments; prints what each kill left, as a markdown table.

After each kill the library is opened and checked: every track has all its windows, no path is twice, and
every track that was there before is there still, with the same id. The next run goes on from there; one that
finishes before its kill is followed by another library. At the end all libraries are compared with one
that was made without interruption.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from va_space.errors import LibraryError
from va_space.retrieval.library import MusicLibrary

# Writes every second instead of every ten, so that there is more to interrupt.
PROGRAM = """
import sys
from va_space import VASpace
from va_space.retrieval import index as module
module._SECONDS = 1.0
space = VASpace.from_pretrained(sys.argv[1] or None)
print("begin", flush=True)
module.index(space, *sys.argv[2:], progress=lambda done, total: print(done, flush=True))
"""


def run(model: str, music: Path, folder: Path, files: int | None = None, delay: float = 0) -> bool:
    """Index in another process, killed some seconds after some files; whether it finished before that."""
    command = [sys.executable, "-c", PROGRAM, model, str(music), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "begin\n":
            raise SystemExit("indexing could not begin")
        for line in process.stdout:
            if files is not None and int(line) >= files:
                break
        if files is not None:
            time.sleep(delay)
            process.kill()
        return process.wait() == 0


def checked(folder: Path) -> tuple[dict[str, tuple[str, np.ndarray]], int]:
    """Id and vector of every track by path, and the number of windows that belong to none."""
    try:
        library = MusicLibrary.open(folder)
    except LibraryError:
        if (folder / "tracks.lance" / "_versions").exists():
            raise
        return {}, 0  # killed before there was a library
    ids, _ = library.points()
    tracks = library.tracks(ids)
    windows = library.windows(ids)
    for row in tracks:
        own = windows[row["id"]]
        mean = np.mean([window["vector"] for window in own], axis=0)
        if not np.allclose(mean / np.linalg.norm(mean), row["vector"], atol=1e-5):
            raise SystemExit(f"{row['path']}: its windows are not complete")
    found = {row["path"]: (row["id"], row["vector"]) for row in tracks}
    if not len(found) == len(ids) == len(library):
        raise SystemExit("a path is there twice")
    return found, library._windows.count_rows() - sum(map(len, windows.values()))


def same(one: Path, other: Path) -> bool:
    """Whether two libraries hold the same tracks and nothing else."""
    (first, first_left), (second, second_left) = checked(one), checked(other)
    return (
        first.keys() == second.keys()
        and not first_left
        and not second_left
        and all(np.allclose(first[path][1], second[path][1], atol=1e-3) for path in first)
    )


def main() -> None:
    """Kill, check, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("music", type=Path, nargs="?", help="default: emotify below VA_SPACE_DATA")
    parser.add_argument("--model", default="", help="folder; default: the model that ships")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--files", type=int, default=40, help="kill after at most so many files of a run")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    music = options.music or Path(os.environ["VA_SPACE_DATA"]) / "emotify"
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / "0"]
        before: dict[str, tuple[str, np.ndarray]] = {}
        kills = 0
        print("| kill | library | files read | tracks before | tracks after | windows of no track |")
        print("|--:|--:|--:|--:|--:|--:|", flush=True)
        while kills < options.times:
            files, delay = moments.randint(1, options.files), moments.expovariate(10)
            finished = run(options.model, music, folders[-1], files, delay)
            found, left = checked(folders[-1])
            lost = [path for path, (id_, _) in before.items() if found.get(path, ("",))[0] != id_]
            if lost:
                raise SystemExit(f"lost: {lost}")
            if not finished:
                kills += 1
                print(
                    f"| {kills} | {len(folders)} | {files} | {len(before)} | {len(found)} | {left} |",
                    flush=True,
                )
            before = {} if finished else found
            if finished:
                folders.append(Path(scratch) / str(len(folders)))
        whole = Path(scratch) / "whole"
        for folder in (folders[-1], whole):
            started = time.perf_counter()
            if not run(options.model, music, folder):
                raise SystemExit("indexing failed")
        seconds = time.perf_counter() - started
        equal = all(same(folder, whole) for folder in folders)
        print(f"\n{kills} kills, {len(folders)} libraries; without a kill one takes {seconds:.0f} s.")
        print(f"No track was lost. All libraries equal one made without a kill: {'yes' if equal else 'NO'}.")


if __name__ == "__main__":
    main()
