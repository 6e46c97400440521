"""Where a batch's inputs come from: decoded media that are augmented anew each time, or stored features.

A backbone that does not learn sees the same thing each epoch, so that what it sees is computed once, for a
few augmented views of each example, and the rest of the network trains in minutes on any machine.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Generator, Tensor, nn

from va_space.datasets.records import Record
from va_space.encoders.model import PictureEncoder
from va_space.errors import MediaError
from va_space.media.mel import make_frontend
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.media.settings import AudioSettings
from va_space.training.engine.augment import Augmentation, augment_mel, augment_picture, step_rng
from va_space.training.engine.cache import Cached, Progress, cached, read_windows

CACHED_SIDE = 1.25  # pictures are kept larger than the network sees them, so that crops lose no detail

Augment = Callable[[Tensor, Generator], Tensor]
Features = Callable[[Tensor], Tensor]


class Examples(Protocol):
    """Inputs of one kind.

    Attributes:
        records: What the inputs were made from.
    """

    @property
    def records(self) -> list[Record]:
        """See the attributes."""

    def take(self, indices: Sequence[int] | np.ndarray, rng: Generator) -> Tensor:
        """Augmented inputs of some records, (len(indices), ...)."""

    def clean(self, first: int, last: int) -> Tensor:
        """Inputs of records first ... last - 1 as inference has them."""


class Decoded:
    """Inputs of a network that learns as a whole.

    Args:
        values: Decoded media.
        augment: From one decoded input to an augmented one.
        prepare: From one decoded input to the input of inference.
    """

    def __init__(self, values: Cached, augment: Augment, prepare: Callable[[Tensor], Tensor]) -> None:
        self.values, self.augment, self.prepare = values, augment, prepare

    @property
    def records(self) -> list[Record]:
        """See :class:`Examples`."""
        return self.values.records

    def take(self, indices: Sequence[int] | np.ndarray, rng: Generator) -> Tensor:
        """See :class:`Examples`."""
        return torch.stack([self.augment(self._row(index), rng) for index in indices])

    def clean(self, first: int, last: int) -> Tensor:
        """See :class:`Examples`."""
        return torch.stack([self.prepare(self._row(index)) for index in range(first, last)])

    def _row(self, index: int) -> Tensor:
        return torch.from_numpy(np.array(self.values.values[index]))


class Views:
    """Features of a backbone that does not learn.

    Args:
        values: (n, views, features); the first view is the input as inference has it.
    """

    def __init__(self, values: Cached) -> None:
        self.values = values
        self._views = values.values.shape[1]

    @property
    def records(self) -> list[Record]:
        """See :class:`Examples`."""
        return self.values.records

    def take(self, indices: Sequence[int] | np.ndarray, rng: Generator) -> Tensor:
        """See :class:`Examples`."""
        views = torch.randint(self._views, (len(indices),), generator=rng).numpy()
        return torch.from_numpy(self.values.values[np.asarray(indices), views]).float()

    def clean(self, first: int, last: int) -> Tensor:
        """See :class:`Examples`."""
        return torch.from_numpy(np.array(self.values.values[first:last, 0])).float()


def picture_views(
    records: Sequence[Record],
    size: int,
    features: Features,
    length: int,
    key: dict[str, object],
    options: Augmentation,
    cache: Path,
    progress: Progress,
    *,
    single_view: Callable[[Tensor, int], Tensor] | None = None,
) -> Views:
    """Features of augmented views of pictures.

    Args:
        records: Pictures.
        size: Side that the network sees.
        features: From RGB in [0, 1], (N, 3, size, size), to (N, length).
        length: See `features`.
        key: Names the weights of the backbone.
        options: How to augment, and the number of views.
        cache: Folder for the features.
        progress: Called while they are made.
        single_view: The same as `features` by one size alone, whose number comes second: an augmented view is
            seen once, since all sizes and mirror images of it cost as much as several views.
    """

    def convert(same_file: Sequence[Record]) -> np.ndarray:
        side = round(size * CACHED_SIDE)
        image = load_picture(same_file[0].path, min_side=side)
        large, rng = picture_to_tensor(image, side), _record_rng(same_file[0])
        views = [picture_to_tensor(image, size)]
        views += [augment_picture(large, size, options, rng) for _ in range(options.picture_views - 1)]
        with torch.inference_mode():
            scaled = torch.stack(views).float() / 255
            if single_view is None:
                seen = features(scaled)
            else:
                rest = [single_view(view[None], number) for number, view in enumerate(scaled[1:])]
                seen = torch.cat([features(scaled[:1]), *rest])
        return np.stack([seen.float().numpy()] * len(same_file))

    settings = {**key, "size": size, "augmentation": repr(options)}
    shape = (options.picture_views, length)
    return Views(cached("picture-views", records, settings, shape, np.float16, convert, cache, progress))


def music_views(
    records: Sequence[Record],
    audio: AudioSettings,
    features: Features,
    length: int,
    key: dict[str, object],
    options: Augmentation,
    cache: Path,
    progress: Progress,
) -> Views:
    """Features of augmented views of windows of music; arguments as for :func:`picture_views`.

    `features` takes spectrograms, (N, channels, bands, frames).
    """
    transform = make_frontend(audio)

    def convert(same_file: Sequence[Record]) -> np.ndarray:
        rows = []
        with torch.inference_mode():
            for windows in torch.from_numpy(read_windows(same_file, audio)).split(16):
                spectrograms, rng = transform(windows), _record_rng(same_file[0])
                views = [spectrograms]
                for _ in range(options.music_views - 1):
                    views.append(torch.stack([augment_mel(s, options, rng) for s in spectrograms]))
                rows.append(torch.stack([features(view).float() for view in views], dim=1))
        return torch.cat(rows).numpy()

    settings = {**key, "audio": repr(audio), "augmentation": repr(options)}
    shape = (options.music_views, length)
    return Views(cached("music-views", records, settings, shape, np.float16, convert, cache, progress))


def frozen(encoder: nn.Module, precision: str) -> Features:
    """The features of an encoder as inference computes them, which training leaves as they are."""
    encoder.backbone.requires_grad_(False)

    def features(inputs: Tensor) -> Tensor:
        return _at_inference(encoder, encoder.features, inputs, precision)  # type: ignore[arg-type]

    return features


def frozen_view(encoder: PictureEncoder, precision: str) -> Callable[[Tensor, int], Tensor]:
    """The features of a picture encoder by one of its sizes, as :func:`frozen`."""

    def features(inputs: Tensor, size: int) -> Tensor:
        return _at_inference(encoder, partial(encoder.forward_single_view, view=size), inputs, precision)

    return features


def _at_inference(encoder: nn.Module, network: Features, inputs: Tensor, precision: str) -> Tensor:
    encoder.eval()
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    with torch.autocast(inputs.device.type, torch.bfloat16, precision != "32-true"):
        return network(inputs)


def subset(views: Views, keep: Callable[[Record], bool]) -> Views:
    """Those examples whose record is kept.

    Raises:
        MediaError: None is.
    """
    rows = [row for row, record in enumerate(views.records) if keep(record)]
    if not rows:
        raise MediaError("features", "no example is left")
    return Views(Cached(views.values.values[rows], [views.records[row] for row in rows]))


def _record_rng(record: Record) -> Generator:
    """Chance that depends on the file alone, so that what is stored can be made again."""
    return step_rng(int.from_bytes(record.path.stem.encode()[-6:]), round(1000 * record.start), 0)
