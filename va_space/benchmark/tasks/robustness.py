"""How little vectors and predictions move when a file changes in ways that nobody feels."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark import transforms
from va_space.benchmark.context import Context
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow, TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.datasets import emotify, folder
from va_space.datasets.records import Record
from va_space.errors import DatasetError, MediaError, MissingExtraError
from va_space.media.audio import load_section, probe_audio
from va_space.media.kinds import Modality
from va_space.media.pictures import load_picture
from va_space.space import Encoded, VASpace

FILES = {"picture": 96, "music": 24}
SECONDS = 30.0
AIM = {"picture": 0.95, "music": 0.98}

METRICS = {
    "cosine": "mean cosine of the changed file's vector with the original's",
    "5%": "its 5th percentile: one file in twenty is worse",
    "min": "its minimum",
    "above aim": f"share of files above {AIM['music']} (music) or {AIM['picture']} (pictures)",
    "found": "share of changed files whose nearest original, by cosine, is their own",
    "valence moves": "mean absolute change of predicted valence, on the scale 0-1",
    "arousal moves": "the same of arousal",
    "most": "largest absolute change of either",
}

Media = TypeVar("Media")


@dataclass(frozen=True)
class Measured:
    """Vectors (n, dimension) and valence-arousal (n, 2) of the same files under one change."""

    vectors: NDArray[np.float32]
    va: Floats


@TASKS.register("robustness")
def run(context: Context) -> TaskResult:
    """Every change on a few files of each source, beside what other files of the source would give."""
    rows: list[TableRow] = []
    notes: list[str] = []
    for name, modality, records in _sources(context):
        try:
            chosen = _chosen(records(), FILES[modality], context.seed)
        except (DatasetError, MediaError, MissingExtraError) as error:
            notes.append(f"{name} is left out: {error}")
            continue
        if modality == "picture":
            pictures = [load_picture(path) for path in chosen]
            rows += _rows(name, context.space, modality, pictures, transforms.PICTURES)
        else:
            sounds = [_beginning(path) for path in chosen]
            rows += _rows(name, context.space, modality, sounds, transforms.MUSIC)
    if not rows:
        raise DatasetError("; ".join(notes))
    return {
        "data": "pictures of OASIS and paintings; the first 30 s of rendered piano music (VGMIDI, EMOPIA) "
        "and of recordings (Emotify)",
        "split": f"drawn with the seed, at most {FILES['picture']} pictures and {FILES['music']} tracks of a "
        "source: of OASIS and VGMIDI from the test part, of EMOPIA from the official validation part; of "
        "paintings and Emotify from all, which training may have seen without labels",
        "n": {row["data"]: row["n"] for row in rows},
        "metrics": METRICS,
        "rows": [*rows, *_worst(rows)],
        "notes": [
            "another file: every original against every other of its source; what a change does means little "
            "unless it is much less than this",
            f"aims: cosine above {AIM['music']} for music, above {AIM['picture']} for pictures; 12 dB softer "
            "moves arousal by less than 0.05",
            *notes,
        ],
    }


def _sources(context: Context) -> Iterable[tuple[str, Modality, Callable[[], Sequence[Record]]]]:
    root = context.data_root
    return (
        ("OASIS", "picture", lambda: context.pictures["test"]),
        ("paintings", "picture", lambda: folder.load(root / "paintings", modality="picture")),
        ("VGMIDI", "music", lambda: context.music["test"]),
        ("EMOPIA", "music", lambda: context.quadrants["validation"]),
        ("Emotify", "music", lambda: emotify.load(root / "emotify")),
    )


def _chosen(records: Sequence[Record], count: int, seed: int) -> list[Path]:
    """Some of the files, which records may be windows of; the same ones for the same seed."""
    paths = sorted({record.path for record in records})
    return random.Random(seed).sample(paths, min(count, len(paths)))


def _beginning(path: Path) -> transforms.Sound:
    """At the file's own rate: at the model's, some changes would be undone before they are heard."""
    rate = probe_audio(path).sample_rate
    return load_section(path, rate, 0, SECONDS), rate


def _rows(
    data: str,
    space: VASpace,
    modality: Modality,
    originals: Sequence[Media],
    changes: Mapping[str, Callable[[Media], Media]],
) -> list[TableRow]:
    before = _measure(space, modality, originals)
    cosines = before.vectors @ before.vectors.T
    apart = np.abs(before.va[:, None] - before.va[None])
    others = ~np.eye(len(cosines), dtype=bool)
    rows = [_row(data, "another file", modality, len(originals), cosines[others], None, apart[others])]
    for name, change in changes.items():
        after = _measure(space, modality, (change(original) for original in originals))
        cosines = after.vectors @ before.vectors.T
        found = float(np.mean(cosines.argmax(axis=1) == np.arange(len(cosines))))
        moved = np.abs(after.va - before.va)
        rows.append(_row(data, name, modality, len(originals), np.diag(cosines), found, moved))
    return rows


def _worst(rows: Sequence[TableRow]) -> list[TableRow]:
    """The change of each source that takes a file farthest, beside what another file of the source is."""
    worst = []
    for data in dict.fromkeys(row["data"] for row in rows):
        other, *changes = (row for row in rows if row["data"] == data)
        row = min(changes, key=lambda row: row["min"])
        kept = ("cosine", "min", "found", "most")
        worst.append(
            {
                "data": data,
                "worst change": row["change"],
                **{name: row[name] for name in kept},
                "another file": other["cosine"],
            }
        )
    return worst


def _row(
    data: str, change: str, modality: Modality, n: int, cosines: Floats, found: float | None, moved: Floats
) -> TableRow:
    if not len(cosines):  # a source of one file has no other
        cosines, moved = np.array([np.nan]), np.full((1, 2), np.nan)
    return {
        "data": data,
        "change": change,
        "n": n,
        "cosine": float(cosines.mean()),
        "5%": float(np.quantile(cosines, 0.05)),
        "min": float(cosines.min()),
        "above aim": float(np.mean(cosines > AIM[modality])),
        "found": found,
        "valence moves": float(moved[:, 0].mean()),
        "arousal moves": float(moved[:, 1].mean()),
        "most": float(moved.max()),
    }


def _measure(space: VASpace, modality: Modality, media: Iterable[Any]) -> Measured:
    vectors = []
    for item in space.encode_iter(media):
        if not isinstance(item, Encoded):
            raise MediaError(f"{modality} {item.index} of the sample", item.reason)
        vectors.append(item.vector)
    stacked = np.stack(vectors)
    return Measured(stacked, np.asarray(space.predict_va_from_vectors(stacked, modality), np.float64))
