"""WikiArt Emotions: paintings annotated with twenty words (Mohammad & Kiritchenko 2018).

Layout: ``wikiart-emotions/WikiArt-Emotions-All.tsv``, whose columns "Art (image+title): WORD" hold the
share of annotators who chose a word, and the paintings, which its authors link to and do not hand out,
anywhere below as ``ID.jpg``.
"""

from va_space.datasets.annotations import files_by_stem, find_file, read_csv
from va_space.datasets.emotions import EMOTIONS, EmotionOptions
from va_space.datasets.records import Record, Votes, keep_existing
from va_space.errors import DatasetError

PREFIX = "Art (image+title):"
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


@EMOTIONS.register("wikiart-emotions")
def load(options: EmotionOptions) -> list[Record]:
    """Paintings with shares of words; the group is the artist.

    Raises:
        DatasetError: The layout is not as published, or no painting is there.
    """
    root = options.root / "wikiart-emotions"
    table = find_file(root, "WikiArt-Emotions-All.tsv", "WikiArt Emotions")
    files = files_by_stem(root, _ENDINGS)
    records = []
    for row in read_csv(table, "WikiArt Emotions", ("ID", "Artist"), delimiter="\t"):
        columns = {name.removeprefix(PREFIX).strip(): row[name] for name in row if name.startswith(PREFIX)}
        if not columns:
            raise DatasetError(f"WikiArt Emotions: {table} has no column {PREFIX} ...")
        path = files.get(row["ID"].casefold(), root / f"{row['ID']}.jpg")
        label = Votes({word: _share(value, row["ID"]) for word, value in columns.items()})
        records.append(Record(path, "picture", label, row["Artist"].casefold(), row["ID"]))
    return keep_existing(records, "WikiArt Emotions")


def _share(value: str, name: str) -> float:
    try:
        return float(value or 0)
    except ValueError as error:
        raise DatasetError(f"WikiArt Emotions: {name}: {value!r} is no share of annotators") from error
