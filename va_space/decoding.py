"""Decoding ahead of the network: many inputs at once, delivered in order, memory constant."""

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from va_space.errors import MediaError
from va_space.media.kinds import Modality, modality_of
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.media.settings import AudioSettings, PictureSettings
from va_space.media.windows import cut_windows, sound_blocks

_WINDOWS_A_PIECE = 8


@dataclass(frozen=True)
class Piece:
    """A part of one input: a picture, or a few windows of a recording.

    Attributes:
        modality: What the input is.
        values: uint8 (1, 3, size, size), or float32 samples (w, window samples) with w at most 8.
        starts: (w,) seconds; empty for a picture.
        duration: Of the whole recording in seconds, with its last piece; else None.
    """

    modality: Modality
    values: Tensor
    starts: tuple[float, ...] = ()
    duration: float | None = None


def decode(source: Any, pictures: PictureSettings, audio: AudioSettings) -> Iterator[Piece]:
    """Decode one input piece by piece.

    Raises:
        MediaError: It is neither a picture nor music, or is damaged.
    """
    if modality_of(source) == "picture":
        image = load_picture(source, min_side=pictures.size)
        yield Piece("picture", picture_to_tensor(image, pictures.size)[None])
        return
    samples = 0

    def counted(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        nonlocal samples
        for block in blocks:
            samples += len(block)
            yield block

    piece = None
    with closing(sound_blocks(source, audio.sample_rate)) as blocks:  # type: ignore[type-var]
        windows = cut_windows(counted(blocks), audio, audio.window_seconds)
        while group := list(islice(windows, _WINDOWS_A_PIECE)):
            if piece:
                yield piece
            starts, values = zip(*group, strict=True)
            piece = Piece("music", torch.from_numpy(np.stack(values)), starts)
    if piece:
        yield replace(piece, duration=samples / audio.sample_rate)


def decode_ahead(
    sources: Iterable[Any], pictures: PictureSettings, audio: AudioSettings, *, workers: int, ahead: int
) -> Iterator[tuple[Any, Iterator[Piece]]]:
    """Decode inputs in threads and hand them over in order.

    Args:
        sources: The inputs.
        pictures: What the picture encoder sees.
        audio: What the music encoder hears.
        workers: Threads.
        ahead: Inputs that are decoded before they are asked for.

    Yields:
        Each source with its pieces, to be consumed before the next is asked for. The pieces raise what
        decoding raised.
    """
    stopped = threading.Event()

    def work(source: Any, results: "queue.Queue[Piece | BaseException | None]") -> None:
        try:
            with closing(decode(source, pictures, audio)) as pieces:  # type: ignore[type-var]
                for piece in pieces:
                    if not _put(results, piece, stopped):
                        return
            _put(results, None, stopped)
        except BaseException as error:
            _put(results, error, stopped)

    pending: deque[tuple[Any, queue.Queue[Piece | BaseException | None]]] = deque()
    remaining = iter(sources)
    with ThreadPoolExecutor(workers, thread_name_prefix="va-space-decode") as pool:
        try:
            while True:
                while len(pending) < ahead and (source := next(remaining, stopped)) is not stopped:
                    results: queue.Queue[Piece | BaseException | None] = queue.Queue(maxsize=2)
                    pool.submit(work, source, results)
                    pending.append((source, results))
                if not pending:
                    return
                source, results = pending.popleft()
                yield source, _take(results)
        finally:
            stopped.set()


def _put(results: "queue.Queue[Any]", item: Any, stopped: threading.Event) -> bool:
    """Wait for room, unless nobody will ever make any."""
    while not stopped.is_set():
        try:
            results.put(item, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False


def _take(results: "queue.Queue[Piece | BaseException | None]") -> Iterator[Piece]:
    while (item := results.get()) is not None:
        if isinstance(item, MediaError):
            # A fresh copy: the traceback of the worker would keep its decoded samples alive.
            raise MediaError(item.source, item.reason) from None
        if isinstance(item, BaseException):
            raise item
        yield item
