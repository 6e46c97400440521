"""Parquet: any number of rows in constant memory."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from va_space.export.finished import ROW_GROUP, FinishedRows
from va_space.export.formats import WRITERS
from va_space.export.parts import TEXTS


@WRITERS.register("parquet")
def write_parquet(rows: FinishedRows, target: Path) -> None:
    """Copy the rows, in row groups of about :data:`ROW_GROUP`."""
    with pq.ParquetWriter(target, rows.schema, use_dictionary=TEXTS) as writer:
        group: list[pa.RecordBatch] = []
        for batch in rows.batches():
            group.append(batch)
            if sum(map(len, group)) >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(group, rows.schema))
                group = []
        if group:
            writer.write_table(pa.Table.from_batches(group, rows.schema))
