"""One row for several files of a library that hold the same."""

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]


def without_duplicates(rows: Iterable[Row]) -> list[Row]:
    """The rows with one for those of one content or one vector, in the place of the first of them.

    Files of one content have one hash. The same sound or picture with other metadata has another hash, and
    the same vector to the last bit.

    Args:
        rows: Of ``tracks``.

    Returns:
        Of each group the row with the first path by the alphabet, whatever the order is, so that several
        searches have the same; with the paths of the others as ``also``, sorted.
    """
    groups: list[list[Row]] = []
    known: dict[str | bytes, list[Row]] = {}
    for row in rows:
        keys = row["vector"].tobytes(), row["hash"]
        group = next((known[key] for key in keys if key and key in known), None)
        if group is None:
            groups.append(group := [])
        group.append(row)
        known.update({key: group for key in keys if key})
    found = []
    for group in groups:
        first, *others = sorted(group, key=lambda row: row["path"])
        found.append({**first, "also": [row["path"] for row in others]})
    return found
