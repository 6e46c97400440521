"""``va-space explain``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from va_space.atomic import require_ending
from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    KindOption,
    Model,
    Precision,
    Texts,
    about,
    leave,
    open_space,
    progress_bar,
    remark,
    remark_notes,
    report,
    show_table,
)
from va_space.text import printable, valid_unicode

if TYPE_CHECKING:
    from va_space.explanation import Aim, Explained, Explanation
    from va_space.explanation.changes import Change
    from va_space.explanation.moments import Curve


# The largest; --json has all.
_CHANGES = 10


def _ending(output: Path | None) -> Path | None:
    if output is not None:
        with about("--output"):
            require_ending(output, "explanations", (".html", ".htm", ".png"))
    return output


@VERBS.register("explain")
def explain(
    source: Annotated[
        str, typer.Argument(metavar="PICTURE|TRACK", help="What to explain.", show_default=False)
    ],
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]...",
            help="valence, arousal, or how near it is to a picture, a track, a word such as serene, a point "
            'such as 0.8,0.3, or a text such as "after the rain". Default: valence and arousal.',
            show_default=False,
        ),
    ] = None,
    texts: Texts = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="why.html|.png",
            help="Also write a page, or a picture.",
            show_default=False,
            callback=_ending,
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(metavar="NAME", help="Of a picture's maps: occlusion, integrated-gradients."),
    ] = "occlusion",
    grid: Annotated[int, typer.Option(min=2, help="Occlusion: windows along each side.")] = 9,
    steps: Annotated[int, typer.Option(min=2, help="Integrated gradients: steps.")] = 24,
    absolute: Annotated[
        bool,
        typer.Option("--absolute", help="Nearness in the space itself, not where things stand."),
    ] = False,
    kind: KindOption = None,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Say why the model feels what it does about a picture or a track.

    Of a picture: which regions raise and lower the number, and which changes of its colours would. Of a
    track: which moments do. Of both, and of every target, the words of feeling that lie nearest. Needs the
    extra explain.

    An effect is what the number of the whole loses without the region or the moment. Of a video its sound is
    explained.
    """
    from va_space.explanation import MapOptions
    from va_space.explanation.explain import aims_for, explain_subject, read_subject
    from va_space.explanation.methods import METHODS
    from va_space.space import Failure
    from va_space.targets import Text, problem_of

    if method not in METHODS:
        raise typer.BadParameter(f"{method}: there are {', '.join(METHODS)}", param_hint="--method")
    if problem := problem_of(source):
        raise typer.BadParameter(f"{printable(source)}: {problem}", param_hint="PICTURE|TRACK")
    space = open_space(model, device, precision)
    subject = read_subject(space, source)
    remark_notes(subject.name, subject.notes)
    asked: list[str] = [*(targets or []), *map(Text, texts or [])]
    failures: list[Failure] = []
    aims: list[Aim] = []
    scale: Literal["absolute", "relative"] = "absolute" if absolute else "relative"
    for aim in aims_for(space, subject, asked or ["valence", "arousal"], kind, scale):
        if isinstance(aim, Failure):
            failures.append(aim)
            report(aim)
        else:
            aims.append(aim)
            remark_notes(aim.name, aim.target.notes if aim.target else ())
    if aims:
        with progress_bar("Explaining") as bar:
            why = explain_subject(
                space,
                subject,
                aims,
                method=method,
                options=MapOptions(grid, steps),
                kind=kind,
                progress=lambda what, done, total: bar(done, total, what),
            )
        _show(why, as_json)
        if output is not None:
            _write(output, why)
    leave(failures, len(asked))


def _show(why: "Explanation", as_json: bool) -> None:
    from va_space.explanation.doubts import SMALL

    if as_json:
        typer.echo(json.dumps(_valid(why.to_dict()), indent=2, ensure_ascii=False))
        return
    subject = why.subject
    told = [*filter(None, [subject.standing]), *subject.words, *subject.tags]
    remark(f"{printable(subject.name)}: {', '.join(told)}")
    rows = [_row(each) for each in why.explained]
    if not any(row["nearest words"] for row in rows):  # axes have none
        for row in rows:
            del row["nearest words"]
    show_table(rows, as_json=False)
    if why.changes:
        typer.echo()
        names = [printable(each.aim.name) for each in why.explained]
        rows = [
            {"change": each.words, **dict(zip(names, _effects(each), strict=True))}
            for each in why.changes[:_CHANGES]
        ]
        show_table(rows, as_json=False)
        if any(cell.endswith("small") for row in rows for cell in row.values()):
            remark(f"small: {SMALL}")


def _effects(change: "Change") -> list[str]:
    from va_space.explanation.doubts import with_doubt

    doubts = zip(change.effects, change.doubts, strict=True)
    return [with_doubt(effect, doubt, "small") for effect, doubt in doubts]


def _row(each: "Explained") -> dict[str, Any]:
    from va_space.explanation.doubts import with_doubt

    row: dict[str, Any] = {"explained": printable(each.aim.what), "is": each.score}
    if each.where is not None:
        for name, region in (("raised by", each.where.raises), ("lowered by", each.where.lowers)):
            # Of a picture that only lowers, or only raises, the other end is no cause.
            caused = region.effect > 0 if name == "raised by" else region.effect < 0
            row[name] = f"{region.words} ({with_doubt(region.effect, region.doubt)})" if caused else None
    if each.when is not None:
        row |= {"raised by": _moment(each.when, each.when.raises)}
        row |= {"lowered by": _moment(each.when, each.when.lowers)}
    row["nearest words"] = ", ".join([*each.side.words, *each.side.tags]) if each.side else None
    return row


def _moment(curve: "Curve", window: int | None) -> str | None:
    from va_space.explanation.doubts import with_doubt

    if window is None:
        return None
    start = curve.starts[window]
    effect = with_doubt(float(curve.effects[window]), curve.doubt)
    return f"{start:g} s to {start + curve.length:g} s ({effect})"


def _write(path: Path, why: "Explanation") -> None:
    if path.suffix.lower() == ".png":
        from va_space.explanation.figure import write_figure

        write_figure(path, why)
        remark(f"Picture: {path}")
    else:
        from va_space.explanation.page import write_explanation

        write_explanation(path, why)
        remark(f"Page: {path.absolute().as_uri()}")


def _valid(value: Any) -> Any:
    """The same with texts that every encoder takes."""
    if isinstance(value, dict):
        return {name: _valid(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_valid(each) for each in value]
    return valid_unicode(value) if isinstance(value, str) else value
