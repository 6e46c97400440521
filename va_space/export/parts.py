"""A long export in parts, each a small parquet file that is complete or not there.

A part's name is made from the model, the options, and the path, size and time of change of each of its
inputs. What is there under the right name therefore need not be made again, whichever process or machine made
it; a change of the inputs changes the names of the parts it concerns. The inputs that could not be read are
in the metadata of the part's file.
"""

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from va_space.errors import MediaError
from va_space.export.places import Place, Source
from va_space.export.rows import row_batches, schema, text
from va_space.export.texts import TextSource
from va_space.space import Encoded, Failure, VASpace

_NAME = re.compile(r"part-\d{6}-[0-9a-f]{16}\.parquet")
_UNFINISHED = re.compile(r"\.\d+\." + _NAME.pattern)
_FAILURES = b"failures"
# Vectors do not repeat: looking for repetitions would only cost time.
TEXTS = ["path", "modality"]
# Files of a store that are fetched at once, and how many wait for the network.
_FETCHERS, _FETCHED_AHEAD = 16, 64

Results = Iterator[Encoded | Failure]
Input = Source | TextSource


@dataclass(frozen=True)
class Part:
    """Consecutive inputs whose vectors are one file.

    Attributes:
        name: Of the file.
        sources: The inputs: files, or texts.
    """

    name: str
    sources: tuple[Input, ...]


@dataclass(frozen=True)
class PartSummary:
    """What came of a part.

    Attributes:
        rows: Number of rows.
        failures: Path and reason of each input that could not be read.
    """

    rows: int
    failures: list[tuple[str, str]]


def plan(
    space: VASpace,
    sources: Sequence[Source],
    windows: float | None,
    size: int,
    texts: Sequence[TextSource] = (),
) -> list[Part]:
    """Divide files, and then texts, into parts of a size; `windows` as in :class:`Work`."""
    # Two models that were never saved have the same name: what one began, the other must not go on with.
    model = uuid4().hex if space.fingerprint == "unsaved" else space.fingerprint
    common = (model, version("va-space"), space.precision, windows, *(["texts"] if texts else []))
    groups: tuple[Sequence[Input], ...] = sources, texts
    divided = (group[start : start + size] for group in groups for start in range(0, len(group), size))
    parts = []
    for number, of_it in enumerate(map(tuple, divided)):
        content = repr((common, [(text(each.name), *each.stamp) for each in of_it]))
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        parts.append(Part(f"part-{number:06d}-{digest}.parquet", of_it))
    return parts


def present(folder: Place) -> set[str]:
    """Names of the parts that are in a folder."""
    return {name for name in folder.names() if _NAME.fullmatch(name)}


def remove_others(parts: Iterable[Part], folder: Place) -> None:
    """Remove what is left of other exports and of interrupted writing; an empty folder goes too."""
    keep = {part.name for part in parts}
    for name in folder.names():
        if name not in keep and (_NAME.fullmatch(name) or _UNFINISHED.fullmatch(name)):
            folder.inside(name).remove()
    folder.remove_folder()


@dataclass(frozen=True)
class Work:
    """How parts are made.

    Attributes:
        space: The model.
        folder: Where the parts go.
        windows: Seconds of a window of music, of which each is a row; None for one row a track.
        batch_size: Pictures, windows of music, or texts that are computed at once.
        texts: Whether there are texts among all inputs.
    """

    space: VASpace
    folder: Place
    windows: float | None
    batch_size: int
    texts: bool = False

    def encode(self, sources: Iterable[Input]) -> Results:
        """Vectors of files and of texts, in order."""
        for of_texts, group in groupby(sources, key=lambda source: isinstance(source, TextSource)):
            if of_texts:
                texts = (source.text for source in group)  # type: ignore[union-attr]
                yield from self.space.encode_text_iter(texts, batch_size=self.batch_size)
            else:
                yield from self._encode_files(group)  # type: ignore[arg-type]

    def _encode_files(self, sources: Iterable[Source]) -> Results:
        """:meth:`VASpace.encode_iter` for files that may be on object storage; these are fetched ahead."""
        copies: deque[Path | None] = deque()
        reasons: dict[Path, str] = {}

        def local(folder: Path) -> Iterator[Path]:
            for source, path, reason in _fetched(sources, folder):
                copies.append(path if source.place.store else None)
                if reason is not None:
                    reasons[path] = reason
                yield path

        with TemporaryDirectory() as folder:
            files = local(Path(folder))
            for result in self.space.encode_iter(
                files, batch_size=self.batch_size, window_seconds=self.windows
            ):
                copy = copies.popleft()
                if copy is not None:
                    copy.unlink(missing_ok=True)
                    if isinstance(result, Failure):
                        result = replace(result, reason=reasons.pop(copy, result.reason))
                yield result

    def write(self, part: Part, results: Results) -> None:
        """Write a part from what :meth:`encode` yields for its sources."""
        failures: list[tuple[str, str]] = []

        def good() -> Iterator[tuple[str, Encoded]]:
            for source, result in zip(part.sources, results, strict=True):
                if isinstance(result, Failure):
                    failures.append((text(source.name), text(result.reason)))
                else:
                    yield source.name, result

        with (
            self.folder.inside(part.name).replacing() as path,
            pq.ParquetWriter(
                path, schema(self.space, self.windows, self.texts), use_dictionary=TEXTS
            ) as writer,
        ):
            for batch in row_batches(self.space, good(), self.windows, self.texts):
                writer.write_batch(batch)
            writer.add_key_value_metadata({_FAILURES.decode(): json.dumps(failures)})


def summary(part: Part, folder: Place) -> PartSummary:
    """What is in a finished part."""
    with folder.inside(part.name).opened() as file:
        metadata = pq.read_metadata(file)
    failures = json.loads(metadata.metadata[_FAILURES])
    return PartSummary(metadata.num_rows, [(path, reason) for path, reason in failures])


def read_rows(parts: Iterable[Part], folder: Place, rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of finished parts in order, at most so many at a time."""
    for part in parts:
        with folder.inside(part.name).opened() as file:
            yield from pq.ParquetFile(file).iter_batches(batch_size=rows)


def _fetched(sources: Iterable[Source], folder: Path) -> Iterator[tuple[Source, Path, str | None]]:
    """Each source, a local file of it, and why there is none."""
    waiting: deque[tuple[Source, Future[tuple[Path, str | None]]]] = deque()
    with ThreadPoolExecutor(_FETCHERS, thread_name_prefix="va-space-fetch") as pool:
        try:
            for number, source in enumerate(sources):
                waiting.append((source, pool.submit(_fetch, source, folder, number)))
                if len(waiting) > _FETCHED_AHEAD:
                    first, fetched = waiting.popleft()
                    yield first, *fetched.result()
            for first, fetched in waiting:
                yield first, *fetched.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch(source: Source, folder: Path, number: int) -> tuple[Path, str | None]:
    if not source.place.store:
        return Path(source.place.path), None
    name = f"{number}{Path(source.place.name).suffix}"
    try:
        return source.place.fetch(folder, name), None
    except MediaError as error:
        return folder / name, error.reason
