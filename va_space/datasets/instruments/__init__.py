"""Pictures and sounds of instruments, by the name of their data set: one module here is one data set.

Records are labelled with :class:`~va_space.datasets.records.Instrument`. The media are to be had from the
authors, under their own licences.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from va_space.datasets.records import Instrument, Record
from va_space.datasets.splits import split_by_group
from va_space.errors import DatasetError
from va_space.registry import Registry

Parts = dict[str, list[Record]]
# What networks learn from, what their judges learn from, and what both are asked about.
FRACTIONS = {"train": 0.6, "judge": 0.2, "test": 0.2}


@dataclass(frozen=True)
class InstrumentOptions:
    """What a recipe asks of its source.

    Attributes:
        folder: The data set's folder.
        cache: Root of the cache, for what is rendered.
    """

    folder: Path
    cache: Path


INSTRUMENTS: Registry[Callable[[InstrumentOptions], list[Record]]] = Registry(
    "instrument dataset", "va_space.datasets.instruments"
)


@dataclass(frozen=True)
class InstrumentData:
    """Both sides of some instruments; no file is in two parts.

    Attributes:
        names: The instruments, sorted.
        pictures: "train", "judge" and "test" pictures.
        sounds: Likewise.
    """

    names: tuple[str, ...]
    pictures: Parts
    sounds: Parts

    def towards(self, direction: str) -> tuple[Parts, Parts]:
        """What is given and what is made, in a direction such as "sound-to-picture"."""
        sides = {"picture": self.pictures, "sound": self.sounds}
        given, made = direction.split("-to-")
        return sides[given], sides[made]


def load_instruments(name: str, options: InstrumentOptions, only: Sequence[str] = ()) -> InstrumentData:
    """The instruments of which there are pictures and sounds.

    Files are shared out within each instrument; where the authors have a test part, that is it.

    Args:
        name: Of a data set, or of several with "+" between their names.
        options: Where it is.
        only: The instruments that are wanted; none for all.

    Raises:
        ConfigError: There is no data set of that name.
        DatasetError: It is missing, lacks an instrument that is wanted or a side of all, or has fewer than
            two instruments.
    """
    records = [record for part in name.split("+") for record in INSTRUMENTS[part](options)]
    sides = {
        side: Counter(instrument_of(record) for record in records if record.modality == side)
        for side in ("picture", "music")
    }
    for side, what in (("picture", "pictures"), ("music", "sounds")):
        if not sides[side]:
            raise DatasetError(f"{options.folder}: there are no {what}: both sides are needed")
    both = sides["picture"].keys() & sides["music"].keys()
    names = tuple(sorted(only or both))
    if missing := [each for each in names if each not in both]:
        raise DatasetError(
            f"{options.folder}: of {', '.join(missing)} there are no pictures and sounds; both sides have "
            f"{', '.join(sorted(both)) or 'no instrument'}"
        )
    if len(names) < 2:
        raise DatasetError(
            f"{options.folder}: two instruments are the least to tell apart; with both sides there is "
            f"{names[0] if names else 'none'}"
        )
    return InstrumentData(names, *(_parts(records, side, names) for side in ("picture", "music")))


def instrument_of(record: Record) -> str:
    """The instrument of a record.

    Raises:
        DatasetError: It is labelled with something else.
    """
    if not isinstance(record.label, Instrument):
        raise DatasetError(f"{record.path}: has no instrument")
    return record.label.name


def _parts(records: Sequence[Record], side: str, names: Sequence[str]) -> Parts:
    parts: Parts = {part: [] for part in FRACTIONS}
    for name in names:
        mine = [each for each in records if each.modality == side and instrument_of(each) == name]
        held = [each for each in mine if each.split not in (None, "train")]
        fractions = {"train": 0.75, "judge": 0.25} if held else FRACTIONS
        learnt = [each for each in mine if each.split in (None, "train")]
        shared = split_by_group(learnt, fractions, 0) | ({"test": held} if held else {})
        for part, members in shared.items():
            parts[part] += members
    return parts
