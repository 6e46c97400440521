"""NumPy's npz: an array for each column, texts as arrays of text, metadata as one JSON string."""

import json
from pathlib import Path

import numpy as np

from va_space.export.finished import FinishedRows
from va_space.export.formats import WRITERS


@WRITERS.register("npz")
def write_npz(rows: FinishedRows, target: Path) -> None:
    """Write all rows at once."""
    arrays = {name: np.asarray(column) for name, column in rows.columns().items()}
    with target.open("wb") as file:
        # Only numbers and text, so nothing is pickled; NumPy below 2.2 takes allow_pickle for one more array.
        np.savez(file, metadata=np.array(json.dumps(rows.metadata)), **arrays)  # type: ignore[arg-type]
