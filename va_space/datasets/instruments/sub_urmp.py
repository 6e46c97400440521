"""Sub-URMP (Chen et al. 2017, Li et al. 2018): half-second chunks of videos of single players.

``img/PART/INSTRUMENT/*.jpg`` and ``chunk/PART/INSTRUMENT/*.wav``, PART being train or validation.
"""

from va_space.datasets.instruments import INSTRUMENTS, InstrumentOptions
from va_space.datasets.instruments._layout import read_side
from va_space.datasets.records import Record

_SIDES = {"img": "picture", "chunk": "music"}
_PARTS = ("train", "validation")


@INSTRUMENTS.register("sub-urmp")
def load(options: InstrumentOptions) -> list[Record]:
    """All files of both sides, with the published part.

    Raises:
        DatasetError: A folder is missing.
    """
    return [
        record
        for side, modality in _SIDES.items()
        for part in _PARTS
        for record in read_side(options.folder / side / part, modality, part)
    ]
