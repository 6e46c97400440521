"""Searching a million tracks: va-space's library beside numpy and FAISS; prints a markdown table.

The same vectors (see search_vectors.py) in each engine, every engine in a process of its own with as many
threads as the machine has processors, and the engines asked in turn, query by query, so that whatever else
the machine does concerns them alike. Recall is the share of the true ten nearest, as numpy finds them, among
the ten found. In the relative rows a query is a picture with that vector, its percentiles those among the
pictures asked for, and the map that of va_space.retrieval.relative, which numpy applies to every track.

Needs the packages of the development environment, about 12 GB of disk and of memory for a million rows. What
is made stays in --folder, if one is given, and a second run measures anew what the first one made.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from embedding import processor
from search_vectors import Array, make_vectors, real_vectors, structure

from va_space import VASpace

VECTORS, QUERIES, BUILT = "vectors.npy", "queries.npz", "built.json"
K, WARM = 10, 5
ENGINES = {
    "numpy": "numpy, all in memory",
    "faiss-flat": "FAISS flat, all in memory",
    "exact": "**va-space, exact**",
    "scan": "LanceDB without the index",
    "faiss-ivf": "FAISS IVF, the same parameters",
    "approximate": "**va-space, approximate**",
    "prewarmed": "the same after `prewarm()`",
    "absolute": "va-space, absolute: 300 candidates by cosine, put in order",
    "numpy-relative": "numpy, relative, all in memory",
    "relative": "**va-space, relative (what `search` does)**",
}
TRUTH = {engine: "numpy-relative" if "relative" in engine else "numpy" for engine in ENGINES}
RANKINGS = ("absolute", "numpy-relative", "relative")
RATIOS = (
    ("numpy", "exact"),
    ("exact", "approximate"),
    ("numpy", "approximate"),
    ("faiss-ivf", "approximate"),
    ("approximate", "relative"),
    ("absolute", "relative"),
)
Search = Callable[[Array], list[int]]


def numpy_search(folder: Path) -> Search:
    """Brute force."""
    vectors = np.load(folder / VECTORS)

    def search(query: Array) -> list[int]:
        cosine = vectors @ query
        best = np.argpartition(-cosine, K)[:K]
        return best[np.argsort(-cosine[best])].tolist()

    return search


def faiss_search(folder: Path, inverted: bool) -> Search:
    """FAISS, with or without the inverted file."""
    import faiss

    from va_space.retrieval import approximate

    vectors = np.load(folder / VECTORS, mmap_mode="r")
    rows, dimension = vectors.shape
    index = faiss.IndexFlatIP(dimension)
    if inverted:
        partitions = max(int(rows**0.5), rows // approximate._LARGEST_PARTITION)
        index = faiss.IndexIVFFlat(index, dimension, partitions, faiss.METRIC_INNER_PRODUCT)
        index.cp.niter, index.cp.max_points_per_centroid = 20, 64
        sample = np.random.default_rng(0).choice(rows, min(rows, 64 * partitions), replace=False)
        index.train(np.array(vectors[np.sort(sample)]))
        index.nprobe = approximate._PROBED
    for start in range(0, rows, 50_000):
        index.add(np.array(vectors[start : start + 50_000]))
    return lambda query: index.search(query[None], K)[1][0].tolist()


def make_library(folder: Path) -> None:
    """A library whose tracks are the vectors."""
    import pyarrow as pa

    from va_space.retrieval.library import MusicLibrary

    space = VASpace.from_pretrained(device="cpu")
    vectors = np.load(folder / VECTORS, mmap_mode="r")
    dimension = vectors.shape[1]
    library = MusicLibrary.create(folder / "library", model="m", dimension=dimension, root=folder)
    generator = np.random.default_rng(3)
    for start in range(0, len(vectors), 50_000):
        block = np.array(vectors[start : start + 50_000])
        names = [f"{number}" for number in range(start, start + len(block))]
        columns: dict[str, Any] = {"id": names, "hash": names}
        # All different, as in life: columns of one value are stored in another way.
        columns |= {name: generator.integers(10**9, size=len(block)) for name in ("size", "modified")}
        columns["duration"] = generator.uniform(60, 600, len(block))
        va = space.predict_va_from_vectors(block, "music")
        columns |= {"valence": va[:, 0], "arousal": va[:, 1], "spread": generator.random(len(block))}
        columns["path"] = [f"artist/album/{name}.ogg" for name in names]
        columns |= {
            name: [f"{name} {each}" for each in names] for name in ("title", "artist", "album", "genre")
        }
        columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), dimension)
        schema = library._tracks.schema
        arrays = [pa.array(columns[field.name]).cast(field.type) for field in schema]
        library._tracks.add(pa.table(arrays, schema=schema))
    library.keep_distribution("recording")
    library.compact()
    with warnings.catch_warnings(action="ignore"):  # there is no reader whom this could disturb
        # What was replaced goes now, not in ten minutes, so that it is not counted as needed.
        for _ in range(2):
            library._tracks.optimize(cleanup_older_than=timedelta(0))


def ranking_search(folder: Path, way: str) -> Search:
    """The rankings of a picture that users choose from, and the default one over all tracks in memory."""
    from va_space.emotion.reference import Distribution
    from va_space.retrieval.library import MusicLibrary
    from va_space.retrieval.relative import RelativeTarget
    from va_space.retrieval.search import best_tracks
    from va_space.targets import PictureTarget, Target

    space, library = VASpace.from_pretrained(device="cpu"), MusicLibrary.open(folder / "library")
    queries = np.load(folder / QUERIES)["pictures"]
    pictures = Distribution.of(space.predict_va_from_vectors(queries, "picture"))

    def target(query: Array) -> Target:
        point = space.predict_va_from_vectors(query[None], "picture")[0]
        if way == "absolute":
            return PictureTarget("picture", point, vector=query)
        distribution = library.distribution()
        assert distribution is not None
        return RelativeTarget(
            "picture",
            point,
            percentiles=pictures.percentile(point),
            distribution=distribution,
            size=len(library),
        )

    if way != "numpy-relative":
        return lambda query: [int(row["id"]) for row in best_tracks(space, library, target(query), K)[0]]
    ids, va = library.points()

    def search(query: Array) -> list[int]:
        nearness = target(query).scores(space, np.empty((0, 0), np.float32), va)
        best = np.argpartition(-nearness, K)[:K]
        return [int(ids[number]) for number in best]

    return search


def library_search(folder: Path, way: str) -> Search:
    """What users of va-space call, and what LanceDB does without our index."""
    from va_space.retrieval.library import MusicLibrary

    library = MusicLibrary.open(folder / "library")
    if way == "prewarmed":
        library.prewarm()
    if way == "scan":
        table = library._tracks
        return lambda query: [
            int(row["id"])
            for row in table.search(query)
            .distance_type("cosine")
            .bypass_vector_index()
            .select(["id", "_distance"])
            .limit(K)
            .to_list()
        ]
    return lambda query: [int(row["id"]) for row in library.nearest(query, K, exact=way == "exact")]


def serve(engine: str, folder: Path) -> None:
    """Prepare an engine, say so, and answer the numbers of queries on standard input."""
    started, cpu = time.perf_counter(), time.process_time()
    if engine == "library":
        make_library(folder)
    elif engine == "numpy":
        search = numpy_search(folder)
    elif engine.startswith("faiss"):
        search = faiss_search(folder, engine == "faiss-ivf")
    elif engine in RANKINGS:
        search = ranking_search(folder, engine)
    else:
        search = library_search(folder, engine)
    prepared = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}
    print(json.dumps(prepared | {"peak": memory("VmHWM")}), flush=True)
    if engine == "library":
        return
    queries = np.concatenate(list(np.load(folder / QUERIES).values()))
    for line in sys.stdin:
        query = queries[int(line)]
        start, cpu = time.perf_counter(), time.process_time()
        found = search(query)
        times = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
        print(json.dumps(times | {"found": found, "memory": memory("VmRSS")}), flush=True)


def memory(name: str) -> float:
    """MiB of this process, as Linux tells them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


class Child:
    """An engine in a process of its own."""

    def __init__(self, engine: str, folder: Path) -> None:
        command = [sys.executable, __file__, "--serve", engine, "--folder", str(folder)]
        threads = {"OMP_NUM_THREADS": str(os.cpu_count())}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | threads
        )
        self.prepared = self._read()

    def ask(self, number: int) -> dict[str, Any]:
        """Time, memory and answer of one query."""
        assert self.process.stdin
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("an engine failed")
        return json.loads(line)


def size(folder: Path) -> float:
    """MiB on disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def compare(folder: Path, engines: list[str], count: int, rounds: int) -> None:
    """Ask the engines all queries so many times, and print the table."""
    queries = [len(each) for each in np.load(folder / QUERIES).values()]
    if not (folder / BUILT).exists():
        shutil.rmtree(folder / "library", ignore_errors=True)
        (folder / BUILT).write_text(json.dumps(Child("library", folder).prepared))
    made = json.loads((folder / BUILT).read_text())
    children = {engine: Child(engine, folder) for engine in engines}
    generator = np.random.default_rng(2)
    # Half windows, half pictures.
    asked = [
        generator.permutation(queries[0])[:count],
        queries[0] + generator.permutation(queries[1])[:count],
    ]
    answers: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    for child in children.values():
        for number in range(WARM):
            child.ask(int(asked[number % 2][number % count]))
    turns = np.tile(np.concatenate(asked), rounds)
    for turn, number in enumerate(turns):
        for engine in list(np.roll(engines, turn)):
            answers[engine].append(children[engine].ask(int(number)))
    index = size(folder / "library" / "tracks.lance" / "_indices")
    table = size(folder / "library" / "tracks.lance") - index
    print("| | median | of each round | p99 | processor time | recall@10: music, pictures | build | memory |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    size_of_round = len(turns) // rounds
    pictures = np.tile(np.arange(size_of_round) >= len(asked[0]), rounds)
    for engine in engines:
        got = answers[engine]
        seconds = 1e3 * np.array([each["seconds"] for each in got])
        cpu = 1e3 * np.median([each["cpu"] for each in got])
        each_round = np.median(seconds.reshape(rounds, size_of_round), axis=1)
        shares = np.array(
            [
                len(set(each["found"]) & set(true["found"])) / K
                for each, true in zip(got, answers[TRUTH[engine]], strict=True)
            ]
        )
        recall = f"{shares[~pictures].mean():.3f}, {shares[pictures].mean():.3f}"
        if engine == "absolute":
            recall = "another order"
        own = engine.startswith(("numpy", "faiss")) and engine != "numpy-relative"
        build = children[engine].prepared if own else made
        print(
            f"| {ENGINES[engine]} | {np.median(seconds):.1f} ms "
            f"| {each_round.min():.1f} … {each_round.max():.1f} ms | {np.percentile(seconds, 99):.1f} ms "
            f"| {cpu:.1f} ms | {recall} "
            f"| {build['seconds']:.0f} s ({build['cpu']:.0f} s) | {got[-1]['memory']:,.0f} MiB |"
        )
    print(f"\n{size_of_round} queries, {rounds} rounds. ", end="")
    print(f"Disk: tracks {table:,.0f} MiB, their indexes {index:,.0f} MiB.")
    for better, worse in RATIOS:
        for what in ("seconds", "cpu"):
            if {better, worse} <= set(engines):
                ratios = [a[what] / b[what] for a, b in zip(answers[worse], answers[better], strict=True)]
                median = np.median(ratios)
                print(f"{worse} / {better}, {what}, median of the ratios query by query: {median:.3f}")


def prepare(folder: Path, rows: int, files: int | None) -> Path:
    """Make what is not there yet, and the folder of one number of rows."""
    queries, real = folder / QUERIES, folder / "real.npy"
    if not queries.exists():
        vectors, music, pictures = real_vectors(files)
        np.save(real, vectors)
        np.savez(queries, music=music, pictures=pictures)
    below = folder / f"{rows}"
    below.mkdir(exist_ok=True)
    if not (below / QUERIES).exists():
        make_vectors(np.load(real), rows, below / VECTORS)
        shutil.copy(queries, below)
    return below


def main() -> None:
    """Make the vectors, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--queries", type=int, default=50, help="of music, and as many of pictures")
    parser.add_argument("--rounds", type=int, default=3, help="ask all queries so many times")
    parser.add_argument(
        "--files", type=int, help="make vectors from at most so many recordings; default: all there are"
    )
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument(
        "--folder", type=Path, help="where to work and leave all; default: a temporary folder"
    )
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.folder)
        return
    wanted = {*options.engines, *(TRUTH[each] for each in options.engines)}
    engines = [each for each in ENGINES if each in wanted]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{processor()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}.")
        for rows in options.rows:
            below = prepare(folder, rows, options.files)
            real = np.load(folder / "real.npy")[0]
            step = max(1, rows // len(real))
            made = np.array(np.load(below / VECTORS, mmap_mode="r")[::step][: len(real)])
            print(f"\n{rows:,} x {real.shape[1]}. {len(real)} real ones: {structure(real)}.")
            print(f"As many of those made: {structure(made)}.\n", flush=True)
            compare(below, engines, options.queries, options.rounds)


if __name__ == "__main__":
    main()
