"""Pictures restyled by music, judged by a model that nothing was optimised against."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.benchmark import edits
from va_space.benchmark.context import Context, points
from va_space.benchmark.edits import Edit
from va_space.benchmark.judge import Judge, keeps_structure
from va_space.benchmark.metrics import Floats
from va_space.benchmark.restyle_rows import METRICS, difference_row, table_row
from va_space.benchmark.restyle_sheet import write_sheet
from va_space.benchmark.result import TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.errors import CheckpointError, DatasetError
from va_space.media.kinds import find_media
from va_space.media.pictures import load_picture, picture_to_tensor, resize_pictures
from va_space.targets import FeelingTarget, MusicTarget, Target
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.optimise import identity_weights, optimise

PAINTINGS, PHOTOGRAPHS, PER_QUADRANT, EMBEDDING_PICTURES = 6, 6, 2, 12
STEPS, STRENGTH = 50, 0.5
SSIM_LEVEL = 0.9
# Pictures are compared at this size; SSIM's window is 11 pixels.
SIZE = 128
SHEET = "restyle.png"

RANDOM, RULE, CLOUDS, EMBEDDING = "random grade", "colour rule", "visualisation route", "embedding route"
VECTOR, POINT = "ours: grade, by vector", "ours: grade, by valence-arousal"
STYLEGAN2 = "ours: StyleGAN2, by vector"


@dataclass(frozen=True)
class Music:
    """Pieces of music, as many in each direction of the plane.

    Attributes:
        ratings: (m, 2) by people.
        judged: (m, 2) by the judge.
        vectors: (m, dimension) of the model.
        targets: As the model hears them.
    """

    ratings: Floats
    judged: Floats
    vectors: NDArray[np.float32]
    targets: Sequence[Target]


@TASKS.register("restyle")
def run(context: Context) -> TaskResult:
    """Ways to edit pictures for music, as they are and at equal identity."""
    judge = _judge(context)
    names, pictures = _pictures(context)
    music = _music(context, judge)
    ways, as_found, seconds = _ways(context, pictures, music)
    count = len(music.targets)
    once = torch.ones(len(pictures), count)

    start = time.perf_counter()
    networked, notes = _network(context, names, pictures, music)
    if networked:
        seconds[STYLEGAN2] = (time.perf_counter() - start) / once.numel()
    still: dict[str, list[Edit]] = {
        "no change": [edits.blended(picture, picture[None]) for picture in pictures]
    }
    tables = {
        "as it is": {
            name: judge.outcome(way, pictures, strength)
            for name, way, strength in (
                *((name, way, once) for name, way in still.items()),
                *((name, way, once) for name, way in as_found.items()),
                *((name, way, once) for name, way in networked.items()),
            )
        }
    }
    kept = {"ssim": keeps_structure, "features": judge.keeps_features}
    level, sheet = SSIM_LEVEL, {}
    for measure, keeps in kept.items():
        outcomes = {}
        for name, way in ways.items():
            strengths = torch.stack(
                [
                    edits.equally_strong(edit, count, keeps(picture), level)
                    for edit, picture in zip(way, pictures, strict=True)
                ]
            )
            outcomes[name] = judge.outcome(way, pictures, strengths)
            if measure == "ssim":
                sheet[name] = [edit(row) for edit, row in zip(way[:2], strengths, strict=False)]
        tables[f"{measure} {level:.3f}"] = outcomes
        level = float(outcomes[RANDOM].features.mean())
    for name, way in networked.items():
        sheet[name] = [edit(row) for edit, row in zip(way[:2], once, strict=False)]
    if context.output is not None:
        write_sheet(context.output / SHEET, pictures[:2], sheet)
    rows = [
        table_row(table, name, outcome, music.ratings, music.judged, seconds.get(name), context.seed)
        for table, outcomes in tables.items()
        for name, outcome in outcomes.items()
    ]
    differences = [
        difference_row(table, ours, other, tables[table], music.ratings, context.seed)
        for table in list(tables)[1:]
        for ours in (VECTOR, POINT)
        for other in (RANDOM, RULE)
    ]
    return {
        "data": f"{PAINTINGS} paintings and {PHOTOGRAPHS} OASIS photographs; VGMIDI pieces",
        "split": "photographs and pieces of the test parts of the open split; paintings have no labels. Of "
        f"the pieces the {PER_QUADRANT} farthest out, by their ratings, in each of the four directions",
        "n": {"pictures": len(pictures), "pieces of music": count},
        "judge": judge.space.fingerprint,
        "metrics": METRICS,
        "rows": rows + differences,
        "notes": [*_NOTES, *notes],
    }


_NOTES = [
    f"ours: {STEPS} steps at strength {STRENGTH}; at equal identity, along the way from the original",
    "equal identity: every edit is made as strong as leaves the same SSIM, or the same features; the level "
    "of the latter is that of the random grades at equal SSIM",
    f"{RANDOM}: controls drawn from their usual spread",
    f"{RULE}: valence is warmth and exposure, arousal is saturation and contrast, as far from neutral as the "
    "model hears the music",
    f"{CLOUDS}: clouds of colour and grain made from the music's valence-arousal, laid over the picture; "
    "stands for methods that first make the music visible and then transfer that",
    f"{EMBEDDING}: a ridge map from differences of vectors to grades, fitted on random grades of training "
    "pictures and asked for the difference of the music's and the picture's vector; stands for methods that "
    "map a shared embedding to latents without optimisation",
]


def _judge(context: Context) -> Judge:
    if context.judge is None:
        raise CheckpointError("the judge is missing, a model other than this one: --judge or VA_SPACE_JUDGE")
    if context.judge.fingerprint == context.space.fingerprint:
        raise CheckpointError("the judge is the model itself, and would not see when it is fooled")
    return Judge(context.judge)


def _pictures(context: Context) -> tuple[list[Path], Tensor]:
    """Paintings and photographs, as squares: their files and (p, 3, SIZE, SIZE) in [0, 1]."""
    folder = context.data_root / "paintings"
    if not folder.is_dir():
        raise DatasetError(f"paintings are missing: {folder} is no folder")
    random = np.random.default_rng(context.seed)
    paintings = list(find_media([folder]))
    photographs = [record.path for record in context.pictures["test"]]
    chosen = [
        files[index]
        for files, count in ((paintings, PAINTINGS), (photographs, PHOTOGRAPHS))
        for index in random.permutation(len(files))[:count]
    ]
    return chosen, torch.stack([_square(path) for path in chosen])


def _square(path: Path) -> Tensor:
    return picture_to_tensor(load_picture(path), SIZE).float() / 255


def _music(context: Context, judge: Judge) -> Music:
    """Pieces that are farthest out, in an order that goes round the four directions."""
    pieces = [list(windows) for _, windows in groupby(context.music["test"], key=lambda record: record.path)]
    ratings = np.stack([points(windows).mean(axis=0) for windows in pieces])
    apart = ratings - ratings.mean(axis=0)
    chosen: list[int] = []
    for _ in range(PER_QUADRANT):
        for direction in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
            order = np.argsort(-apart @ direction, kind="stable")
            chosen += [next(index for index in order if index not in chosen)]
    files = [pieces[index][0].path for index in chosen]
    vectors = context.space.encode(files)
    targets = [
        MusicTarget.of(context.space, vector, source=path)
        for path, vector in zip(files, vectors, strict=True)
    ]
    return Music(ratings[chosen], judge.space.predict_va(files).astype(np.float64), vectors, targets)


def _ways(
    context: Context, pictures: Tensor, music: Music
) -> tuple[dict[str, list[Edit]], dict[str, list[Edit]], dict[str, float]]:
    """Ways to edit every picture for every piece; ours as they were found; the seconds to find one edit."""
    space, count = context.space, len(music.targets)
    rng = torch.Generator().manual_seed(context.seed)
    heard = np.stack([target.point for target in music.targets])
    music_vectors = torch.from_numpy(music.vectors)
    feelings = [FeelingTarget(target.name, target.point) for target in music.targets]
    train = context.pictures["train"]
    learnt_on = [record.path for record in train[:: max(1, len(train) // EMBEDDING_PICTURES)]]
    embedding = edits.SharedEmbedding(space, torch.stack([_square(path) for path in learnt_on]), rng)
    clouds = edits.visualisations(heard, SIZE, rng)
    rule = edits.colour_rule(heard)
    ways: dict[str, list[Edit]] = {}
    as_found: dict[str, list[Edit]] = {VECTOR: [], POINT: []}
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[list[Edit]]:
        start = time.perf_counter()
        yield ways.setdefault(name, [])
        seconds[name] = seconds.get(name, 0.0) + (time.perf_counter() - start) / (len(pictures) * count)

    for picture in pictures:
        graded = GradeGenerator(picture)
        with timed(RANDOM) as way:
            way.append(edits.along(graded, edits.random_grades(count, rng)))
        with timed(RULE) as way:
            way.append(edits.along(graded, rule))
        with timed(CLOUDS) as way:
            way.append(edits.blended(picture, clouds))
        with timed(EMBEDDING) as way:
            asked = embedding(edits.vectors(space, picture[None]), music_vectors)
            way.append(edits.along(graded, edits.of_usual_size(asked)))
        for name, targets in ((VECTOR, music.targets), (POINT, feelings)):
            with timed(name) as way:
                seen = GradeGenerator(
                    resize_pictures(picture[None].to(space.device), space.config.picture.size)[0]
                )
                found = _restyled(context, seen, targets)
                way.append(edits.along(graded, edits.of_usual_size(found)))
            as_found[name].append(edits.along(graded, found))
    return ways, as_found, seconds


def _restyled(context: Context, generator: Generator, targets: Sequence[Target]) -> Tensor:
    weights = identity_weights(context.space, generator, targets, STRENGTH)
    found = optimise(
        context.space, generator, targets, identity_weight=weights, steps=STEPS, seed=context.seed
    )
    return found.final


def _network(
    context: Context, names: Sequence[Path], pictures: Tensor, music: Music
) -> tuple[dict[str, list[Edit]], list[str]]:
    """Ways through a StyleGAN2 network, if there is one: its own picture of the picture, and ours."""
    if context.network is None:
        return {}, [
            "no StyleGAN2 network was given (--network or VA_SPACE_NETWORK), so there is no row for it"
        ]
    from va_space.networks.stylegan2.files import load_stylegan2
    from va_space.transfer.generators.stylegan2 import stylegan2_generator

    network = load_stylegan2(context.network)
    found: dict[str, list[Edit]] = {"StyleGAN2, inverted": [], STYLEGAN2: []}
    quality = []
    for path in names:
        generator = stylegan2_generator(context.space, load_picture(path), network, seed=context.seed)
        quality.append(generator.inversion.psnr)
        latents = _restyled(context, generator, music.targets)
        for name, where in (
            ("StyleGAN2, inverted", generator.origin.expand_as(latents)),
            (STYLEGAN2, latents),
        ):
            found[name].append(edits.resized(edits.along(generator, where), SIZE))
    note = f"StyleGAN2: {Path(context.network).name}, inversion at {np.mean(quality):.1f} dB PSNR on average"
    return found, [
        f"{note}; identity includes what the inversion loses, so it is not made equal; seconds include the "
        "inversion, which all music of a picture shares"
    ]
