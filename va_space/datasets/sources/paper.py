"""The papers' data: NAPS, IAPS and EMOTIC by their norms, DEAM by its half-second ratings.

What IMEMNet's published lists name is not trained on: its validation list validates, its test list stays for
the benchmark.
"""

from collections.abc import Callable

from va_space.datasets import deam, emotic, iaps, imemnet, naps
from va_space.datasets.records import Record
from va_space.datasets.sources import SOURCES, Parts, SourceOptions, SpaceData


@SOURCES.register("paper")
def paper(options: SourceOptions) -> SpaceData:
    """All of them."""
    root = options.root
    pictures = [
        record
        for name, source in (("naps", naps), ("iaps", iaps), ("emotic", emotic))
        for record in source.load(root / name)
    ]
    music = deam.load(root / "deam", window_seconds=options.audio.window_seconds)
    validation = imemnet.read_matches(root / "imemnet" / "val_matching.txt")
    test = imemnet.read_matches(root / "imemnet" / "test_matching.txt")
    return SpaceData(
        _by_list(pictures, {m.picture for m in validation}, {m.picture for m in test}, lambda r: r.path.stem),
        _by_list(music, {m.song for m in validation}, {m.song for m in test}, lambda r: r.group),
    )


def _by_list(
    records: list[Record], validation: set[str], test: set[str], name: Callable[[Record], str]
) -> Parts:
    listed = {record.group for record in records if name(record) in validation | test}
    return {
        "train": [record for record in records if record.group not in listed],
        "validation": [record for record in records if name(record) in validation],
    }
