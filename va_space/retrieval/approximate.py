"""Indexes of a large library's tables: when they are built, which, and how they are searched.

Below :data:`VECTORS` tracks a search compares with every one by reading the table. Above, the vectors also
stand in an inverted file, IVF (Jegou, Douze, Schmid: "Product quantization for nearest neighbor search", IEEE
TPAMI 33(1), 2011): in partitions around centres, of which a search looks into the nearest. The vectors in it
are whole, not quantised. That takes their space once more, but needs no second look at the table, is built
ten times quicker, and looking into all partitions is an exact search several times quicker than by the table,
whose file format has to be decoded each time. The columns that rows are asked for by get a B-tree: the id,
and valence and arousal, between bounds of which the default ranking looks.
perf/search.py measures what the numbers here are for.
"""

from collections.abc import Sequence
from datetime import timedelta
from math import isqrt
from typing import Any

# Rows from which an index is worth its building.
VECTORS = 20_000
LOOKED_UP = 50_000
# A search also compares with all centres, so a partition has as many rows as there are centres, until that
# were too many.
_LARGEST_PARTITION = 1_000
# Four times less than LanceDB's own; the centres are as good for it.
_TRAINING_ROWS_A_PARTITION = 64
_TRAINING_ROUNDS = 20
# Partitions that a search looks into.
_PROBED = 40
_ALL = 2**30
# Rows that are added later get an inverted file of their own each time; a search looks into all of these.
_MOST_FILES = 8


def tidy(table: Any, *, looked_up: Sequence[str], vectors: bool, keep: timedelta) -> None:
    """Merge small files of a table, and give it the indexes that its present size asks for.

    Rows that were added to an indexed table are searched one by one until this is called again.

    Args:
        table: The table.
        looked_up: Columns that conditions are about.
        vectors: Whether its unit vectors in the column ``vector`` are searched.
        keep: What was replaced stays for this long, for those who are just reading it.
    """
    from lancedb.index import BTree, IvfFlat

    rows = table.count_rows()
    renew = vectors and rows >= VECTORS and _outgrown(table, rows)  # merging files hides what is new
    table.optimize(cleanup_older_than=keep)
    if renew:
        config = IvfFlat(
            distance_type="cosine",
            # Not a number of partitions: LanceDB would split and join them to a size of its own later.
            target_partition_size=min(isqrt(rows), _LARGEST_PARTITION),
            sample_rate=_TRAINING_ROWS_A_PARTITION,
            max_iterations=_TRAINING_ROUNDS,
        )
        table.create_index("vector", config=config, replace=True)
    if rows >= LOOKED_UP:
        for column in looked_up:
            if not _index_of(table, column):
                table.create_index(column, config=BTree())


def nearest(table: Any, vector: Any, count: int, *, everywhere: bool = False, narrowed: bool = False) -> Any:
    """A search for the rows with the largest cosine to a vector, by the index if there is one.

    Args:
        table: A table of :func:`tidy`.
        vector: (dimension,) float32.
        count: How many rows; the partitions that are looked into may hold fewer.
        everywhere: Compare with every row, whether there is an index or not.
        narrowed: The search will get a condition, so that it has to look further for enough rows.

    Returns:
        LanceDB's query, to be narrowed further or run.
    """
    search = table.search(vector).distance_type("cosine").limit(count)
    if everywhere:
        return search.minimum_nprobes(_ALL).maximum_nprobes(0)
    # Without a maximum (0) LanceDB looks further even where it has enough: for 300 rows into all partitions.
    return search.minimum_nprobes(_PROBED).maximum_nprobes(0 if narrowed else _PROBED)


def prewarm(table: Any) -> None:
    """Read the inverted file into memory, if there is one."""
    if name := _index_of(table, "vector"):
        table.prewarm_index(name)


def _outgrown(table: Any, rows: int) -> bool:
    name = _index_of(table, "vector")
    if name is None:
        return True
    index = table.index_stats(name)
    return 2 * index.num_indexed_rows < rows or index.num_indices > _MOST_FILES


def _index_of(table: Any, column: str) -> str | None:
    return next((each.name for each in table.list_indices() if each.columns == [column]), None)
