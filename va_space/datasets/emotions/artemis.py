"""ArtEmis: paintings of WikiArt, nine words, at least five people each (Achlioptas et al. 2021).

Layout: ``artemis/artemis_dataset_release_v0.csv`` (``art_style``, ``painting``, ``emotion``, ``utterance``,
one line an annotator), and WikiArt's paintings as ``artemis/wikiart/STYLE/PAINTING.jpg``.
"""

from va_space.datasets.annotations import find_file, read_csv
from va_space.datasets.emotions import EMOTIONS, EmotionOptions, share_of
from va_space.datasets.records import Record, keep_existing


@EMOTIONS.register("artemis")
def load(options: EmotionOptions) -> list[Record]:
    """Paintings with shares of words; the group is the artist, who stands before "_" in a painting's name.

    Raises:
        DatasetError: The layout is not as published, or no painting is there.
    """
    root = options.root / "artemis"
    table = find_file(root, "artemis_dataset_release*.csv", "ArtEmis")
    said: dict[tuple[str, str], list[str]] = {}
    for row in read_csv(table, "ArtEmis", ("art_style", "painting", "emotion")):
        said.setdefault((row["art_style"], row["painting"]), []).append(row["emotion"])
    records = [
        Record(
            root / "wikiart" / style / f"{painting}.jpg",
            "picture",
            share_of(words),
            painting.partition("_")[0].casefold(),
            f"{style}/{painting}",
        )
        for (style, painting), words in said.items()
    ]
    return keep_existing(records, "ArtEmis")
