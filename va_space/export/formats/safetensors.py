"""safetensors, which holds only numbers: texts are JSON lists in its metadata."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from va_space.export.finished import FinishedRows
from va_space.export.formats import WRITERS


@WRITERS.register("safetensors")
def write_safetensors(rows: FinishedRows, target: Path) -> None:
    """Write all rows at once."""
    columns = rows.columns()
    texts = {name: json.dumps(column) for name, column in columns.items() if isinstance(column, list)}
    numbers = {name: column for name, column in columns.items() if isinstance(column, np.ndarray)}
    save_file(numbers, target, metadata={**rows.metadata, **texts})
