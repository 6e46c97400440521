"""Whether the cues of a soundtrack feel as the shots do: people's ratings on both sides.

Videos are made of held-out photographs of OASIS, whose ratings are known, and get their music from held-out
pieces of VGMIDI, whose annotations are known: the model has seen neither. The same shots get their cues in
other ways too, to see what helps and where the error comes from.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from va_space.emotion.reference import Distribution, from_normal_scores, normal_scores
from va_space.errors import MissingExtraError
from va_space.media.pictures import load_picture
from va_space.production.soundtrack.cue_sheet import CueSheet
from va_space.production.soundtrack.cues import choose_cues, longest_scene
from va_space.production.soundtrack.make import make_soundtrack
from va_space.production.soundtrack.scenes import CHANGE, LONGEST, SHORTEST, join_parts
from va_space.production.soundtrack.shots import Part
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.story import SMOOTHNESS
from va_space.space import VASpace

SHOTS = 6
FIRST = 10
"""Videos that stand in rows of their own, beside the others."""
SHOT_SECONDS = 10.0
EXCERPT_SECONDS = 40.0
"""Of each piece, from its beginning."""
_RATE = Fraction(2)
_SIZE = (256, 192)
PERMUTATIONS, RESAMPLES = 2000, 1000
SHIPPED = "as shipped"
Look = tuple[Floats, Floats, Floats]
"""Of each shot (..., 2): what people felt under it, where the model places the shot, and the track."""

METRICS = {
    "spearman": "rank correlation, over shots, of the shot's rating with what people felt in the passage "
    "that plays under it",
    "interval": "95% bootstrap interval, drawing whole videos",
    "shuffled": "the same where the cues of each video are shuffled: the mean of permutations",
    "p": "one-sided: share of the permutations that are at least as high",
    "gain": "95% bootstrap interval of the correlation less that of the cues as shipped, on the same videos",
    "pictures": "rank correlation of the shots' ratings with where they are placed: by the model, if nothing "
    "else is said",
    "music": "rank correlation of what people felt in the passages with where the model places their tracks",
}


@TASKS.register("soundtrack")
def run(context: Context) -> TaskResult:
    """Make the videos and their soundtracks, and look both up."""
    records = [record for record in context.pictures["test"] if record.path.is_file()]
    rng = np.random.default_rng(context.seed)
    videos = min(context.limit or len(records), len(records) // SHOTS)
    drawn = rng.permutation(len(records))[: videos * SHOTS].reshape(videos, SHOTS)
    ratings_of = Distribution.of(points(records))
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
        rated: list[Floats] = []
        seen: dict[str, list[Look]] = {}
        for video, some in enumerate(drawn):
            shots = [records[number] for number in some]
            made = make_soundtrack(
                context.space,
                _film(Path(folder) / f"{video}.mp4", shots),
                Path(folder) / f"{video}-out.mp4",
                library=library,
                shortest=min(SHORTEST, SHOT_SECONDS),
            )
            rated.append(points(shots))
            sheets = {SHIPPED: made} | _attempts(
                context.space, library, made, ratings_of.percentile(rated[-1])
            )
            for way, found in sheets.items():
                seen.setdefault(way, []).append(_look(found, by_name))
    ratings = np.stack(rated)
    looks: dict[str, Look] = {
        name: (np.stack(felt), np.stack(placed), np.stack(heard))
        for name, each in seen.items()
        for felt, placed, heard in [zip(*each, strict=True)]
    }
    return {
        "data": "videos of held-out OASIS photographs; held-out VGMIDI pieces as the library",
        "n": {"videos": videos, "shots": videos * SHOTS, "pieces": len(pieces)},
        "metrics": METRICS,
        "rows": _rows(ratings, looks, rng, context.seed),
        "notes": [
            f"each video: {SHOTS} photographs, {SHOT_SECONDS:g} s each, drawn at random; cues as "
            "va-space soundtrack chooses them, so that shots that feel alike to the model share one",
            f"of each piece the first {EXCERPT_SECONDS:g} s are in the library",
            f"{PERMUTATIONS} permutations",
        ],
    }


def _attempts(space: VASpace, library: MusicLibrary, made: CueSheet, rated: Floats) -> dict[str, CueSheet]:
    """Other soundtracks for the shots of one that was made; `rated` is (SHOTS, 2) percentiles of ratings."""
    parts = [part for cue in made.cues for part in cue.scene.parts]
    scores = normal_scores([part.place for part in parts])
    ranks = (scores.argsort(axis=0).argsort(axis=0) + 0.5) / len(parts)
    mixed = from_normal_scores((scores + normal_scores(ranks)) / 2)
    by_ratings = np.array([rated[_shot(part)] for part in parts])
    ways: dict[str, tuple[Sequence[Part], float, float]] = {
        "no smoothness": (parts, CHANGE, 0.0),
        "twice the smoothness": (parts, CHANGE, 2 * SMOOTHNESS),
        "a cue for each shot": (parts, 0.0, SMOOTHNESS),
        "shots half by their rank in the video": (_moved(parts, mixed), CHANGE, SMOOTHNESS),
        "shots by their ratings": (_moved(parts, by_ratings), CHANGE, SMOOTHNESS),
    }
    longest = longest_scene(library, made.fade, LONGEST)
    shortest = min(SHORTEST, SHOT_SECONDS, longest)
    return {
        name: replace(
            made,
            cues=choose_cues(
                space,
                library,
                join_parts(some, shortest=shortest, longest=longest, change=change),
                fade=made.fade,
                smoothness=smoothness,
            ),
        )
        for name, (some, change, smoothness) in ways.items()
    }


def _shot(part: Part) -> int:
    """Which photograph is shown in the middle of a part."""
    return min(SHOTS - 1, int((part.start + part.end) / 2 / SHOT_SECONDS))


def _moved(parts: Sequence[Part], places: Floats) -> list[Part]:
    return [
        replace(part, place=(float(valence), float(arousal)))
        for part, (valence, arousal) in zip(parts, places, strict=True)
    ]


def _look(made: CueSheet, pieces: Mapping[str, list[Record]]) -> Look:
    felt, placed, heard = zip(*(_under(made, shot, pieces) for shot in range(SHOTS)), strict=True)
    return np.stack(felt), np.stack(placed), np.stack(heard)


def _rows(ratings: Floats, looks: Mapping[str, Look], rng: np.random.Generator, seed: int) -> list[TableRow]:
    """All videos as shipped, the first and the others; then the other ways, on all videos."""
    parts = {"all": slice(None)}
    if len(ratings) > FIRST:
        parts |= {f"first {FIRST}": slice(FIRST), "others": slice(FIRST, None)}
    shown = [(SHIPPED, videos) for videos in parts] + [(name, "all") for name in looks if name != SHIPPED]
    rows = []
    for name, videos in shown:
        some = parts[videos]
        for column, axis in enumerate(("valence", "arousal")):
            rated, felt, placed, heard, before = (
                each[some, :, column] for each in (ratings, *looks[name], looks[SHIPPED][0])
            )
            gain = None if name == SHIPPED else _gain(rated, felt, before, seed)
            rows.append(
                {"cues": name, "videos": videos}
                | _row(axis, rated, felt, rng, seed)
                | {
                    "gain": gain,
                    "pictures": spearman(rated.ravel(), placed.ravel()),
                    "music": spearman(felt.ravel(), heard.ravel()),
                }
            )
    return rows


def _gain(rated: Floats, felt: Floats, before: Floats, seed: int) -> tuple[float, float]:
    """Interval of the difference of two correlations over the same (videos, shots)."""
    return bootstrap_interval(
        lambda a, b, c: spearman(a, b) - spearman(a, c),
        [rated.ravel(), felt.ravel(), before.ravel()],
        np.repeat(np.arange(len(rated)), rated.shape[1]),
        resamples=RESAMPLES,
        seed=seed,
    )


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


def _under(made: CueSheet, shot: int, pieces: Mapping[str, list[Record]]) -> tuple[Floats, Floats, Floats]:
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
