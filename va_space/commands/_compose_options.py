"""Options of ``va-space compose`` that text-to-music models have, and what is done with what was made."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from va_space.commands._common import remark
from va_space.text import printable

if TYPE_CHECKING:
    from va_space.generation.engines import Order, Piece
    from va_space.generation.music.compose import Take
    from va_space.generation.neural.takes import NeuralTake

TEXT = ".txt"
"""The ending of a file that gets the text alone."""

Engine = Annotated[
    str,
    typer.Option(help="rules; or musicgen, stable-audio: models that play a text, with the extra neural."),
]
Stage = Annotated[
    str | None,
    typer.Option(
        help="How the text is made: label (a word of feeling), narrative (a caption), lyrical (music "
        "in words), optimised (all of them; several takes, the best kept). [default: optimised]",
        show_default=False,
    ),
]
Negative = Annotated[
    str, typer.Option(help='What the music shall not be like, such as "drums, noise".', show_default=False)
]
MusicModel = Annotated[
    str | None,
    typer.Option(help="What plays: a name such as musicgen-small, or a folder.", show_default=False),
]
CaptionModel = Annotated[
    str | None,
    typer.Option(help="What captions: a name such as blip-base, or a folder.", show_default=False),
]
LanguageModel = Annotated[
    str | None,
    typer.Option(
        help='What describes music: a name such as qwen2.5-0.5b, a folder, or "template".', show_default=False
    ),
]
Classifier = Annotated[
    Path | None,
    typer.Option(
        help="Folder of a classifier of emotions (va-space train emotion-classifier). Default: the nearest "
        "word of the space.",
        show_default=False,
    ),
]
Download = Annotated[
    bool,
    typer.Option("--download", help="Fetch models that are not on this machine, each under its licence."),
]


def check_output(output: Path, engine: str, page: Path | None) -> None:
    """Raise a ConfigError if what is to be made cannot be written so."""
    from va_space.atomic import require_ending
    from va_space.errors import ConfigError
    from va_space.generation.music.provenance import SOUND_ENDINGS, check_ending

    if engine == "rules":
        check_ending(output)
    else:
        require_ending(output, f"pieces by {engine}", (*SOUND_ENDINGS, TEXT))
    if page is not None and engine != "rules":
        raise ConfigError(f"a page shows scores, and {engine} writes none: leave --report out")


def write_text(output: Path, order: "Order") -> dict[str, Any]:
    """Write the text that a model would play, and say how it came about."""
    from va_space.atomic import replacing
    from va_space.generation.engines._played import wanted_by
    from va_space.generation.neural.compose import sketch_for

    sketch = sketch_for(wanted_by(order), order.models)
    with replacing(output) as beside:
        beside.write_text(sketch.prompt + "\n", encoding="utf-8")
    assert sketch.emotion is not None
    return {
        "output": printable(output),
        "emotion": sketch.emotion.word,
        "emotion_by": sketch.emotion.by,
        "caption": sketch.caption,
        "description": sketch.description,
        "prompt": sketch.prompt,
    }


def save_pieces(made: "Sequence[Piece]", output: Path, takes: int) -> list[dict[str, Any]]:
    """Write pieces, each to a file of its own, and a row of the table for each."""
    from va_space.generation.music.compose import Take

    names = [output] if takes == 1 else [output.with_stem(f"{output.stem}-{i + 1}") for i in range(takes)]
    rows = []
    for name, piece in zip(names, made, strict=False):
        piece.save(name)
        rows.append(_score_row(name, piece) if isinstance(piece, Take) else _row(name, piece))
    for note in dict.fromkeys(note for piece in made for note in getattr(piece, "notes", ())):
        remark(note)
    remark(made[0].why)
    return rows


def _row(path: Path, piece: "Piece") -> dict[str, Any]:
    """What every engine can say; and what those say that play texts."""
    from va_space.generation.neural.takes import NeuralTake

    row: dict[str, Any] = {"output": printable(path)}
    if isinstance(piece, NeuralTake):
        row |= _played_row(piece)
    return row | {"seconds": round(piece.sound.shape[1] / piece.sample_rate, 3)}


def _played_row(take: "NeuralTake") -> dict[str, Any]:
    asked, heard = take.sketch.feeling.relative, take.heard or (None, None)
    assert take.sketch.emotion is not None
    return {
        "valence_percentile": asked[0],
        "arousal_percentile": asked[1],
        "sound_valence_percentile": heard[0],
        "sound_arousal_percentile": heard[1],
        "emotion": take.sketch.emotion.word,
        "prompt": take.sketch.prompt,
    }


def _score_row(path: Path, take: "Take") -> dict[str, Any]:
    chosen, controls = take.chosen, take.chosen.composition.controls[0]
    asked = take.request.course.places[0]
    heard = chosen.heard or (None, None)
    return {
        "output": printable(path),
        "valence_percentile": asked[0],
        "arousal_percentile": asked[1],
        "score_valence_percentile": chosen.symbolic[0],
        "score_arousal_percentile": chosen.symbolic[1],
        "sound_valence_percentile": heard[0],
        "sound_arousal_percentile": heard[1],
        "key": controls.key.name,
        "tempo": controls.tempo,
        "instruments": ", ".join(controls.instruments),
        "seconds": round(take.sound.shape[1] / take.sample_rate, 3),
    }
