"""The rows of a finished export, for those who write them as one file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from va_space.export.parts import Part, read_rows
from va_space.export.places import Place

ROW_GROUP = 8192


@dataclass(frozen=True)
class FinishedRows:
    """All rows of an export, in order.

    Attributes:
        parts: Whose files are there.
        folder: Where they are.
        schema: Columns and metadata; see :func:`va_space.export.rows.schema`.
    """

    parts: Sequence[Part]
    folder: Place
    schema: pa.Schema

    @property
    def metadata(self) -> dict[str, str]:
        """What belongs to the file as a whole, such as the model's fingerprint."""
        return {key.decode(): value.decode() for key, value in self.schema.metadata.items()}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, some at a time, in constant memory."""
        return read_rows(self.parts, self.folder, ROW_GROUP)

    def columns(self) -> dict[str, np.ndarray | list[str]]:
        """All rows at once: (n,) float32 or texts by the name of the column; vector is (n, dimension)."""
        table = pa.Table.from_batches(self.batches(), self.schema)
        texts = [field.name for field in self.schema if pa.types.is_string(field.type)]
        vectors = table["vector"].combine_chunks().flatten().to_numpy()
        return {
            "vector": vectors.reshape(len(table), -1),
            **{name: table[name].to_pylist() for name in texts},
            **{
                name: table[name].to_numpy().astype(np.float32)
                for name in table.column_names
                if name not in ("vector", *texts)
            },
        }
