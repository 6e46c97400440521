"""Fits the judge of scores that `va-space compose` selects with, and writes it into the package.

VA_SPACE_DATA=~/data python scripts/fit_symbolic_judge.py

Standard output is what cross-validation by song measured. Takes about a minute.
"""

import argparse
import json
import os
from pathlib import Path

from va_space.generation.music.judge import WEIGHTS
from va_space.training.symbolic_judge import train_judge


def main() -> None:
    """Read the arguments, and fit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("VA_SPACE_DATA"), help="folder of data sets"
    )
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS, help="JSON file to write")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of data sets: --data, or VA_SPACE_DATA")
    print(json.dumps(train_judge(options.data, options.output), indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
