"""Videos that follow music: frames per second, memory by length, and sync; prints markdown.

First each step of writing a video, on the same frames, in processor time as well, since writing uses several
threads. Then whole videos of two lengths, each in a process of its own: a dark picture that flashes with
every click of its sound, graded frame by frame. How far the last flash is from the last click is measured in
the file that was written.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
import torch
from PIL import Image

from va_space.media.structure import Curve
from va_space.media.video.muxing import Shape, write_video
from va_space.media.video.reading import open_soundtrack, open_video
from va_space.transfer.grading import LATENT_SIZE
from va_space.transfer.lut import SIZE, apply_lut, bake
from va_space.transfer.video.frames import graded
from va_space.transfer.video.lut_filter import LUT_SIZE, LutFilter
from va_space.transfer.video.trajectory import Keyframes

RATE = Fraction(25)
SHAPE = Shape(1280, 720, RATE, 1 / RATE)
SOUND_RATE = 44_100


def photograph() -> Image.Image:
    """A picture with detail at all scales."""
    generator = np.random.default_rng(0)
    layers = [
        Image.fromarray(generator.integers(0, 256, (9 * 2**n, 16 * 2**n, 3), np.uint8)).resize(
            (SHAPE.width, SHAPE.height), Image.Resampling.BICUBIC
        )
        for n in range(6)
    ]
    weights = 0.5 ** np.arange(len(layers))
    mixed = sum(weight * np.asarray(layer, np.float32) for weight, layer in zip(weights, layers, strict=True))
    return Image.fromarray((mixed / weights.sum()).astype(np.uint8))


def keyframes(seconds: float) -> Keyframes:
    """Grades that change all the time, and much."""
    times = np.linspace(0, seconds, max(2, round(seconds / 2) + 1))
    drawn = torch.randn(len(times), LATENT_SIZE, generator=torch.Generator().manual_seed(0))
    return Keyframes(times, 0.2 * drawn)


def pulses(seconds: float) -> Curve:
    """An accent in every half second."""
    times = np.arange(round(100 * seconds)) / 100
    return Curve(times, 0.5 * np.exp(-(times % 0.5) / 0.4))


def measured(name: str, count: int, work: Callable[[], object]) -> str:
    """One row: frames per second, and per second of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return f"| {name} | {count / wall:.1f} | {count / processor:.1f} |"


def frames(pictures: list[Image.Image], count: int) -> Iterator[av.VideoFrame]:
    """So many frames, of the pictures in turn."""
    ready = [av.VideoFrame.from_image(picture) for picture in pictures]
    for number in range(count):
        frame = ready[number % len(ready)]
        frame.pts, frame.time_base = number, SHAPE.time_base
        yield frame


def steps(count: int, folder: Path) -> None:
    """Print the speed of each step."""
    picture = photograph()
    still = [picture]
    moving = [picture.rotate(3 * number) for number in range(8)]
    fine, coarse = bake(keyframes(2).latents[0], SIZE), bake(keyframes(2).latents[0], LUT_SIZE)
    way, accents = keyframes(count / float(RATE)), pulses(count / float(RATE))

    def filtered() -> None:
        (first, *_) = frames(still, 1)
        table_filter = LutFilter(first, SHAPE)
        for frame in frames(still, count):
            table_filter.apply(frame, coarse)

    def encoded(pictures: list[Image.Image]) -> None:
        coded = (frame.reformat(format=SHAPE.pixel_format) for frame in frames(pictures, count))
        write_video(folder / "encoded.mp4", coded, SHAPE)

    def whole(pictures: list[Image.Image], name: str) -> None:
        write_video(folder / name, graded(frames(pictures, count), SHAPE, way, pulse=accents), SHAPE)

    def whole_video() -> None:
        with open_video(folder / "moving.mp4") as (info, decoded):
            shape = Shape(info.width, info.height, info.rate, info.time_base)
            write_video(folder / "video.mp4", graded(decoded, shape, way, pulse=accents), shape)

    print(
        f"{count} frames of {SHAPE.width} x {SHAPE.height}; torch with {torch.get_num_threads()} threads.\n"
    )
    print("| step | frames/s | frames/s of processor time |\n|---|--:|--:|")
    rows: list[tuple[str, Callable[[], object]]] = [
        ("Pillow's table filter (the plain way)", lambda: [apply_lut(picture, fine) for _ in range(count)]),
        ("our table filter, with the change to the video's colours", filtered),
        ("encoding alone, still picture", lambda: encoded(still)),
        ("encoding alone, moving pictures", lambda: encoded(moving)),
        ("**whole: a still picture to a video**", lambda: whole(still, "still.mp4")),
        ("whole: moving pictures to a video", lambda: whole(moving, "moving.mp4")),
        ("**whole: a video to a video**", whole_video),
    ]
    for name, work in rows:
        print(measured(name, count, work), flush=True)


def write_flashes(path: Path, seconds: int) -> None:
    """A graded video that flashes in the frame that begins nearest to each click of its sound."""
    sound = path.with_suffix(".flac")
    with soundfile.SoundFile(sound, "w", SOUND_RATE, 2) as file:
        second = np.zeros((SOUND_RATE, 2), np.float32)
        second[SOUND_RATE // 2 : SOUND_RATE // 2 + 500] = 0.8
        for _ in range(seconds):
            file.write(second)
    dark = photograph().point([level // 4 for level in range(256)] * 3)
    bright = Image.new("RGB", dark.size, "white")
    one_second = [bright if number == 12 else dark for number in range(25)]
    with open_soundtrack(sound) as track:
        way = keyframes(seconds)
        write_video(
            path, graded(frames(one_second, 25 * seconds), SHAPE, way, pulse=pulses(seconds)), SHAPE, track
        )


def sync_error(path: Path, seconds: int) -> float:
    """Seconds from the last flash to the last click, less the 20 ms that there should be."""
    last_flash = 0.0
    with open_video(path) as (info, decoded):
        for frame in decoded:
            if (
                frame.pts * info.time_base > seconds - 3
                and frame.reformat(8, 8, "gray").to_ndarray().mean() > 150
            ):
                last_flash = float(frame.pts * info.time_base)
    with open_soundtrack(path, start=info.start) as (sound, parts):
        samples = np.concatenate([np.abs(part.to_ndarray()[0]) > 0.4 for part in parts])
    last_click = np.flatnonzero(samples & (np.arange(len(samples)) > (seconds - 1) * sound.rate))[0]
    return float(last_click / sound.rate - last_flash - 0.02)


def peak_memory() -> float:
    """MiB, of this process (Linux); what resource.getrusage says began with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def length(seconds: int) -> None:
    """Write one video, and print what it took as JSON: run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        start = time.perf_counter(), time.process_time()
        write_flashes(path, seconds)
        wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
        memory = peak_memory()
        error = sync_error(path, seconds)
        found = {"wall": wall, "processor": processor, "memory": memory, "error": error}
        print(json.dumps(found | {"size": path.stat().st_size / 2**20}))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--frames", type=int, default=200, help="frames for each step; 0 leaves the steps out"
    )
    parser.add_argument("--seconds", type=int, nargs="+", default=[30, 180], help="lengths of whole videos")
    parser.add_argument("--length", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.length:
        length(options.length)
        return
    if options.frames:
        with tempfile.TemporaryDirectory() as folder:
            steps(options.frames, Path(folder))
    columns = "frames/s", "frames/s of processor time", "peak memory, MiB", "sync error at the end"
    print(f"\n| seconds of video | {' | '.join(columns)} |")
    print("|--:|--:|--:|--:|--:|")
    for seconds in options.seconds:
        command = [sys.executable, __file__, "--length", str(seconds)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(run.stdout)
        rates = f"{25 * seconds / found['wall']:.1f} | {25 * seconds / found['processor']:.1f}"
        print(f"| {seconds} | {rates} | {found['memory']:.0f} | {1000 * found['error']:.1f} ms |", flush=True)


if __name__ == "__main__":
    main()
