"""Your own: ``pictures/INSTRUMENT/*`` and ``sounds/INSTRUMENT/*``. INIS, too, in these folders."""

from va_space.datasets.instruments import INSTRUMENTS, InstrumentOptions
from va_space.datasets.instruments._layout import read_side
from va_space.datasets.records import Record


@INSTRUMENTS.register("folders")
def load(options: InstrumentOptions) -> list[Record]:
    """All files of both sides.

    Raises:
        DatasetError: A side is missing.
    """
    pictures, sounds = (options.folder / side for side in ("pictures", "sounds"))
    return read_side(pictures, "picture") + read_side(sounds, "music")
