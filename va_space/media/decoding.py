"""Decoding ahead of the network: many inputs at once, delivered in order, memory constant."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from va_space.errors import MediaError
from va_space.media.container import UNKNOWN
from va_space.media.kinds import NEITHER, MediaInput, Modality, is_picture
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.media.process import DecodingProcess, Windows, decode_music
from va_space.media.settings import AudioSettings, PictureSettings
from va_space.media.windows import SoundSource

DecodeMusic = Callable[[SoundSource, AudioSettings], Iterator[Windows]]


@dataclass(frozen=True)
class Piece:
    """A part of one input: a picture, or a few windows of a recording.

    Attributes:
        modality: What the input is.
        values: uint8 (1, 3, size, size), or float32 samples (w, window samples) with w at most 8.
        starts: (w,) seconds; empty for a picture.
        duration: Of the whole recording in seconds, with its last piece; else None.
        notes: What is to be said about a file that is used all the same, with its last piece.
    """

    modality: Modality
    values: Tensor
    starts: tuple[float, ...] = ()
    duration: float | None = None
    notes: tuple[str, ...] = ()


def decode(
    source: MediaInput, pictures: PictureSettings, audio: AudioSettings, *, music: DecodeMusic = decode_music
) -> Iterator[Piece]:
    """Decode one input piece by piece.

    Args:
        source: The input.
        pictures: What the picture encoder sees.
        audio: What the music encoder hears.
        music: Decodes sound.

    Raises:
        MediaError: It is neither a picture nor music, or is damaged.
    """
    if is_picture(source):
        image = load_picture(source, min_side=pictures.size)
        yield Piece("picture", picture_to_tensor(image, pictures.size)[None])
        return
    assert isinstance(source, str | Path | tuple)  # or `is_picture` would have raised
    try:
        with closing(music(source, audio)) as stream:  # type: ignore[type-var]
            for starts, values, duration, notes in stream:
                yield Piece("music", torch.from_numpy(values), starts, duration, notes)
    except MediaError as error:
        if error.reason != UNKNOWN:
            raise
        raise MediaError(error.source, NEITHER) from error


def decode_windows(
    track: SoundSource, audio: AudioSettings, *, hop_seconds: float
) -> Generator[Piece, None, None]:
    """Decode one recording in windows that may overlap.

    Raises:
        MediaError: It is not music, or is damaged.
        MissingExtraError: Reading it needs PyAV, which is not installed.
        ValueError: `hop_seconds` is less than a sample.
    """
    for starts, values, duration, notes in decode_music(track, audio, hop_seconds=hop_seconds):
        yield Piece("music", torch.from_numpy(values), starts, duration, notes)


@dataclass
class _Item:
    """An input in the line, and what has come of it so far: pieces, then None or an error."""

    source: MediaInput
    arrived: "deque[Piece | BaseException | None]" = field(default_factory=deque)


class _Line:
    """Inputs that are being decoded, in order, with room for a number of decoded rows in all.

    Whoever is first in line may always put one piece, so that those behind cannot keep it out.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._first: _Item | None = None
        self._stopped = False
        self._changed = threading.Condition()

    def put(self, item: _Item, what: "Piece | BaseException | None") -> bool:
        """Wait for room and add; False if nobody will ever make any."""
        rows = len(what.values) if isinstance(what, Piece) else 0
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._stopped or not rows or self._room > 0 or (self._first is item and not item.arrived)
                )
            )
            if not self._stopped:
                self._room -= rows
                item.arrived.append(what)
                self._changed.notify_all()
            return not self._stopped

    def take(self, item: _Item) -> Iterator[Piece]:
        """The pieces of the first in line, as they arrive."""
        while True:
            with self._changed:
                self._first = item
                self._changed.notify_all()
                self._changed.wait_for(lambda: item.arrived)
                what = item.arrived.popleft()
                self._room += len(what.values) if isinstance(what, Piece) else 0
            if what is None:
                return
            if isinstance(what, MediaError):
                # A fresh copy: the traceback of the worker would keep its decoded samples alive.
                raise MediaError(what.source, what.reason) from None
            if isinstance(what, BaseException):
                raise what
            yield what

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


def decode_ahead(
    sources: Iterable[MediaInput],
    pictures: PictureSettings,
    audio: AudioSettings,
    *,
    workers: int,
    ahead: int,
    processes: bool = False,
) -> Iterator[tuple[MediaInput, Iterator[Piece]]]:
    """Decode inputs in threads and hand them over in order.

    Args:
        sources: The inputs.
        pictures: What the picture encoder sees.
        audio: What the music encoder hears.
        workers: Threads.
        ahead: Inputs that are waiting or decoded before they are asked for; and about as many rows (pictures,
            windows) of them are kept decoded.
        processes: Each thread has a process that decodes its music files.

    Yields:
        Each source with its pieces, to be consumed before the next is asked for. The pieces raise what
        decoding raised.
    """
    line = _Line(ahead)
    own = threading.local()

    def music(source: SoundSource, settings: AudioSettings) -> Iterator[Windows]:
        if not processes or isinstance(source, tuple):
            return decode_music(source, settings)
        return own.process.decode(Path(source), settings)

    def work(item: _Item) -> None:
        try:
            with closing(decode(item.source, pictures, audio, music=music)) as pieces:  # type: ignore[type-var]
                for piece in pieces:
                    if not line.put(item, piece):
                        return
            line.put(item, None)
        except BaseException as error:
            line.put(item, error)

    def begin() -> None:
        own.process = DecodingProcess()
        decoding.append(own.process)

    decoding: list[DecodingProcess] = []
    pending: deque[_Item] = deque()
    remaining = iter(sources)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="va-space-decode", initializer=begin)
    try:
        while True:
            while len(pending) < ahead and not isinstance(source := next(remaining, line), _Line):
                pending.append(_Item(source))
                pool.submit(work, pending[-1])
            if not pending:
                return
            item = pending.popleft()
            yield item.source, line.take(item)
    finally:
        line.stop()
        pool.shutdown(cancel_futures=True)
        for process in decoding:
            process.close()
