"""``va-space benchmark``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from va_space.commands.common import (
    AsJson,
    Device,
    Model,
    Precision,
    complain,
    needs_extra,
    open_space,
    remark,
)


def benchmark(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TASK]...",
            help="picture-va, music-va, matching, listeners, calibration, robustness, restyle, imemnet, "
            "losses. Default: all.",
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
            help="For restyle: another model, which judges; a folder, or hf-hub:org/name.",
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
    held_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.safetensors",
            help="For listeners: tracks as the folds of the model's training take them.",
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

    Tasks: picture-va and music-va, predicted valence and arousal; matching, finding music for pictures;
    listeners, how listeners felt about the music found for calm and for aroused paintings;
    calibration, whether predictions and their uncertainty are on the scale of ratings; robustness, what
    codecs, crops and the like change; restyle, pictures edited for music, as another model judges them;
    imemnet, for people who have its media; losses, what each loss does, on synthetic pairs. The tables are
    written to the output folder and to standard output.
    """
    with needs_extra("Benchmarking", "benchmark"):
        from va_space.benchmark.runner import TASKS, run_benchmark
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
        held_out=held_out,
    )
    typer.echo(json.dumps(results, indent=2, ensure_ascii=False) if as_json else markdown(results))
    skipped = [result for result in results if "skipped" in result]
    for result in skipped:
        complain(f"{result['task']}: skipped: {result['skipped']}")
    if skipped and (tasks or len(skipped) == len(results)):
        raise typer.Exit(1)
