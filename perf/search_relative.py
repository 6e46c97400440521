"""How fast the tracks are found that stand where a picture stands, beside the 300 nearest by cosine.

    VA_SPACE_DATA=... python perf/search_relative.py --rows 100000

The library is that of perf/search.py; valence and arousal are two directions of its vectors, correlated as those
are. Every answer is compared with brute force over all tracks. Times are of the processor, asked in turn.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from search import QUERIES, VECTORS, make_library, prepare

from va_space.emotion.reference import Distribution
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.relative import RelativeTarget

K, CANDIDATES, WARM = 10, 300, 3


def main() -> None:
    """Make the library if it is not there, ask, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--folder", type=Path, help="where to work and leave all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        below = prepare(folder, options.rows)
        if not MusicLibrary.exists(below / "library"):
            make_library(below)
            MusicLibrary.open(below / "library").keep_distribution("recording")
        measure(below, options.queries)


def measure(folder: Path, count: int) -> None:
    """Ask for random standings and pictures in turn."""
    library = MusicLibrary.open(folder / "library")
    started = time.process_time()
    distribution = library.distribution()
    assert distribution is not None
    opening = time.process_time() - started
    ids, va = library.points()
    pictures = np.load(folder / QUERIES)["pictures"]
    rng = np.random.default_rng(0)
    times: dict[str, list[float]] = {"relative": [], "cosine": []}
    wrong = 0
    for turn in range(WARM + count):
        query = _target(rng.uniform(0, 1, 2), distribution, len(library))
        started = time.process_time()
        found = query.candidates(library, K)
        times["relative"].append(time.process_time() - started)
        vector = pictures[turn % len(pictures)]
        started = time.process_time()
        library.nearest(vector, CANDIDATES)
        times["cosine"].append(time.process_time() - started)
        away = query.distances(va)
        theirs = away[[ids.index(row["id"]) for row in found]]
        wrong += not np.allclose(theirs, np.sort(away)[:K])
    print(f"{len(library):,} tracks; {count} queries; {os.cpu_count()} processors; {VECTORS}")
    print("| | processor time, median | 95% |\n|---|--:|--:|")
    for name, what in (
        ("relative", f"the {K} nearest on the plane, exactly"),
        ("cosine", f"the {CANDIDATES} nearest by cosine, by the index"),
    ):
        values = 1e3 * np.array(times[name][WARM:])
        print(f"| {what} | {np.median(values):.1f} ms | {np.percentile(values, 95):.1f} ms |")
    print(
        f"\nThe kept distribution is read in {1e3 * opening:.1f} ms. {wrong} answers differ from brute force."
    )


def _target(standing: np.ndarray, distribution: Distribution, size: int) -> RelativeTarget:
    point = np.zeros(2, np.float32)
    return RelativeTarget("q", point, standing=standing, distribution=distribution, size=size)


if __name__ == "__main__":
    main()
