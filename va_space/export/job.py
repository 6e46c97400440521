"""The whole of an export: plan, parts, the finished file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from va_space.errors import ConfigError
from va_space.export.finished import FinishedRows
from va_space.export.formats import WRITERS, endings
from va_space.export.parts import (
    Part,
    PartSummary,
    Results,
    Work,
    plan,
    present,
    remove_others,
    summary,
)
from va_space.export.places import Place, find_sources
from va_space.export.rows import schema
from va_space.export.texts import TextSource, as_sources
from va_space.space import Encoded, VASpace

# A kill loses the parts in hand; smaller parts would only make more files.
PART_SIZE = 256
_FAILURES = pa.schema([("path", pa.string()), ("reason", pa.string())])


@dataclass(frozen=True)
class Exported:
    """What came of an export.

    Attributes:
        output: The file, or folder of parts; None if there was nothing to write.
        rows: Number of rows in it.
        inputs: Number of files, and texts, that were looked at.
        resumed: How many of them an earlier, interrupted run had already done.
        failed: How many could not be read.
        failures: The parquet file that lists them; None if there are none.
        passed_over: Files in folders that were not tried, for their ending.
    """

    output: str | None
    rows: int
    inputs: int
    resumed: int
    failed: int
    failures: str | None
    passed_over: list[Path]


def export(
    space: VASpace,
    paths: Iterable[str | Path],
    output: str | Path,
    *,
    windows: bool = False,
    window_seconds: float | None = None,
    batch_size: int = 32,
    engine: Literal["local", "ray"] = "local",
    workers: int | None = None,
    part_size: int = PART_SIZE,
    progress: Callable[[int, int], None] | None = None,
    failed: Callable[[str, str], None] | None = None,
    noted: Callable[[str, str], None] | None = None,
    every: bool = False,
    texts: Iterable[str | TextSource] = (),
) -> Exported:
    """Embed files, and then texts, and write their vectors with valence and arousal, in their order.

    Finished parts are kept in the folder ``<output>.parts`` until the output is complete and takes their
    place; the same call after an interruption goes on from there. Memory does not grow with the number of
    files, but for their names, unless the output is npz or safetensors.

    Args:
        space: The model.
        paths: Files and folders with pictures and music, or URIs (:mod:`~va_space.export.places`).
        output: Name or URI ending in the ending of a format (:mod:`~va_space.export.formats`), such as
            .parquet, .npz, .safetensors; or in /, which leaves the parts as a folder of parquet files.
            Missing folders are made.
        windows: One row a window of music instead of one row a track.
        window_seconds: Length of these windows; by default that on which the model was trained.
        batch_size: Pictures, or windows of music, that are computed at once.
        engine: "local" computes here; "ray" as a Ray Data job
            (:mod:`~va_space.export.ray_engine`).
        workers: Processes of Ray, each with the model; None takes one for each GPU or else each CPU.
        part_size: Inputs in a part.
        progress: Called with (inputs done, inputs in all).
        failed: Called with path and reason for each input that could not be read.
        noted: Called with path and what is to be said about an input that was used all the same; not by Ray.
        every: Also try files in folders whose ending is not known, by their content.
        texts: Texts, or what :func:`~va_space.export.texts.read_texts` made of a file of them; with them the
            table has a column ``text``, which is empty for files.

    Raises:
        CheckpointError: There are texts, and the model has no heads for them.
        ConfigError: The output has another ending, or is a folder where it should be a file; or texts are to
            be embedded by Ray.
        MissingExtraError: Ray, or the extra ``text`` that texts need, is not installed.
        ValueError: There is a length of windows but none are wanted, or it is not for this model.

    Example:
        >>> import pyarrow.parquet as pq
        >>> from va_space import VASpace
        >>> from va_space.demo.photographs import PHOTOGRAPHS
        >>> _ = export(VASpace.from_pretrained(), [PHOTOGRAPHS[0].path], "vectors.parquet")
        >>> table = pq.read_table("vectors.parquet")
        >>> table.num_rows, "vector" in table.column_names
        (1, True)
    """
    if window_seconds is not None and not windows:
        raise ValueError("window_seconds is of windows: ask for windows=True, too")
    length = (window_seconds or space.config.audio.window_seconds) if windows else None
    name, target = str(output), Place.of(output)
    ending = next((each for each in endings() if name.endswith(each)), None)
    if ending is None:
        raise ConfigError(f"{output}: the name must end in {', '.join(endings())}")
    if ending != "/" and target.is_folder():
        raise ConfigError(f"{output}: is a folder; add / to its name to fill it with parquet files")
    told = as_sources(texts)
    if told and engine == "ray":
        raise ConfigError("texts are embedded on this machine, without Ray; they need some milliseconds each")
    if told:
        _ = space.sentence_encoder  # first: what it lacks is told at once
    folder = target if ending == "/" else target.beside(f"{target.name}.parts")
    folder.make_folder()  # first: a place that cannot be written to is told at once
    passed_over: list[Path] = []
    found = list(find_sources(paths, every=every, passed_over=passed_over))
    planned = plan(space, found, length, part_size, told)
    there = present(folder)
    todo = [part for part in planned if part.name not in there]
    total = sum(len(part.sources) for part in planned)
    done = resumed = total - sum(len(part.sources) for part in todo)

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, total)

    advance(0)
    work = Work(space, folder, length, batch_size, bool(told))
    if engine == "ray":
        from va_space.export.ray_engine import run_on_ray

        finished = run_on_ray(work, todo, workers, advance)
    else:
        finished = _run_here(work, todo, advance, noted)
    summaries: dict[str, PartSummary] = {}
    for part in chain((part for part in planned if part.name in there), finished):
        summaries[part.name] = summary(part, folder)
        if failed:
            for path, reason in summaries[part.name].failures:
                failed(path, reason)

    rows = sum(each.rows for each in summaries.values())
    failures = [failure for part in planned for failure in summaries[part.name].failures]
    listed = target.beside(f"{target.name.removesuffix(ending)}.failures.parquet")
    if failures:
        names, reasons = zip(*failures, strict=True)
        with listed.replacing() as file:
            pq.write_table(pa.table([names, reasons], schema=_FAILURES), file)
    if rows and ending != "/":
        with target.replacing() as file:
            WRITERS[ending[1:]](FinishedRows(planned, folder, schema(space, length, bool(told))), file)
    if not failures:
        listed.remove()
    remove_others(planned if rows and ending == "/" else [], folder)
    return Exported(
        output=str(output) if rows else None,
        rows=rows,
        inputs=total,
        resumed=resumed,
        failed=len(failures),
        failures=str(listed) if failures else None,
        passed_over=passed_over,
    )


def _run_here(
    work: Work,
    todo: Sequence[Part],
    advance: Callable[[int], None],
    noted: Callable[[str, str], None] | None,
) -> Iterator[Part]:
    """Write parts one after the other; what follows is decoded meanwhile."""

    def counted(results: Results) -> Results:
        for result in results:
            if noted and isinstance(result, Encoded):
                for note in result.notes:
                    noted(str(result.source), note)
            yield result
            advance(1)

    sources = (source for part in todo for source in part.sources)
    with closing(work.encode(sources)) as results:  # type: ignore[type-var]
        for part in todo:
            work.write(part, counted(islice(results, len(part.sources))))
            yield part
