"""Decoded media kept on disk as arrays, so that an epoch is never decode-bound."""

import hashlib
import json
import logging
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.atomic import replacing
from va_space.datasets.records import Record
from va_space.errors import MediaError
from va_space.media.audio import load_audio
from va_space.media.mel import make_frontend
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
Convert = Callable[[Sequence[Record]], NDArray]

_FILES_AT_ONCE = 64


@dataclass(frozen=True)
class Cached:
    """Decoded examples and the records they came from.

    Attributes:
        values: (n, ...) memory-mapped, read-only.
        records: n records: those whose file could be read.
    """

    values: NDArray
    records: list[Record]


def cached_pictures(
    records: Sequence[Record], size: int, folder: Path, progress: Progress | None = None
) -> Cached:
    """Pictures as uint8 (n, 3, size, size)."""

    def convert(same_file: Sequence[Record]) -> NDArray:
        picture = picture_to_tensor(load_picture(same_file[0].path, min_side=size), size).numpy()
        return np.stack([picture] * len(same_file))

    return cached("pictures", records, {"size": size}, (3, size, size), np.uint8, convert, folder, progress)


def cached_mels(
    records: Sequence[Record], settings: AudioSettings, folder: Path, progress: Progress | None = None
) -> Cached:
    """Log-mel windows as float16 (n, channels, mels, frames): for each record, from its start second."""
    transform = make_frontend(settings)

    def convert(same_file: Sequence[Record]) -> NDArray:
        with torch.inference_mode():
            return transform(torch.from_numpy(read_windows(same_file, settings))).half().numpy()

    # The mean and deviation are applied by the encoder: they do not change what is cached.
    key = {name: value for name, value in asdict(settings).items() if name not in {"mean", "std"}}
    return cached("mels", records, key, settings.input_shape, np.float16, convert, folder, progress)


def read_windows(same_file: Sequence[Record], settings: AudioSettings) -> NDArray:
    """The windows that records of one file start, (n, window samples), each filled as at inference."""
    end = max(record.start for record in same_file) + settings.window_seconds
    samples = load_audio(same_file[0].path, settings.sample_rate, max_seconds=math.inf)[
        : math.ceil(end * settings.sample_rate)
    ]
    windows = []
    for record in same_file:
        rest = samples[round(record.start * settings.sample_rate) :]
        if not rest.size:
            raise MediaError(record.path, f"ends before second {record.start:g}, where a label starts")
        piece = rest[: settings.window_samples]
        windows.append(next(iter_windows((piece, settings.sample_rate), settings))[1])
    return np.stack(windows)


def cached(
    name: str,
    records: Sequence[Record],
    settings: dict[str, object],
    shape: tuple[int, ...],
    dtype: type[np.generic],
    convert: Convert,
    folder: Path,
    progress: Progress | None = None,
) -> Cached:
    """Convert records once and map the result from disk ever after.

    Args:
        name: What the array holds.
        records: What to convert; those of one file must stand together.
        settings: What the result depends on besides the files.
        shape: Shape of one example.
        dtype: Its type.
        convert: From the records of one file to an array (records, *shape).
        folder: Where the array is kept.
        progress: Called with the name, the records done and all records.

    Returns:
        The array and the records in it. Files that cannot be read are logged as warnings and left out.

    Raises:
        MediaError: No file at all could be read.
    """
    digest = _digest(name, settings, records)
    array, listing = folder / f"{name}-{digest}.bin", folder / f"{name}-{digest}.json"
    if not listing.exists():
        kept = _write(array, _convert_all(name, records, convert, progress), dtype)
        if not kept:
            raise MediaError(records[0].path if records else name, "none of the files could be read")
        with replacing(listing) as beside:
            beside.write_text(json.dumps(kept), encoding="utf-8")
    kept = json.loads(listing.read_text(encoding="utf-8"))
    values = np.memmap(array, dtype=dtype, mode="r", shape=(len(kept), *shape))
    return Cached(values, [records[index] for index in kept])


def _convert_all(
    name: str, records: Sequence[Record], convert: Convert, progress: Progress | None
) -> Iterator[tuple[list[int], NDArray]]:
    files = [list(group) for _, group in groupby(range(len(records)), key=lambda i: records[i].path)]

    def work(indices: list[int]) -> NDArray | MediaError:
        try:
            return convert([records[index] for index in indices])
        except MediaError as error:
            return error

    done = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for first in range(0, len(files), _FILES_AT_ONCE):
            chunk = files[first : first + _FILES_AT_ONCE]
            for indices, result in zip(chunk, pool.map(work, chunk), strict=True):
                done += len(indices)
                if isinstance(result, MediaError):
                    log.warning("left out: %s", result)
                else:
                    yield indices, result
            if progress:
                progress(name, done, len(records))


def _write(path: Path, rows: Iterator[tuple[list[int], NDArray]], dtype: type[np.generic]) -> list[int]:
    kept: list[int] = []
    with replacing(path) as beside, beside.open("wb") as file:
        for indices, values in rows:
            file.write(np.ascontiguousarray(values, dtype=dtype).tobytes())
            kept.extend(indices)
    return kept


def _digest(name: str, settings: dict[str, object], records: Sequence[Record]) -> str:
    state = hashlib.sha256(json.dumps([name, settings], sort_keys=True).encode())
    for record in records:
        stat = record.path.stat() if record.path.exists() else None
        identity = (str(record.path), record.start, stat and stat.st_size, stat and stat.st_mtime_ns)
        state.update(repr(identity).encode())
    return state.hexdigest()[:20]
