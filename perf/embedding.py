"""Speed of embedding files, as ratios within one run; prints a markdown table.

Three ways over the same files and the same network, one after the other in each of several rounds:

- plain: PIL or librosa, one file after the other, float32, default memory format, batches of one;
- va-space: VASpace.encode_iter;
- forward: the encoder alone, in va-space's precision and the parts of a batch that it computes at once, on
  inputs that are ready in memory. Nothing that embeds files with this network can be faster.

Files are those of oasis and emotify below VA_SPACE_DATA, or made here when that is unset.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import librosa
import numpy as np
import soundfile
import torch
from PIL import Image
from torch import Tensor

from va_space import VASpace
from va_space.encoders.config import SpaceConfig
from va_space.encoders.embedder import _ON_PROCESSOR
from va_space.encoders.model import SpaceModel
from va_space.media.kinds import find_media
from va_space.media.mel import make_frontend
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows
from va_space.space import Failure


def plain_picture(space: VASpace, path: Path) -> np.ndarray:
    """One picture, the way that tutorials do it."""
    size = space.config.picture.size
    picture = Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
    pixels = torch.from_numpy(np.asarray(picture, dtype=np.float32) / 255).permute(2, 0, 1)
    return space.model.picture_encoder(pixels.contiguous()[None]).numpy()[0]


def plain_music(space: VASpace, path: Path) -> np.ndarray:
    """One track, window by window."""
    audio = space.config.audio
    samples, _ = librosa.load(path, sr=audio.sample_rate)
    length, vectors, frontend = audio.window_samples, [], make_frontend(audio)
    for start in range(0, len(samples), length):
        window = samples[start : start + length]
        if start and 2 * len(window) < length:
            break
        filled = np.resize(window, length)
        vectors.append(space.model.music_encoder(plain_input(filled, audio, frontend)).numpy()[0])
    mean = np.mean(vectors, axis=0)
    return mean / np.linalg.norm(mean)


def plain_input(window: np.ndarray, audio: AudioSettings, frontend: torch.nn.Module) -> Tensor:
    """One window as the encoder takes it: librosa's log-mel where that is all, else our own front end's."""
    if audio.waveform or audio.semitones:
        return frontend(torch.from_numpy(window)[None])
    mel = librosa.feature.melspectrogram(
        y=window, sr=audio.sample_rate, n_fft=audio.n_fft, hop_length=audio.hop_length, n_mels=audio.n_mels
    )
    return torch.from_numpy(np.log10(mel / mel.mean() + audio.floor))[None, None]


def plain(space: VASpace, one: Callable[[VASpace, Path], np.ndarray], paths: Sequence[Path]) -> np.ndarray:
    """(n, dimension) vectors, the plain way."""
    with torch.inference_mode():
        return np.stack([one(space, path) for path in paths])


def ours(space: VASpace, paths: Sequence[Path], batch_size: int) -> np.ndarray:
    """(n, dimension) vectors by va-space."""
    vectors = []
    for result in space.encode_iter(paths, batch_size=batch_size):
        if isinstance(result, Failure):
            raise SystemExit(f"{result.source}: {result.reason}")
        vectors.append(result.vector)
    return np.stack(vectors)


def picture_batches(space: VASpace, paths: Sequence[Path], batch_size: int) -> list[Tensor]:
    """All pictures, as the encoder takes them."""
    size = space.config.picture.size
    pictures = torch.stack([picture_to_tensor(load_picture(path), size) for path in paths])
    return [
        (part.float() / 255).contiguous(memory_format=torch.channels_last)
        for part in pictures.split(batch_size)
    ]


def music_batches(space: VASpace, paths: Sequence[Path], batch_size: int) -> list[Tensor]:
    """All windows of all tracks, as the encoder takes them."""
    windows = [window for path in paths for _, window in iter_windows(path, space.config.audio)]
    frontend = make_frontend(space.config.audio)
    return [frontend(part) for part in torch.from_numpy(np.stack(windows)).split(batch_size)]


def forward(space: VASpace, encoder: torch.nn.Module, batches: Sequence[Tensor]) -> None:
    """The network alone."""
    bf16 = space._bf16  # what "auto" came to is nobody's business but a benchmark's
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for batch in batches:
            for part in batch.split(_ON_PROCESSOR):
                encoder(part)


def seconds(clock: Callable[[], float], function: Callable[..., object], *arguments: object) -> float:
    """How long a call takes."""
    start = clock()
    function(*arguments)
    return clock() - start


def measure(
    name: str,
    spaces: tuple[VASpace, VASpace],
    paths: Sequence[Path],
    one: Callable[[VASpace, Path], np.ndarray],
    batches: Sequence[Tensor],
    options: argparse.Namespace,
) -> str:
    """One row of the table.

    Args:
        name: Of the row.
        spaces: The one that is measured, and the same network in the default memory format.
        paths: Files.
        one: The plain way for one file.
        batches: The same files, ready for the network.
        options: Of the command line.
    """
    space, default_format = spaces
    encoder = space.model.picture_encoder if one is plain_picture else space.model.music_encoder
    expected = plain(default_format, one, paths)  # also fills the file cache and warms up
    cosine = float((expected * ours(space, paths, options.batch_size)).sum(1).min())
    ways: dict[str, tuple] = {
        "plain": (plain, default_format, one, paths),
        "ours": (ours, space, paths, options.batch_size),
        "forward": (forward, space, encoder, batches),
    }
    clock = time.process_time if options.processor_time else time.perf_counter
    rounds = [{way: seconds(clock, *call) for way, call in ways.items()} for _ in range(options.rounds)]
    rate = {way: len(paths) / statistics.median(times[way] for times in rounds) for way in ways}
    ratio = statistics.median(times["plain"] / times["ours"] for times in rounds)
    share = statistics.median(times["forward"] / times["ours"] for times in rounds)
    return (
        f"| {name} | {len(paths)} | {rate['plain']:.1f} | {rate['ours']:.1f} | **{ratio:.1f}x** "
        f"| {rate['forward']:.1f} | {share:.0%} | {cosine:.4f} |"
    )


def make_pictures(folder: Path, count: int) -> list[Path]:
    """JPEG files of 1024 x 768 with the smoothness of photographs."""
    generator = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(generator.integers(0, 256, (48, 64, 3), dtype=np.uint8))
        coarse.resize((1024, 768), Image.Resampling.BICUBIC).save(folder / f"{number}.jpg", quality=90)
    return sorted(folder.glob("*.jpg"))


def make_music(folder: Path, count: int) -> list[Path]:
    """Stereo flac files of 30 s at 44.1 kHz."""
    generator, rate = np.random.default_rng(0), 44100
    t = np.arange(30 * rate) / rate
    for number in range(count):
        pitches = generator.uniform(60, 4000, 6)
        tones = sum(np.sin(2 * np.pi * pitch * t + 3 * np.sin(pitch / 99 * t)) for pitch in pitches)
        stereo = np.stack([tones, tones], axis=1) / 8 + generator.normal(0, 0.01, (len(t), 2))
        soundfile.write(folder / f"{number}.flac", stereo, rate)
    return sorted(folder.glob("*.flac"))


def files(options: argparse.Namespace, scratch: Path) -> tuple[list[Path], list[Path], str]:
    """Pictures, tracks, and what they are."""
    data = os.environ.get("VA_SPACE_DATA")
    if not data:
        made = "made files (JPEG 1024 x 768; 30 s stereo flac at 44.1 kHz)"
        return make_pictures(scratch, options.pictures), make_music(scratch, options.tracks), made
    pictures = list(islice(find_media([Path(data) / "oasis" / "images"]), options.pictures))
    tracks = list(islice(find_media([Path(data) / "emotify"]), options.tracks))
    return pictures, tracks, "photographs of OASIS, tracks of Emotify"


def load(name: str, precision: str) -> VASpace:
    """A model by name; "paper" is the paper's configuration with random weights."""
    if name == "paper":
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return VASpace(SpaceModel(SpaceConfig()), device="cpu", precision=precision)
    return VASpace.from_pretrained(name or None, device="cpu", precision=precision)


def processor() -> str:
    """Name of the processor, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", default="", help="folder, or 'paper' for ResNet50/ResNet18 at 224 with random weights"
    )
    parser.add_argument("--pictures", type=int, default=256, help="number of pictures")
    parser.add_argument("--tracks", type=int, default=64, help="number of tracks")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", default="auto", choices=("auto", "bf16", "fp32"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="of all threads, which other work on the machine changes less",
    )
    options = parser.parse_args()

    space, default_format = load(options.model, options.precision), load(options.model, "fp32")
    default_format.model.to(memory_format=torch.contiguous_format)
    with tempfile.TemporaryDirectory() as scratch:
        pictures, tracks, what = files(options, Path(scratch))
        config = space.config
        precision = "bf16" if space._bf16 else "fp32"
        machine = f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
        print(f"{what}; {machine}, {precision},")
        by = "processor time" if options.processor_time else "the clock"
        print(f"batches of {options.batch_size}, by {by}, median of {options.rounds} rounds.\n")
        columns = "network", "files", "plain /s", "va-space /s", "ratio", "forward /s", "share of forward"
        print(f"| {' | '.join(columns)} | min cosine |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        kinds = (
            (
                f"{config.picture_backbone}, {config.picture.size} px",
                pictures,
                plain_picture,
                picture_batches,
            ),
            (
                f"{config.music_backbone}, {config.audio.window_seconds:g} s windows",
                tracks,
                plain_music,
                music_batches,
            ),
        )
        for name, paths, one, batches in kinds:
            ready = batches(space, paths, options.batch_size)
            print(measure(name, (space, default_format), paths, one, ready, options), flush=True)


if __name__ == "__main__":
    main()
