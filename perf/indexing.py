"""Speed and memory of va-space index; prints markdown tables.

Speed: tracks per second of ``index``, from files to the library on disk, and of a plain loop that writes
nothing: librosa.load, spectrogram and the same network in float32, window by window. They take turns in
each of
several rounds; both times are as the clock says and as processor time of all processes, which other work on
the
machine changes less. Then each stage alone, to see where the processor time goes.

Memory (``--memory 1000 10000``): the largest resident memory while so many tracks are indexed. They are
10-second parts of the recordings, quieter or louder, and repeated as often as it takes.

The recordings are those of emotify below VA_SPACE_DATA, or made here when that is unset.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import librosa
import numpy as np
import soundfile
import torch
from embedding import load, make_music, processor

from va_space import VASpace
from va_space.media.audio import load_audio
from va_space.media.kinds import find_media
from va_space.media.mel import make_frontend
from va_space.media.windows import iter_windows
from va_space.retrieval.changes import Content
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary, Track
from va_space.retrieval.metadata import read_metadata

# The largest resident memory of this process, at the first track and at the end, and of those that decode.
MEMORY_PROGRAM = """
import json, re, sys
from pathlib import Path
from va_space import VASpace
from va_space.retrieval.index import index
space = VASpace.from_pretrained(sys.argv[1] or None, device="cpu")
def peak(process):
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) * 1024
told = {"decoding": 0}
def note(done, total):
    told.setdefault("first", peak("self"))
    if done == total // 2:
        children = " ".join(path.read_text() for path in Path("/proc/self/task").glob("*/children"))
        told["decoding"] = max(map(peak, children.split()), default=0)  # few files are decoded at once
index(space, sys.argv[2], sys.argv[3], progress=note)
print(json.dumps({**told, "end": peak("self")}))
"""


def processor_seconds() -> float:
    """Of this process and of the children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def timed(function: Callable[..., object], *arguments: object) -> tuple[float, float]:
    """Seconds by the clock, and of processor time."""
    clock, used = time.perf_counter(), processor_seconds()
    function(*arguments)
    return time.perf_counter() - clock, processor_seconds() - used


def plain(space: VASpace, paths: Sequence[Path]) -> None:
    """Vectors of tracks, the way that a script would make them."""
    audio, length = space.config.audio, space.config.audio.window_samples
    log_mel = make_frontend(audio)
    for path in paths:
        samples, _ = librosa.load(path, sr=audio.sample_rate)
        vectors = []
        for start in range(0, len(samples), length):
            window = samples[start : start + length]
            if start and 2 * len(window) < length:
                break
            sound = torch.from_numpy(np.resize(window, length))[None]
            with torch.inference_mode():
                vectors.append(space.model.music_encoder(log_mel(sound)).numpy()[0])
        mean = np.mean(vectors, axis=0)
        mean /= np.linalg.norm(mean)


def fresh_index(space: VASpace, paths: Sequence[Path]) -> MusicLibrary:
    """Index into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        return index(space, paths, folder).library


def speed(space: VASpace, default_format: VASpace, paths: Sequence[Path], rounds: int) -> None:
    """Print the table of tracks per second."""
    ways: dict[str, Callable[[], object]] = {
        "plain loop": lambda: plain(default_format, paths),
        "va-space index": lambda: fresh_index(space, paths),
    }
    times = [{way: timed(function) for way, function in ways.items()} for _ in range(rounds)]
    print("| | tracks /s | processor time a track | ratio by the clock | by processor time |")
    print("|---|--:|--:|--:|--:|")
    for way in ways:
        clock, used = (statistics.median(each[way][kind] for each in times) for kind in (0, 1))
        ratios = [
            statistics.median(each["plain loop"][kind] / each[way][kind] for each in times) for kind in (0, 1)
        ]
        rate, share = len(paths) / clock, 1000 * used / len(paths)
        print(f"| {way} | {rate:.1f} | {share:.0f} ms | {ratios[0]:.1f}x | {ratios[1]:.1f}x |", flush=True)


def stages(space: VASpace, paths: Sequence[Path], folder: Path) -> None:
    """Print the processor time of each stage alone, for a track."""
    audio = space.config.audio
    windows = [[window for _, window in iter_windows(path, audio)] for path in paths]
    samples = torch.from_numpy(np.concatenate([np.stack(each) for each in windows]))
    log_mel = make_frontend(audio)
    with torch.inference_mode():
        mels = log_mel(samples)
    items = list(space.encode_iter(paths))

    def network() -> None:
        bf16 = space.precision == "bf16"
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            for batch in mels.split(32):
                space.model.music_encoder(batch)

    def spectrograms() -> None:
        with torch.inference_mode():
            for batch in samples.split(32):
                log_mel(batch)

    def rows() -> list[Track]:
        made = []
        for path, item in zip(paths, items, strict=True):
            tags = read_metadata(path)
            state = path.stat()
            track = Track(
                path=path.name,
                size=state.st_size,
                modified=state.st_mtime_ns,
                hash="",
                duration=item.duration,
                title=tags.title,
                artist=tags.artist,
                album=tags.album,
                genre=tags.genre,
                vector=item.vector,
                va=space.predict_va_from_vectors(item.vector[None], "music")[0],
                starts=item.starts,
                windows=item.windows,
                windows_va=space.predict_va_from_vectors(item.windows, "music"),
            )
            made.append(track)
        return made

    tracks = rows()
    library = MusicLibrary.create(folder, model="", dimension=space.config.dimension, root=folder)

    def write() -> None:
        library.put(tracks)
        library.clean()
        library.compact()

    parts: dict[str, Callable[[], object]] = {
        "reading and hashing the file": lambda: [Content.of(path) for path in paths],
        "decoding and resampling": lambda: [load_audio(path, audio.sample_rate) for path in paths],
        "log-mel spectrograms": spectrograms,
        "network": network,
        "tags, valence and arousal": rows,
        "writing the library": write,
    }
    used = {name: timed(function)[1] / len(paths) for name, function in parts.items()}
    print("| stage | processor time a track | share |")
    print("|---|--:|--:|")
    for name, seconds in used.items():
        print(f"| {name} | {1000 * seconds:.1f} ms | {seconds / sum(used.values()):.0%} |", flush=True)


def clips(recordings: Sequence[Path], count: int, folder: Path) -> None:
    """A folder of tracks of 10 seconds: parts of the recordings at other levels, repeated by links."""
    parts = folder / "parts"
    parts.mkdir()
    random = np.random.default_rng(0)
    for number, path in enumerate(recordings):
        samples, rate = soundfile.read(path, dtype="float32", frames=30 * soundfile.info(path).samplerate)
        for at in range(0, len(samples) - 10 * rate + 1, 10 * rate):
            part = (random.uniform(0.3, 1.0) * samples[at : at + 10 * rate]).clip(-1, 1)
            soundfile.write(parts / f"{number}-{at // rate}.flac", part, rate)
    made = sorted(parts.iterdir())
    for number in range(count):
        below = folder / "music" / f"{number // 500:03}"
        below.mkdir(parents=True, exist_ok=True)
        (below / f"{number:06}.flac").symlink_to(made[number % len(made)])


def memory(model: str, recordings: Sequence[Path], counts: Sequence[int], scratch: Path) -> None:
    """Print the largest resident memory for each number of tracks."""
    print("| tracks | at the first | at the end | a decoding process | tracks /s |")
    print("|--:|--:|--:|--:|--:|")
    for count in counts:
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            folder = Path(name)
            clips(recordings, count, folder)
            started = time.perf_counter()
            command = [sys.executable, "-c", MEMORY_PROGRAM, model, folder / "music", folder / "library"]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            rate = count / (time.perf_counter() - started)
            told = json.loads(done.stdout)
            first, end, decoding = (f"{told[name] / 1e6:.0f} MB" for name in ("first", "end", "decoding"))
            print(f"| {count:,} | {first} | {end} | {decoding} | {rate:.1f} |", flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="", help="folder; default: the model that ships")
    parser.add_argument("--tracks", type=int, default=128, help="number of tracks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--memory", type=int, nargs="+", metavar="TRACKS", help="measure memory instead (Linux)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = os.environ.get("VA_SPACE_DATA")
        where = Path(data) / "emotify" if data else Path(scratch)
        if not data:
            make_music(where, options.tracks)
        paths = list(islice(find_media([where]), None if options.memory else options.tracks))
        source = "tracks of Emotify" if data else "made files (30 s stereo flac at 44.1 kHz)"
        print(f"{source}; {processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
        if options.memory:
            memory(options.model, paths, options.memory, Path(scratch))
            return
        space, default_format = load(options.model, "auto"), load(options.model, "fp32")
        default_format.model.to(memory_format=torch.contiguous_format)
        list(space.encode_iter(paths[:8]))  # both warm up
        plain(default_format, paths[:2])
        print(f"{len(paths)} tracks, median of {options.rounds} rounds.\n")
        speed(space, default_format, paths, options.rounds)
        print()
        stages(space, paths, Path(scratch) / "library")


if __name__ == "__main__":
    main()
