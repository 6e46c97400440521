"""Run benchmark tasks and write what they find."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from va_space.atomic import replacing
from va_space.benchmark import table
from va_space.benchmark.context import Context
from va_space.benchmark.result import TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.errors import CheckpointError, ConfigError, DatasetError, MediaError, MissingExtraError
from va_space.space import VASpace


def run_benchmark(
    tasks: Sequence[str],
    space: VASpace,
    data_root: Path,
    cache: Path,
    output: Path,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    *,
    judge: VASpace | None = None,
    network: Path | None = None,
    tagger: Path | None = None,
    limit: int | None = None,
    held_out: Path | None = None,
    neural: Mapping[str, str] | None = None,
    crossmodal: Sequence[Path] = (),
) -> list[TaskResult]:
    """Run tasks one after the other.

    Writes ``<task>.json`` as soon as a task is done, and ``tables.md`` with all of them at the end.

    Args:
        tasks: Names from :data:`va_space.benchmark.tasks.TASKS`; none for all.
        space: The model that is measured.
        data_root: Folder of data sets in their published layouts.
        cache: Root of the cache, for rendered MIDI.
        output: Folder for the results, made if it is not there.
        seed: Of bootstrap draws and random rows; the split is always that of training.
        progress: Called with the name of each task before it starts.
        judge: Another model, for restyling and composing.
        network: A StyleGAN2 network, for restyling.
        tagger: Weights of the music tagger that judges composed music.
        limit: Targets at most, where a task makes something for each: for a quick look.
        held_out: What the folds of the model's training say of tracks, for listeners.
        neural: Models of the staged pipeline by role, for composing; see :class:`Context`.
        crossmodal: Models that make pictures for sounds, or sounds for pictures, for instruments.

    Returns:
        A dictionary for each task. One whose data are missing has the key ``skipped`` with the reason.

    Raises:
        ConfigError: There is no task of that name.
    """
    if unknown := [name for name in tasks if name not in TASKS]:
        raise ConfigError(f"no such task: {', '.join(unknown)}; there are {', '.join(TASKS)}")
    output.mkdir(parents=True, exist_ok=True)
    context = Context(
        space,
        data_root,
        cache,
        seed,
        judge=judge,
        network=network,
        tagger=tagger,
        limit=limit,
        output=output,
        held_out=held_out,
        neural=neural,
        crossmodal=crossmodal,
    )
    results = []
    for name in tasks or TASKS:
        if progress:
            progress(name)
        result = _run(name, context)
        _write(output / f"{name}.json", json.dumps(result, indent=2, ensure_ascii=False) + "\n")
        results.append(result)
    _write(output / "tables.md", table.markdown(results))
    return results


def _run(name: str, context: Context) -> TaskResult:
    about = {"task": name, "seed": context.seed, "model": context.space.fingerprint}
    try:
        return _plain({**about, **TASKS[name](context)})
    except (CheckpointError, DatasetError, MediaError, MissingExtraError) as error:
        return {**about, "skipped": str(error), "rows": [], "notes": []}


def _plain(value: Any) -> Any:
    """The same for JSON, which knows no tuple and no NaN."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write(path: Path, text: str) -> None:
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")
