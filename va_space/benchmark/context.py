"""What several tasks need, made when first asked for: held-out media under the model and the baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark import baselines
from va_space.benchmark.metrics import Floats
from va_space.datasets.open_data import Split, open_music, open_pictures, open_quadrants
from va_space.datasets.records import Point, Record
from va_space.errors import MediaError
from va_space.media.mel import LogMel
from va_space.media.pictures import load_picture
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows
from va_space.space import Encoded, VASpace

_SHORT = 0.3  # of the length of the model's windows


@dataclass(frozen=True)
class Embedded:
    """Files under the model.

    Attributes:
        records: One for each file that could be read, in the order given.
        vectors: (files, dimension) unit vectors.
        windows: The records of windows that were asked for, in the order given; empty for pictures.
        window_vectors: (windows, dimension) unit vectors.
        failures: What was left out, and why.
    """

    records: list[Record]
    vectors: NDArray[np.float32]
    windows: list[Record]
    window_vectors: NDArray[np.float32]
    failures: list[str]


def points(records: Sequence[Record]) -> Floats:
    """(n, 2) valence and arousal of records that are labelled with points."""
    labels = [record.label for record in records]
    return np.array([(label.valence, label.arousal) for label in labels if isinstance(label, Point)])


def groups(records: Sequence[Record]) -> NDArray[np.str_]:
    """(n,) groups."""
    return np.array([record.group for record in records])


def embed(space: VASpace, records: Sequence[Record], window_seconds: float | None = None) -> Embedded:
    """Encode the files of records that may be windows of them; windows of one file stand together.

    Args:
        space: The model.
        records: Of pictures, or of music in windows of the length that follows.
        window_seconds: By default that of the model.
    """
    files = [list(windows) for _, windows in groupby(records, key=lambda record: record.path)]
    whole, vectors, windows, window_vectors, failures = [], [], [], [], []
    paths = [same_file[0].path for same_file in files]
    encoded = space.encode_iter(paths, window_seconds=window_seconds)
    for same_file, item in zip(files, encoded, strict=True):
        if not isinstance(item, Encoded):
            failures.append(f"{item.source}: {item.reason}")
            continue
        whole.append(_whole(same_file))
        vectors.append(item.vector)
        if item.windows is not None and item.starts is not None:
            found = {round(float(start), 3): row for row, start in enumerate(item.starts)}
            heard = [window for window in same_file if round(window.start, 3) in found]
            windows += heard
            window_vectors += [item.windows[found[round(window.start, 3)]] for window in heard]
    if not vectors:
        raise MediaError(records[0].path, f"no file of this part could be read; the first: {failures[0]}")
    stacked = np.stack(window_vectors) if window_vectors else np.empty((0, 0), np.float32)
    return Embedded(whole, np.stack(vectors), windows, stacked, failures)


def _whole(same_file: Sequence[Record]) -> Record:
    """The file that windows belong to, with the mean of their labels."""
    first = same_file[0]
    if len(same_file) == 1 and first.start == 0 and first.duration is None:
        return first
    label = Point(*points(same_file).mean(axis=0).tolist()) if isinstance(first.label, Point) else first.label
    return replace(first, label=label, id=first.id.rpartition("@")[0] or first.id, start=0.0, duration=None)


class Context:
    """One benchmark run.

    Attributes:
        space: The model that is measured.
        data_root: Folder of data sets.
        cache: Root of the cache, for rendered MIDI.
        seed: Of bootstrap draws and random rows. The split is always that of training.
        judge: Another model, which judges what was optimised against this one; None if there is none.
        network: A StyleGAN2 network, or None.
        tagger: Weights of the music tagger that judges composed music, or None.
        limit: Targets of a task at most, for a quick look; None for all.
        output: Where tasks may put pictures, or None.
        held_out: Tracks as the folds of the model's training take them, or None.
        neural: Models of the staged pipeline by role: "music" (MusicGen) or "stable-audio", "caption",
            "language", "classifier", "clap"; each a name or a folder.
        crossmodal: Folders of models that make pictures for sounds, or sounds for pictures.
    """

    def __init__(
        self,
        space: VASpace,
        data_root: Path,
        cache: Path,
        seed: int = 0,
        *,
        judge: VASpace | None = None,
        network: Path | None = None,
        tagger: Path | None = None,
        limit: int | None = None,
        output: Path | None = None,
        held_out: Path | None = None,
        neural: Mapping[str, str] | None = None,
        crossmodal: Sequence[Path] = (),
    ) -> None:
        self.space, self.data_root, self.cache, self.seed = space, Path(data_root), Path(cache), seed
        self.judge, self.network, self.output = judge, network, output
        self.tagger, self.limit, self.held_out = tagger, limit, held_out
        self.neural, self.crossmodal = dict(neural or {}), tuple(crossmodal)

    @cached_property
    def pictures(self) -> Split:
        """The parts of OASIS."""
        return open_pictures(self.data_root)

    @cached_property
    def music(self) -> Split:
        """The parts of VGMIDI, in windows of the model's length."""
        return open_music(self.data_root, self.cache, window_seconds=self.audio.window_seconds)

    @cached_property
    def quadrants(self) -> Split:
        """The official parts of EMOPIA, in windows of the model's length."""
        return open_quadrants(self.data_root, self.cache, window_seconds=self.audio.window_seconds)

    @property
    def audio(self) -> AudioSettings:
        """What the model hears; the mel baseline hears the same."""
        return self.space.config.audio

    @cached_property
    def test_pictures(self) -> Embedded:
        """Held-out pictures under the model."""
        return embed(self.space, self.pictures["test"])

    @cached_property
    def test_music(self) -> Embedded:
        """Held-out pieces and their windows under the model."""
        return embed(self.space, self.music["test"])

    @property
    def short_seconds(self) -> float:
        """Length of the windows of :attr:`short_music`: 3 s beside 10 s."""
        return _SHORT * self.audio.window_seconds

    @cached_property
    def short_music(self) -> Split:
        """The parts of VGMIDI, in short windows."""
        return open_music(self.data_root, self.cache, window_seconds=self.short_seconds)

    @cached_property
    def test_short_music(self) -> Embedded:
        """Held-out pieces and their short windows under the model."""
        return embed(self.space, self.short_music["test"], self.short_seconds)

    @cached_property
    def colour_ridge(self) -> Floats:
        """(files, 2) valence and arousal of :attr:`test_pictures` by ridge on colour statistics."""
        train, features = readable(self.pictures["train"], colour_features)
        ridge = baselines.fit_ridge(features, points(train), groups(train))
        return ridge.predict(readable(self.test_pictures.records, colour_features)[1])

    @cached_property
    def mel_ridge(self) -> Floats:
        """(windows, 2) valence and arousal of :attr:`test_music`'s windows by ridge on mel statistics."""
        features_of = self.mel_features
        train, features = readable(self.music["train"], features_of)
        ridge = baselines.fit_ridge(features, points(train), groups(train))
        return ridge.predict(readable(self.test_music.windows, features_of)[1])

    def mel_features(self, same_file: Sequence[Record]) -> Floats:
        """(windows, features) mel statistics of the windows of one file."""
        windows = dict(iter_windows(same_file[0].path, self.audio))
        starts = [min(windows, key=lambda start: abs(start - record.start)) for record in same_file]
        return baselines.mel_statistics(np.stack([windows[start] for start in starts]), self._mel)

    @cached_property
    def _mel(self) -> LogMel:
        return LogMel(self.audio)


def colour_features(same_file: Sequence[Record]) -> Floats:
    """(1, features) colour statistics of a picture."""
    return baselines.colour_statistics(load_picture(same_file[0].path))[None]


def readable(
    records: Sequence[Record], features_of: Callable[[Sequence[Record]], Floats]
) -> tuple[list[Record], Floats]:
    """Features of all records whose file can be read, and those records.

    Args:
        records: Records; those of one file stand together.
        features_of: From the records of one file to (records, features).
    """
    kept: list[Record] = []
    rows: list[Floats] = []
    for _, windows in groupby(records, key=lambda record: record.path):
        same_file = list(windows)
        try:
            rows.append(features_of(same_file))
        except MediaError:
            continue
        kept += same_file
    return kept, np.concatenate(rows)


def mean_by_file(windows: Sequence[Record], values: Floats) -> Floats:
    """(files, ...) mean of the values of the windows of each file, in the order of the files."""
    order = [list(rows) for _, rows in groupby(range(len(windows)), key=lambda row: windows[row].path)]
    return np.stack([values[rows].mean(axis=0) for rows in order])
