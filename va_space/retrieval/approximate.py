"""Indexes of a large library's tables: when they are built, which, and how they are searched.

Below :data:`VECTORS` tracks a search compares with every one by reading the table. Above, the vectors also
stand in an inverted file, IVF (Jegou, Douze, Schmid: "Product quantization for nearest neighbor search", IEEE
TPAMI 33(1), 2011): in partitions around centres, of which a search looks into the nearest. The vectors in it
are whole, not quantised. That takes their space once more, but needs no second look at the table, is built
ten times quicker, and looking into all partitions is an exact search several times quicker than by the table,
whose file format has to be decoded each time. The columns that rows are asked for by get a B-tree.
docs/search-speed.md has the figures behind the numbers here.
"""

from math import isqrt
from typing import Any

# Rows from which an index is worth its building.
VECTORS = 20_000
LOOKED_UP = 50_000
# A search also compares with all centres, so they are as many as the rows of a partition, until these grow
# too large.
_LARGEST_PARTITION = 1_000
# Four times less than LanceDB's own; the centres are as good for it.
_TRAINING_ROWS_A_PARTITION = 64
_TRAINING_ROUNDS = 20
# Partitions that a search looks into.
_PROBED = 40
_ALL = 2**30


def keep_vector_index(table: Any) -> None:
    """Give a table what index it needs for its unit vectors in the column ``vector``, at its present size.

    Rows that were added to an indexed table are searched one by one until the table is optimised, which
    sorts them into the partitions there are. When they are the majority, the partitions are made anew.
    """
    from lancedb.index import IvfFlat

    rows = table.count_rows()
    if rows < VECTORS:
        return
    name = _index_of(table, "vector")
    if name and 2 * table.index_stats(name).num_indexed_rows >= rows:
        return
    config = IvfFlat(
        distance_type="cosine",
        num_partitions=max(isqrt(rows), rows // _LARGEST_PARTITION),
        sample_rate=_TRAINING_ROWS_A_PARTITION,
        max_iterations=_TRAINING_ROUNDS,
    )
    table.create_index("vector", config=config, replace=True)


def keep_lookup_index(table: Any, column: str) -> None:
    """Give a table an index on a column of ids, if it is large enough and has none."""
    from lancedb.index import BTree

    if table.count_rows() >= LOOKED_UP and not _index_of(table, column):
        table.create_index(column, config=BTree())


def nearest(table: Any, vector: Any, count: int, *, exact: bool = False) -> Any:
    """A search for the rows with the largest cosine to a vector, by the index if there is one.

    Args:
        table: A table of :func:`keep_vector_index`.
        vector: (dimension,) float32.
        count: How many rows.
        exact: Compare with every row, whether there is an index or not.

    Returns:
        LanceDB's query, to be narrowed further or run.
    """
    search = table.search(vector).distance_type("cosine").limit(count)
    # Where a condition leaves too few rows in the partitions that are looked into, LanceDB goes on to others.
    return search.minimum_nprobes(_ALL if exact else _PROBED).maximum_nprobes(0)


def _index_of(table: Any, column: str) -> str | None:
    return next((each.name for each in table.list_indices() if each.columns == [column]), None)
