"""Soundtracks of long videos: processor time, memory, and how far picture and sound are apart at the end.

A video of plain colours is made, with a cut every ten seconds, two frames a second, and a library of tracks
that click once a second. The clicks of the soundtrack are compared with the cue sheet.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile

from va_space.media.video.sound import RATE, iter_stereo
from va_space.production.soundtrack.make import make_soundtrack
from va_space.retrieval.index import index
from va_space.space import VASpace

_TRACK = 30  # seconds


def make_film(path: Path, seconds: int) -> None:
    """Plain colours, a new one every ten seconds."""
    random = np.random.default_rng(0)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("h264", rate=2)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(2 * seconds):
            if number % 20 == 0:
                pixels = np.broadcast_to(random.integers(0, 255, 3).astype(np.uint8), (120, 160, 3))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 2)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def make_tracks(folder: Path) -> None:
    """Eight tones with a click in the middle of every second."""
    folder.mkdir()
    clock = np.arange(_TRACK * 22_050) / 22_050
    for number in range(8):
        sound = (
            0.02 * np.sin(2 * np.pi * 110 * 1.3**number * clock) * (1 + 0.5 * np.sin((1 + number) * clock))
        )
        sound[np.abs(clock % 1 - 0.5) < 0.005] = 0.8
        soundfile.write(folder / f"{number}.wav", sound, 22_050)


def last_error(path: Path, made: object) -> float:
    """Seconds by which the last click outside a fade is late."""
    cues, times = made.cues, made.times  # type: ignore[attr-defined]
    cue, (begin, end) = cues[-1], times(len(cues) - 1)
    first = begin + made.fade  # type: ignore[attr-defined]
    due = [
        begin + click - cue.source_start - 0.005
        for click in np.arange(_TRACK) + 0.5
        if first < begin + click - cue.source_start < end - 2.5
    ]
    at, heard = 0, []
    for block in iter_stereo(path, start=Fraction(0)):
        heard += ((at + np.flatnonzero(np.abs(block[0]) > 0.25)) / RATE).tolist()
        at += block.shape[1]
    onsets = np.array([now for before, now in zip([-1.0, *heard], heard, strict=False) if now - before > 0.1])
    return float(onsets[np.abs(onsets - due[-1]).argmin()] - due[-1])


def measure(seconds: int, model: str | None) -> None:
    """Print one row; in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make_film(folder / "film.mp4", seconds)
        make_tracks(folder / "tracks")
        space = VASpace.from_pretrained(model, device="cpu")
        library = index(space, folder / "tracks", folder / "library").library
        before = time.process_time()
        made = make_soundtrack(space, folder / "film.mp4", folder / "out.mp4", library=library)
        spent = time.process_time() - before
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        late = 1000 * last_error(folder / "out.mp4", made)
    print(f"| {seconds} | {len(made.cues)} | {spent:.0f} | {peak:.0f} | {late:+.1f} |")


def main() -> None:
    """Measure videos of several lengths, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 600], help="lengths of the videos")
    parser.add_argument("--model", help="a saved model; default: the one that ships")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.seconds[0], options.model)
        return
    print("| seconds of video | cues | processor time, s | peak memory, MiB | sound late at the end, ms |")
    print("|--:|--:|--:|--:|--:|", flush=True)
    for seconds in options.seconds:
        model = ["--model", options.model] if options.model else []
        subprocess.run([sys.executable, __file__, "--one", "--seconds", str(seconds), *model], check=True)


if __name__ == "__main__":
    main()
