"""What a made thing was made from: versions, and the JSON file that lies beside it."""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from va_space.atomic import replacing


def versions(*packages: str) -> dict[str, str]:
    """Versions of this package, of Python and numpy, and of further packages that had a part in it."""
    found = {
        "va-space": version("va-space"),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_facts(path: Path, facts: Mapping[str, object]) -> None:
    """Write facts as JSON, complete or not at all."""
    with replacing(path) as beside:
        beside.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
