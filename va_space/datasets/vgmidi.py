"""VGMIDI: piano arrangements of game music, rated measure by measure (Ferreira & Whitehead 2019).

About 30 people drew valence and arousal, in -1..1, along each piece. Layout:
`labelled/midi/<series>_<console>_<game>_<piece>.mid` and `labelled/annotations/vgmidi_raw_{1,2}.json`.

Traps of the published files, all handled here: a "measure" is four quarter notes whatever the metre;
`piece7` of file 1 is not `piece7` of file 2; some rated pieces are not in the list of pieces; and a
rater may have one value too many.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from va_space.datasets import midi
from va_space.datasets.annotations import read_text, require
from va_space.datasets.records import Point, Record, keep_existing, windows_of
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

SCALE = Scale(-1, 1)
QUARTERS_PER_MEASURE = 4


@dataclass(frozen=True)
class RatedPiece:
    """One rated piece.

    Attributes:
        midi: File in `labelled/midi`.
        ratings: (raters, measures, 2) valence and arousal in [0, 1].
    """

    midi: Path
    ratings: NDArray[np.float64]

    @property
    def curve(self) -> NDArray[np.float64]:
        """Mean over raters: (measures, 2) valence and arousal in [0, 1]."""
        return self.ratings.mean(axis=0)


def group_of(midi_file: Path) -> str:
    """The series, or the game where the series is "Other", which is many unrelated games."""
    try:
        series, _console, game, _piece = midi_file.stem.split("_", 3)
    except ValueError as error:
        raise DatasetError(
            f"VGMIDI: {midi_file.name} is not <series>_<console>_<game>_<piece>.mid"
        ) from error
    if series != "Other":
        return series
    return next((name for name in ("Warcraft", "Age of Empires") if name in game), game)


def pieces(root: Path) -> list[RatedPiece]:
    """All rated pieces whose MIDI file is named in the annotations, in the order of the files.

    Args:
        root: Folder with `labelled`.

    Raises:
        DatasetError: The layout is not as published.
    """
    folder = require(Path(root) / "labelled" / "annotations", "VGMIDI")
    found = []
    for path in sorted(folder.glob("vgmidi_raw_*.json")):
        try:
            published = json.loads(read_text(path, "VGMIDI"))
            ratings = _ratings(published)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DatasetError(f"VGMIDI: {path} is not as published: {error}") from error
        for piece, entry in published["pieces"].items():
            found.append(RatedPiece(Path(root) / "labelled" / "midi" / entry["midi"], ratings[piece]))
    if not found:
        raise DatasetError(f"VGMIDI: no vgmidi_raw_*.json with pieces in {folder}")
    return found


def _ratings(published: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Listed piece -> (raters, measures, 2) in [0, 1], from the content of one annotation file.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: The content is not as published.
    """
    curves: dict[str, list[NDArray[np.float64]]] = {}
    for key, rating in published["annotations"].items():
        piece = key.rsplit("_", 1)[0]
        curves.setdefault(piece, []).append(np.stack([rating["valence"], rating["arousal"]], axis=-1))
    ratings = {}
    for piece, entry in published["pieces"].items():
        measures = entry["measures"]
        if piece not in curves:
            raise ValueError(f"{piece} has no annotation")
        if any(len(curve) < measures for curve in curves[piece]):
            raise ValueError(f"a rating of {piece} has fewer than {measures} values")
        ratings[piece] = SCALE.to_unit(np.stack([curve[:measures] for curve in curves[piece]]))
    return ratings


def load(
    root: Path,
    cache: Path,
    *,
    window_seconds: float | None = 10.0,
    hop_seconds: float | None = None,
    soundfont: Path | None = None,
    program: midi.Program = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Record]:
    """Windows of the rendered pieces with the mean rating of their measures; the group is the series.

    A window's label is the mean of the measures that sound in it, each weighted by its seconds there;
    the piece's tempo map places measures in time.

    Args:
        root: Folder with `labelled`.
        cache: Folder for the rendered sound; pieces that are not there yet are rendered first.
        window_seconds: Length of the windows; None for one record a piece with its mean over measures.
        hop_seconds: From the start of one window to the next; by default the window length.
        soundfont: See :func:`va_space.datasets.midi.rendered`.
        program: Likewise: another instrument, or from a MIDI file to it.
        progress: Called with (pieces done, pieces in all).

    Raises:
        DatasetError: The layout is not as published, or no piece is there.
        MissingExtraError: A piece must be rendered and FluidSynth is not installed.
    """
    rated = {piece.midi: piece for piece in pieces(root)}
    records = keep_existing(
        (
            Record(path, "music", Point(*piece.curve.mean(axis=0).tolist()), group_of(path), path.stem)
            for path, piece in rated.items()
        ),
        "VGMIDI",
    )
    sound = midi.render_records(records, cache, soundfont=soundfont, program=program, progress=progress)
    if window_seconds is None:
        return sound
    return [
        window
        for score, record in zip(records, sound, strict=True)
        for window in _labelled_windows(record, rated[score.path], window_seconds, hop_seconds)
    ]


def _labelled_windows(
    record: Record, piece: RatedPiece, window_seconds: float, hop_seconds: float | None
) -> list[Record]:
    """The windows of one piece, each with the mean of the measures that it hears."""
    measures = len(piece.curve)
    edges = midi.quarter_seconds(
        piece.midi, QUARTERS_PER_MEASURE * np.arange(measures + 1)
    )  # (measures + 1,)
    labelled = []
    # A few pieces are rated for longer than they sound.
    end = min(float(edges[-1]), midi.sound_seconds(record.path))
    for window in windows_of(record, end, window_seconds, hop_seconds):
        heard = np.clip(edges, window.start, window.start + window_seconds)
        point = np.average(piece.curve, axis=0, weights=np.diff(heard))  # (2,)
        labelled.append(replace(window, label=Point(*point.tolist())))
    return labelled
