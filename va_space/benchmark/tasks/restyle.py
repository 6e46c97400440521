"""Pictures restyled by music and words, judged by a network that nothing was optimised against."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from va_space.benchmark import edits
from va_space.benchmark.context import Context, points
from va_space.benchmark.edits import Edit
from va_space.benchmark.half_space import learn_pictures_anew
from va_space.benchmark.metrics import Floats
from va_space.benchmark.picture_judge import WEIGHTS, PictureJudge
from va_space.benchmark.restyle_rows import ASKED, METRICS, Edited, measured, rms, table_row
from va_space.benchmark.restyle_sheet import write_sheet
from va_space.benchmark.restyle_store import Store
from va_space.benchmark.result import TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.datasets.open_data import picture_halves
from va_space.emotion.reference import KINDS_OF, Kind
from va_space.errors import DatasetError
from va_space.media.kinds import find_media
from va_space.media.pictures import load_picture, read_square
from va_space.space import VASpace
from va_space.targets import MusicTarget, Target, read_targets
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.optimise import optimise
from va_space.transfer.standing import among_pictures

PAINTINGS = PHOTOGRAPHS = 12
NETWORK_PICTURES, INVERSION_STEPS = 4, 60
# What photographs and paintings stand among: so many photographs of the judge's half, and paintings.
REFERENCE = 100
WORDS = "joyful", "angry", "sad", "serene"
STRENGTH = 0.5
SIZE = 256
SHEET, NETWORK_SHEET = "restyle.png", "restyle-network.png"

OURS, RANDOM, RULE, CLOUDS = "ours: grade", "random grade", "colour rule", "clouds of colour"
DIRECTIONS = (1, 1), (-1, 1), (-1, -1), (1, -1)


@dataclass(frozen=True)
class Asked:
    """The pictures and what they are asked to become.

    Attributes:
        files: One for each picture.
        kinds: What they are.
        pictures: (p, 3, SIZE, SIZE) in [0, 1].
        targets: t pieces of music and words, the music first.
        standing: (t, 2) percentiles where they stand.
        wanted: (p, t, 2) changes of percentiles that are asked for.
    """

    files: list[Path]
    kinds: list[Kind]
    pictures: Tensor
    targets: list[Target]
    standing: Floats
    wanted: Floats


@TASKS.register("restyle")
def run(context: Context) -> TaskResult:
    """Ways to edit pictures for music and for words, at equal size."""
    learnt, judged = picture_halves(context.data_root)
    paintings = _paintings(context)
    judge = PictureJudge.fit(context.data_root / ".." / "weights" / WEIGHTS, judged, learnt)
    among = judged[:: max(1, len(judged) // REFERENCE)]
    space, agreement = learn_pictures_anew(context.space, learnt, among, paintings[-REFERENCE:], context.seed)
    random = np.random.default_rng(context.seed)
    photographs = [learnt[row].path for row in random.permutation(len(learnt))[:PHOTOGRAPHS]]
    asked = _asked(context, space, [*paintings[:PAINTINGS], *photographs])
    store = Store(context.output, f"{context.space.fingerprint} {context.seed} {STRENGTH}")
    ways, seconds = _ways(context, space, asked, store)
    outcomes = {name: _judged(judge, way, asked.pictures) for name, way in ways.items()}
    music = sum(isinstance(target, MusicTarget) for target in asked.targets)
    parts = {
        "all": np.arange(len(asked.targets)),
        "music": np.arange(music),
        "words": np.arange(music, len(asked.targets)),
    }
    rows = [
        table_row(name, part, outcome, asked.wanted, columns, seconds.get(name), context.seed)
        for name, outcome in outcomes.items()
        for part, columns in parts.items()
    ]
    notes = [f"StyleGAN2: {note}" for note in _network(context, space, judge, asked, store, rows)]
    if context.output is not None:
        sheet = {name: [way[row] for row in (0, -1)] for name, way in ways.items()}
        write_sheet(context.output / SHEET, asked.pictures[[0, -1]], sheet, [t.stem for t in asked.targets])
    store.finished()
    return {
        "data": f"{PAINTINGS} paintings, {PHOTOGRAPHS} OASIS photographs; {music} VGMIDI pieces, the words "
        + ", ".join(WORDS),
        "split": "the judge learnt from half of OASIS' themes, the model's picture side from the other half, "
        "of which the photographs are; pieces: of the test part, those farthest out by their ratings in each "
        "direction",
        "n": {"pictures": len(asked.files), "targets": len(asked.targets)},
        "judge": "MobileNet v1 x0.25 and ridge; Pearson's r of valence and arousal on the half it has not "
        "seen: {:.3f}, {:.3f} (the model's on a part of the other: {:.3f}, {:.3f})".format(
            *judge.agreement, *agreement
        ),
        "metrics": METRICS,
        "rows": rows,
        "notes": [*_NOTES, *notes],
    }


_NOTES = [
    "wanted: from where the model takes the picture to stand among its kind to where the target stands; a "
    f"sign is asked for from {ASKED} on. Ours: strength {STRENGTH}, the default",
    "all other ways have the same root mean square change as ours, pair by pair",
    f"{RANDOM}: controls drawn from their usual spread",
    f"{RULE}: the wanted change of valence as warmth and exposure, of arousal as saturation and contrast",
    f"{CLOUDS}: clouds made for the target's valence-arousal, laid over the picture; stands for methods that "
    "first make the music visible and then transfer that",
]


def _paintings(context: Context) -> list[Path]:
    folder = context.data_root / "paintings"
    if not folder.is_dir():
        raise DatasetError(f"paintings are missing: {folder} is no folder")
    files = list(find_media([folder]))
    return [files[row] for row in np.random.default_rng(context.seed).permutation(len(files))]


def _asked(context: Context, space: VASpace, files: list[Path]) -> Asked:
    painting, photograph = KINDS_OF["picture"][::-1]
    kinds = [painting] * (len(files) - PHOTOGRAPHS) + [photograph] * PHOTOGRAPHS
    read = read_targets(space, [*_pieces(context), *WORDS])
    targets = [target for target in read if isinstance(target, Target)]
    standing = np.stack([target.standing(space) for target in targets])
    here = [
        space.distribution(kind).percentile(space.predict_va(path))
        for path, kind in zip(files, kinds, strict=True)
    ]
    wanted = standing[None] - np.stack(here)[:, None]
    pictures = torch.stack([read_square(path, SIZE) for path in files])
    return Asked(files, kinds, pictures, targets, standing, wanted)


def _pieces(context: Context) -> list[Path]:
    """The pieces that are farthest out, one in each direction."""
    pieces = [list(windows) for _, windows in groupby(context.music["test"], key=lambda record: record.path)]
    ratings = np.stack([points(windows).mean(axis=0) for windows in pieces])
    apart = ratings - ratings.mean(axis=0)
    chosen: list[int] = []
    for direction in DIRECTIONS:
        order = np.argsort(-apart @ direction, kind="stable")
        chosen += [next(int(index) for index in order if index not in chosen)]
    return [pieces[index][0].path for index in chosen]


def _ways(
    context: Context, space: VASpace, asked: Asked, store: Store
) -> tuple[dict[str, list[Tensor]], dict[str, float]]:
    """Edits of every picture for every target, (t, 3, SIZE, SIZE) each; the seconds to find one of ours."""
    rng = torch.Generator().manual_seed(context.seed)
    clouds = edits.visualisations(asked.standing, SIZE, rng)
    ways: dict[str, list[Tensor]] = {name: [] for name in (OURS, RANDOM, RULE, CLOUDS)}
    start, found_now = time.process_time(), 0
    for path, kind, picture, wanted in zip(
        asked.files, asked.kinds, asked.pictures, asked.wanted, strict=True
    ):
        shown = GradeGenerator(picture)
        latents = store.get(f"grade {path.name}")
        if latents is None:
            seen = GradeGenerator(read_square(path, space.config.picture.size).to(space.device))
            latents = _restyled(context, space, seen, asked.targets, kind)
            store.put(f"grade {path.name}", latents)
            found_now += len(latents)
        ours = _drawn(edits.along(shown, latents), torch.ones(len(latents)))
        ways[OURS].append(ours)
        others = {
            RANDOM: edits.along(shown, edits.random_grades(len(latents), rng)),
            RULE: edits.along(shown, edits.colour_rule(0.5 + wanted / 2)),
            CLOUDS: edits.blended(picture, clouds),
        }
        for name, edit in others.items():
            ways[name].append(_as_strong(edit, picture, ours))
    seconds = (time.process_time() - start) / found_now if found_now else None
    return ways, {OURS: seconds} if seconds else {}


@torch.inference_mode()
def _drawn(edit: Edit, strengths: Tensor) -> Tensor:
    return edit(strengths).clone()


def _as_strong(edit: Edit, picture: Tensor, ours: Tensor) -> Tensor:
    """Edits made as strong as ours, pair by pair."""
    size = rms(ours, picture)
    strengths = edits.equally_strong(edit, len(ours), lambda edited: size - rms(edited, picture), 0.0)
    return _drawn(edit, strengths)


def _restyled(
    context: Context, space: VASpace, generator: Generator, targets: Sequence[Target], kind: Kind
) -> Tensor:
    wanted = [among_pictures(space, target, kind) for target in targets]
    return optimise(space, generator, wanted, strength=STRENGTH, seed=context.seed, kind=kind).final


def _judged(judge: PictureJudge, way: Sequence[Tensor], pictures: Tensor) -> list[Edited]:
    return [
        measured(edited, picture, judge.standing(picture[None]), judge.standing(edited))
        for edited, picture in zip(way, pictures, strict=True)
    ]


def _network(
    context: Context,
    space: VASpace,
    judge: PictureJudge,
    asked: Asked,
    store: Store,
    rows: list[dict[str, object]],
) -> list[str]:
    """Rows for a StyleGAN2 network, if there is one; what is to be said of them."""
    if context.network is None:
        return ["no network was given (--network or VA_SPACE_NETWORK), so there is no row for it"]
    from va_space.networks.stylegan2.files import load_stylegan2
    from va_space.transfer.generators.stylegan2 import stylegan2_generator

    network = load_stylegan2(context.network)
    mark = hashlib.sha256(Path(context.network).read_bytes()).hexdigest()[:12]
    half = NETWORK_PICTURES // 2
    some = [*range(half), *range(len(asked.files) - half, len(asked.files))]
    notes, sheet = [], {}
    for latent_space in ("w", "w+"):
        own, ours, quality = [], [], []
        for row in some:
            path, kind = asked.files[row], asked.kinds[row]
            drawn = store.get(f"{mark} {latent_space} {path.name}")
            if drawn is None:
                generator = stylegan2_generator(
                    space,
                    load_picture(path),
                    network,
                    latent_space=latent_space,
                    steps=INVERSION_STEPS,
                    seed=context.seed,
                )
                latents = _restyled(context, space, generator, asked.targets, kind)
                both = torch.cat([generator.origin.cpu(), latents])
                drawn = _drawn(edits.resized(edits.along(generator, both), SIZE), torch.ones(len(both)))
                store.put(f"{mark} {latent_space} {path.name}", drawn)
            own.append(drawn[0])
            ours.append(drawn[1:])
            quality.append(float(-10 * torch.log10((drawn[0] - asked.pictures[row]).square().mean())))
        name = f"ours: StyleGAN2, {latent_space.upper()}"
        outcome = _judged(judge, ours, torch.stack(own))
        # What is asked for is asked of the network's own picture.
        here = [
            space.distribution(asked.kinds[row]).percentile(space.predict_va(picture))
            for row, picture in zip(some, own, strict=True)
        ]
        wanted = asked.standing[None] - np.stack(here)[:, None]
        columns = np.arange(len(asked.targets))
        rows.append(table_row(name, "all", outcome, wanted, columns, None, context.seed))
        sheet[name] = [ours[0], ours[-1]]
        sheet[f"inverted, {latent_space.upper()}"] = [
            picture.expand(len(asked.targets), -1, -1, -1) for picture in (own[0], own[-1])
        ]
        found = f"{len(some)} pictures, found in {INVERSION_STEPS} steps at {np.mean(quality):.1f} dB PSNR"
        notes.append(f"{latent_space.upper()}: {found}; all columns compare with the network's own picture")
    if context.output is not None:
        ends = asked.pictures[[some[0], some[-1]]]
        write_sheet(context.output / NETWORK_SHEET, ends, sheet, [t.stem for t in asked.targets])
    return notes
