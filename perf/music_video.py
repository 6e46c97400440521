"""Whether videos obey their music: measured in the frames that were written; prints markdown.

One picture is made a video of each track: recordings, and two composed tracks whose cuts are known, one of
them 12 s long with a change at 6 s. The video is decoded again, and its frames are compared with the music by
librosa's own features, and by none of the code that made the video.

- r, frames: Pearson correlation, over all frames, of the mean absolute difference to the frame before and the
  spectral flux of the music at that moment (the novelty that onsets are found by).
- r, 1 s: the same of one measure on both: the distance of the mean of the second after a moment from the mean
  of the second before it, of frames and of mel spectra.
- between sections, within sections: mean absolute difference in levels of 255 of the mean frames of sections
  that follow one another, and of frames that follow one another within a section.
- cut: seconds from a known cut of the music to the largest change of the picture around it.

At last a classifier is to tell the tracks by single frames: it learns from every second block of 3 s, and is
asked about the others.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from va_space import VASpace
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.generation.music.compose import compose_takes
from va_space.media.video.reading import open_video
from va_space.transfer.generators.grade import grade_generator
from va_space.transfer.video.contact_sheet import write_sheet
from va_space.transfer.video.restyle import restyle_picture_over_time, styles_of
from va_space.transfer.video.results import FULL, PREVIEW, RestyledVideo

RATE = Fraction(12)
SIDE = 160
SOUND_RATE = 22_050
CUTS = {
    "composed 1": (("0.2,0.1", 10), ("0.2,0.9", 10), ("0.9,0.5", 10)),
    "composed 2": (("0.8,0.1", 6), ("0.1,0.9", 6)),
}
BLOCK = 3.0
NEAR = 0.2


@dataclass(frozen=True)
class Row:
    """What was measured in one video."""

    name: str
    frames: np.ndarray
    r_frames: float
    r_second: float
    sections: int
    between: float
    within: float
    cuts: tuple[float, ...]


def compose(folder: Path) -> dict[Path, tuple[float, ...]]:
    """The composed tracks, and the seconds at which they change."""
    found = {}
    for name, parts in CUTS.items():
        sounds, starts, total = [], [], 0.0
        for number, (feeling, seconds) in enumerate(parts):
            take = compose_takes(None, feeling, seconds=seconds + 2, seed=number, candidates=1)[0]
            sounds.append(take.sound.mean(axis=0)[: seconds * take.sample_rate])
            total += seconds
            starts.append(total)
        soundfile.write(folder / f"{name}.flac", np.concatenate(sounds), take.sample_rate)
        found[folder / f"{name}.flac"] = tuple(starts[:-1])
    return found


def novelty(track: Path, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spectral flux of the music, and how it changes over a second, at (n,) times."""
    import librosa

    sound, rate = librosa.load(track, sr=SOUND_RATE)
    mel = librosa.power_to_db(librosa.feature.melspectrogram(y=sound, sr=rate), ref=np.max, top_db=70)
    flux = librosa.onset.onset_strength(S=mel, sr=rate)
    return tuple(_at_frames(values, times, rate / 512) for values in (flux, over_a_second(mel.T, rate / 512)))


def over_a_second(values: np.ndarray, rate: float) -> np.ndarray:
    """(n, d) values to (n,) distances of the second after each from the second before it."""
    total = np.cumsum(np.pad(values, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
    border, reach = np.arange(len(values)), round(rate)
    first, last = np.maximum(border - reach, 0), np.minimum(border + reach, len(values))
    before = (total[border] - total[first]) / np.maximum(border - first, 1)[:, None]
    after = (total[last] - total[border]) / (last - border)[:, None]
    away = np.linalg.norm(after - before, axis=1)
    away[:reach] = away[-reach:] = np.nan  # at the ends there is no whole second
    return away


def _at_frames(values: np.ndarray, times: np.ndarray, rate: float) -> np.ndarray:
    """The largest value since the frame before."""
    edges = (
        np.round(np.append(times[:1] - np.diff(times[:2]), times) * rate).astype(int).clip(0, len(values) - 1)
    )
    return np.array([values[a : max(a, b) + 1].max() for a, b in pairwise(edges)])


def decoded(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Times, and (n, h, w, 3) levels."""
    with open_video(path) as (info, frames):
        pairs = [(float(frame.pts * info.time_base), frame.to_ndarray(format="rgb24")) for frame in frames]
    return np.array([time for time, _ in pairs]), np.stack([pixels for _, pixels in pairs])


def measure(name: str, track: Path, video: RestyledVideo, path: Path, known: Sequence[float]) -> Row:
    """Look at a video that was written."""
    times, frames = decoded(path)
    levels = frames.astype(np.float32)
    change = np.abs(np.diff(levels, axis=0)).mean(axis=(1, 2, 3))
    flux, slow = novelty(track, times[1:])
    small = levels[1:, ::8, ::8].reshape(len(levels) - 1, -1)
    seen = over_a_second(small, float(RATE))
    whole = ~np.isnan(slow + seen)
    starts = np.array([span.start for span in video.spans])
    widths = np.array([span.width for span in video.spans])
    middle = (times[1:] + times[:-1]) / 2
    away = (np.abs(middle[:, None] - starts[None, 1:]) - widths[None, 1:] / 2).min(axis=1, initial=np.inf)
    own = np.searchsorted(starts, times + 1e-6, side="right") - 1
    means = [levels[own == number].mean(axis=0) for number in range(len(starts))]
    between = [float(np.abs(b - a).mean()) for a, b in pairwise(means)]
    cuts = []
    for cut in known:
        near = np.abs(times[1:] - cut) < 1.5
        cuts.append(float(times[1:][near][change[near].argmax()] - cut))
    return Row(
        name,
        frames[:: round(RATE / 2)],
        float(np.corrcoef(change, flux)[0, 1]),
        float(np.corrcoef(seen[whole], slow[whole])[0, 1]),
        len(starts),
        float(np.mean(between)) if between else float("nan"),
        float(change[away > NEAR].mean()),
        tuple(cuts),
    )


def described(frames: np.ndarray) -> np.ndarray:
    """(n, h, w, 3) levels to (n, d): means and deviations of colours, over the whole and by quarters."""
    levels = frames.astype(np.float32) / 255
    height, width = levels.shape[1] // 2, levels.shape[2] // 2
    parts = [levels, levels[:, :height, :width], levels[:, :height, width:], levels[:, height:, :width]]
    return np.concatenate([f(part, axis=(1, 2)) for part in parts for f in (np.mean, np.std)], axis=1)


def told_apart(rows: Sequence[Row]) -> tuple[float, float]:
    """Accuracy of a classifier of frames: for all tracks at once, and on average for two."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = np.concatenate([described(row.frames) for row in rows])
    label = np.repeat(np.arange(len(rows)), [len(row.frames) for row in rows])
    block = np.concatenate([np.arange(len(row.frames)) / 2 // BLOCK for row in rows])
    learnt = block % 2 == 0

    def accuracy(kept: np.ndarray) -> float:
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        model.fit(features[kept & learnt], label[kept & learnt])
        return float(np.mean(model.predict(features[kept & ~learnt]) == label[kept & ~learnt]))

    pairs = [accuracy(np.isin(label, pair)) for pair in combinations(range(len(rows)), 2)]
    return accuracy(np.ones(len(label), bool)), float(np.mean(pairs))


def mean_of(values: Sequence[float]) -> str:
    """The mean over tracks, of those that have the value, with half of its 95% interval."""
    known = np.array([value for value in values if not np.isnan(value)])
    half = 1.96 * known.std(ddof=1) / len(known) ** 0.5 if len(known) > 1 else float("nan")
    return f"{known.mean():.2f} ± {half:.2f}"


def main() -> None:
    """Make the videos, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recordings", type=int, default=10, help="of Emotify, below VA_SPACE_DATA")
    parser.add_argument("--picture", type=Path, default=PHOTOGRAPHS[0].path)
    parser.add_argument("--strength", type=float, default=0.5)
    parser.add_argument("--pulse", type=float, default=0.5)
    parser.add_argument("--preview", action="store_true", help="fewer steps and keyframes")
    parser.add_argument("--keep", type=Path, help="keep videos and contact sheets in this folder")
    parser.add_argument("--model", help="folder of a model")
    options = parser.parse_args()
    space = VASpace.from_pretrained(options.model)
    picture = Image.open(options.picture).convert("RGB")
    preset = PREVIEW if options.preview else FULL
    styles = styles_of(space, picture, grade_generator(space, picture), options.strength, preset.steps)
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        tracks: dict[Path, tuple[float, ...]] = {}
        if options.recordings:
            audio = sorted((Path(os.environ["VA_SPACE_DATA"]) / "emotify/audio").glob("*.ogg"))
            chosen = np.linspace(0, len(audio) - 1, options.recordings).round().astype(int)
            tracks |= {audio[number]: () for number in chosen}
        tracks |= compose(folder)
        columns = "r, frames", "r, 1 s", "sections", "between sections", "within sections", "cut"
        print(f"| track | {' | '.join(columns)} |\n|---|--:|--:|--:|--:|--:|--:|")
        rows = []
        for track, known in tracks.items():
            path = folder / f"{track.stem}.mp4"
            video = restyle_picture_over_time(
                space,
                picture,
                track,
                path,
                styles=styles,
                pulse=options.pulse,
                rate=RATE,
                long_side=SIDE,
                preset=preset,
            )
            if options.keep:
                write_sheet(path.with_suffix(".png"), video)
            row = measure(track.stem, track, video, path, known)
            rows.append(row)
            between = "-" if np.isnan(row.between) else f"{row.between:.1f}"
            cuts = ", ".join(f"{cut:+.2f} s" for cut in row.cuts) or "-"
            print(
                f"| {row.name} | {row.r_frames:.2f} | {row.r_second:.2f} | {row.sections} "
                f"| {between} | {row.within:.2f} | {cuts} |",
                flush=True,
            )
        names = "r_frames", "r_second", "between", "within"
        means = [mean_of([getattr(row, name) for row in rows]) for name in names]
        print(f"| **mean, 95%** | {means[0]} | {means[1]} | - | {means[2]} | {means[3]} | - |")
    if len(rows) > 1:
        whole, pair = told_apart(rows)
        print("\n| told by single frames | accuracy | chance |\n|---|--:|--:|")
        print(f"| which of {len(rows)} tracks | {whole:.2f} | {1 / len(rows):.2f} |")
        print(f"| which of two, mean over pairs | {pair:.2f} | 0.50 |")


if __name__ == "__main__":
    main()
