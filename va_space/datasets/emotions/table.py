"""Your own pictures: CSV tables of ``path,label[,group]``, paths relative to the table."""

from va_space.datasets.annotations import read_csv
from va_space.datasets.emotions import EMOTIONS, EmotionOptions
from va_space.datasets.records import Record, Votes, keep_existing
from va_space.errors import ConfigError, DatasetError


@EMOTIONS.register("table")
def load(options: EmotionOptions) -> list[Record]:
    """What the tables name. Without a column ``group`` each file is a group of its own.

    Raises:
        ConfigError: No table is named.
        DatasetError: A table is missing, lacks a column or a label, or none of its files is there.
    """
    if not options.tables:
        raise ConfigError('the emotion dataset table needs tables: data.tables = ["pictures.csv"]')
    records = []
    for name in options.tables:
        path = options.root / name
        for number, row in enumerate(read_csv(path, "table", ("path", "label")), start=2):
            if not row["label"]:
                raise DatasetError(f"table: line {number} of {path} has no label")
            file, group = path.parent / row["path"], row.get("group") or row["path"]
            records.append(Record(file, "picture", Votes({row["label"]: 1.0}), group, row["path"]))
    return keep_existing(records, ", ".join(options.tables))
