"""``va-space benchmark``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from va_space.benchmark.tasks import TASKS
from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    Model,
    Precision,
    complain,
    needs_extra,
    open_space,
    remark,
)


@VERBS.register("benchmark")
def benchmark(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TASK]...",
            help=f"{', '.join(TASKS.shipped())}, or one that another package adds. Default: all.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(envvar="VA_SPACE_DATA", help="Folder of data sets, one subfolder for each.")
    ] = Path(),
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for a JSON file for each task, and tables.md.")
    ] = Path("runs/benchmark"),
    judge: Annotated[
        str | None,
        typer.Option(
            envvar="VA_SPACE_JUDGE",
            help="For composing: another model, which judges; a folder, or hf-hub:org/name.",
            show_default=False,
        ),
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(
            envvar="VA_SPACE_NETWORK",
            help="For restyle: a StyleGAN2 network, .pkl or .safetensors.",
            show_default=False,
        ),
    ] = None,
    tagger: Annotated[
        Path | None,
        typer.Option(
            envvar="VA_SPACE_TAGGER",
            help="For composing: weights of the music tagger that judges, .safetensors.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=8,
            help="For composing and explanation: so many at most, for a quick look.",
            show_default=False,
        ),
    ] = None,
    held_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.safetensors",
            help="For listeners: tracks as the folds of the model's training take them.",
            show_default=False,
        ),
    ] = None,
    neural: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=MODEL",
            help="For composing: models of the staged pipeline, names or folders; roles: music or "
            "stable-audio, caption, language, classifier, clap. Can be repeated.",
            show_default=False,
        ),
    ] = None,
    crossmodal: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="For instruments: what `va-space train sound-to-picture` or picture-to-sound has made. "
            "Can be repeated.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of bootstrap draws and random rows.")] = 0,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Measure a model on held-out data, beside trivial rows and baselines.

    What a task measures, its data and its metrics stand in what it writes, and in docs/benchmarks.md. The
    tables are written to the output folder and to standard output.
    """
    with needs_extra("Benchmarking", "benchmark"):
        from va_space.benchmark.runner import run_benchmark
        from va_space.benchmark.table import markdown
    from va_space.datasets.cache import cache_folder

    if unknown := set(tasks or ()) - set(TASKS):
        raise typer.BadParameter(f"no such task: {', '.join(sorted(unknown))}", param_hint="TASK")
    results = run_benchmark(
        tasks or [],
        open_space(model, device, precision),
        data,
        cache_folder(),
        output,
        seed,
        lambda name: remark(f"{name} ..."),
        judge=open_space(judge, device, precision) if judge else None,
        network=network,
        tagger=tagger,
        limit=limit,
        held_out=held_out,
        neural=_roles(neural or []),
        crossmodal=crossmodal or (),
    )
    typer.echo(json.dumps(results, indent=2, ensure_ascii=False) if as_json else markdown(results))
    skipped = [result for result in results if "skipped" in result]
    for result in skipped:
        complain(f"{result['task']}: skipped: {result['skipped']}")
    if skipped and (tasks or len(skipped) == len(results)):
        raise typer.Exit(1)


def _roles(named: list[str]) -> dict[str, str]:
    from va_space.benchmark.composing_pipeline import ROLES

    found = {}
    for each in named:
        role, equals, name = each.partition("=")
        if not equals or role not in ROLES:
            raise typer.BadParameter(f"{each}: ROLE=MODEL, with {', '.join(ROLES)}", param_hint="--neural")
        found[role] = name
    return found
