"""EmoBank's sentences: its published parts for training and validation; the test part is the benchmark's."""

from va_space.datasets import emobank
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData


@SOURCES.register("emobank")
def sentences(options: SourceOptions) -> SpaceData:
    """Texts with points."""
    records = emobank.load(options.root / "text")
    parts = {part: [record for record in records if record.split == part] for part in ("train", "validation")}
    return SpaceData(texts=parts)
