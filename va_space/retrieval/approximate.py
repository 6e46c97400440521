"""Indexes of a large library's tables: when they are built, which, and how they are searched.

Below :data:`VECTORS` tracks a search compares with every one: exact, and quick enough. Above, the vectors
get an inverted file with product quantisation, IVF-PQ (Jegou, Douze, Schmid: "Product quantization for
nearest neighbor search", IEEE TPAMI 33(1), 2011), and the best of what it finds are ranked by the vectors
themselves. The columns that rows are asked for by get a B-tree.
"""

from math import isqrt
from typing import Any

# Rows from which an index is worth its building.
VECTORS = 100_000
LOOKED_UP = 50_000
# Partitions for each square root of the number of rows; numbers of a vector that share one byte of its code.
_PARTITIONS = 1
_NUMBERS_A_CODE = 8
# Partitions that a search looks into, and candidates for each wanted row that are ranked by their vectors.
_PROBED = 40
_REFINED = 10


def keep_vector_index(table: Any) -> None:
    """Give a table what index it needs for its unit vectors in the column ``vector``, at its present size.

    Rows that were added to an indexed table are searched one by one until the table is optimised, which
    sorts them into the partitions there are. When they are the majority, the partitions are made anew.
    """
    from lancedb.index import IvfPq

    rows = table.count_rows()
    if rows < VECTORS:
        return
    name = _index_of(table, "vector")
    if name and 2 * table.index_stats(name).num_indexed_rows >= rows:
        return
    dimension = table.schema.field("vector").type.list_size
    partitions = _PARTITIONS * isqrt(rows)
    codes = max(1, dimension // _NUMBERS_A_CODE)
    config = IvfPq(distance_type="cosine", num_partitions=partitions, num_sub_vectors=codes)
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
    if exact:
        return search.bypass_vector_index()
    return search.nprobes(_PROBED).refine_factor(_REFINED)


def _index_of(table: Any, column: str) -> str | None:
    return next((each.name for each in table.list_indices() if each.columns == [column]), None)
