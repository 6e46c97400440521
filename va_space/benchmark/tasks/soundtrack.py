"""Whether the cues of a soundtrack feel as the shots do: people's ratings on both sides.

Ten videos are made of held-out photographs of OASIS, whose ratings are known, and get their music from
held-out pieces of VGMIDI, whose annotations are known: the model has seen neither.
"""

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import numpy as np
import soundfile
from PIL import ImageOps

from va_space.benchmark.context import Context, points
from va_space.benchmark.metrics import Floats, bootstrap_interval, spearman
from va_space.benchmark.result import TableRow, TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.datasets.records import Record
from va_space.errors import MissingExtraError
from va_space.media.pictures import load_picture
from va_space.production.soundtrack.cue_sheet import CueSheet
from va_space.production.soundtrack.make import make_soundtrack
from va_space.retrieval.index import index

VIDEOS, SHOTS = 10, 6
SHOT_SECONDS = 10.0
EXCERPT_SECONDS = 40.0
"""Of each piece, from its beginning."""
_RATE = Fraction(2)
_SIZE = (256, 192)
PERMUTATIONS, RESAMPLES = 2000, 1000

METRICS = {
    "spearman": "rank correlation, over shots, of the shot's rating with what people felt in the passage "
    "that plays under it",
    "interval": "95% bootstrap interval, drawing whole videos",
    "shuffled": "the same where the cues of each video are shuffled: the mean of permutations",
    "p": "one-sided: share of the permutations that are at least as high",
    "pictures": "rank correlation of the shots' ratings with where the model places them",
    "music": "rank correlation of what people felt in the passages with where the model places their tracks",
}


@TASKS.register("soundtrack")
def run(context: Context) -> TaskResult:
    """Make the videos and their soundtracks, and look both up."""
    records = [record for record in context.pictures["test"] if record.path.is_file()]
    rng = np.random.default_rng(context.seed)
    videos = min(context.limit or VIDEOS, len(records) // SHOTS)
    drawn = rng.permutation(len(records))[: videos * SHOTS].reshape(videos, SHOTS)
    pieces = {
        path: list(windows) for path, windows in groupby(context.music["test"], key=lambda each: each.path)
    }
    with tempfile.TemporaryDirectory() as folder:
        music = Path(folder) / "music"
        music.mkdir()
        by_name = {}
        for number, (path, windows) in enumerate(pieces.items()):
            name = music / f"{number}.flac"
            _write_excerpt(path, name)
            by_name[name.name] = windows
        library = index(context.space, music, Path(folder) / "library").library
        rated, felt, placed, heard = [], [], [], []
        for video, some in enumerate(drawn):
            shots = [records[number] for number in some]
            made = make_soundtrack(
                context.space,
                _film(Path(folder) / f"{video}.mp4", shots),
                Path(folder) / f"{video}-out.mp4",
                library=library,
                shortest=min(8.0, SHOT_SECONDS),
            )
            rated.append(points(shots))
            under = [_under(made, number, by_name) for number in range(SHOTS)]
            felt.append(np.array([each[0] for each in under]))
            placed.append(np.array([each[1] for each in under]))
            heard.append(np.array([each[2] for each in under]))
    ratings, feelings, places, tracks = (np.stack(each) for each in (rated, felt, placed, heard))
    return {
        "data": "videos of held-out OASIS photographs; held-out VGMIDI pieces as the library",
        "n": {"videos": videos, "shots": videos * SHOTS, "pieces": len(pieces)},
        "metrics": METRICS,
        "rows": [
            _row(axis, ratings[..., column], feelings[..., column], rng, context.seed)
            | {
                "pictures": spearman(ratings[..., column].ravel(), places[..., column].ravel()),
                "music": spearman(feelings[..., column].ravel(), tracks[..., column].ravel()),
            }
            for column, axis in enumerate(("valence", "arousal"))
        ],
        "notes": [
            f"each video: {SHOTS} photographs, {SHOT_SECONDS:g} s each, drawn at random; cues as "
            "va-space soundtrack chooses them, so that shots that feel alike to the model share one",
            f"of each piece the first {EXCERPT_SECONDS:g} s are in the library",
            f"{PERMUTATIONS} permutations",
        ],
    }


def _row(axis: str, ratings: Floats, feelings: Floats, rng: np.random.Generator, seed: int) -> TableRow:
    """(videos, shots) ratings and feelings to a row."""
    videos = np.repeat(np.arange(len(ratings)), ratings.shape[1])
    actual = spearman(ratings.ravel(), feelings.ravel())
    drawn = np.array(
        [spearman(ratings.ravel(), rng.permuted(feelings, axis=1).ravel()) for _ in range(PERMUTATIONS)]
    )
    return {
        "axis": axis,
        "spearman": actual,
        "interval": bootstrap_interval(
            spearman, [ratings.ravel(), feelings.ravel()], videos, resamples=RESAMPLES, seed=seed
        ),
        "shuffled": float(drawn.mean()),
        "p": float((1 + (drawn >= actual - 1e-12).sum()) / (1 + PERMUTATIONS)),
    }


def _film(path: Path, shots: Sequence[Record]) -> Path:
    """A video of pictures, two frames a second, one picture after the other."""
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("videos", "video") from error
    with av.open(str(path), "w") as file:
        stream = file.add_stream("h264", rate=_RATE)
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "20"}
        count = max(1, round(SHOT_SECONDS * _RATE))
        for number, shot in enumerate(shots):
            picture = ImageOps.pad(load_picture(shot.path), _SIZE)
            for frame_number in range(count):
                frame = av.VideoFrame.from_image(picture)
                frame.pts, frame.time_base = number * count + frame_number, 1 / _RATE
                file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def _write_excerpt(piece: Path, path: Path) -> None:
    with soundfile.SoundFile(piece) as file:
        samples = file.read(round(EXCERPT_SECONDS * file.samplerate), dtype="float32")
        soundfile.write(path, samples, file.samplerate)


def _under(made: CueSheet, shot: int, pieces: dict[str, list[Record]]) -> tuple[Floats, Floats, Floats]:
    """What people felt in the passage under a shot, where the model placed the shot, and the track."""
    middle = (shot + 0.5) * SHOT_SECONDS
    number, cue = next(
        (number, cue) for number, cue in enumerate(made.cues) if cue.scene.start <= middle < cue.scene.end
    )
    assert cue.path is not None
    begin = cue.source_start + shot * SHOT_SECONDS - made.times(number)[0]
    windows = pieces[cue.path.name]
    shared = np.array(
        [
            min(each.start + (each.duration or 0.0), begin + SHOT_SECONDS) - max(each.start, begin)
            for each in windows
        ]
    ).clip(0)
    labels = points(windows)
    # A passage may reach where nobody has annotated: then the nearest window counts.
    if not shared.any():
        shared[np.abs([each.start - begin for each in windows]).argmin()] = 1.0
    part = next(part for part in cue.scene.parts if part.start <= middle < part.end)
    return np.average(labels, axis=0, weights=shared), np.array(part.place), np.array(cue.place)
