"""Measures how strongly each class of the taggers is heard in recordings; writes it into vocabulary.csv.

    python scripts/fit_tag_levels.py DATA

DATA holds ``fourq``. A class's level is what nine of ten recordings stay below (the mean over the stronger
half of their windows), within the limits of its kind. Of four recordings one is read, which takes about four
minutes of processor time.
"""

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from va_space.atomic import replacing
from va_space.datasets import fourq
from va_space.generation.tags.choosing import stronger_half
from va_space.generation.tags.hearing import hear
from va_space.generation.tags.vocabulary import vocabulary
from va_space.space import VASpace

TABLE = Path("va_space/generation/tags/vocabulary.csv")
SHARE = 0.9
# What most recordings have, so that half of them reach it.
USUAL: Mapping[str, float] = {"singing": 0.5}
# Least and largest level of each kind. MusiCNN's are probabilities of tags that people gave, YAMNet's of
# sounds.
LIMITS = {
    ("musicnn", "genre"): (0.1, 0.3),
    ("musicnn", "mood"): (0.08, 0.3),
    ("musicnn", "era"): (0.1, 0.3),
    ("musicnn", "voice"): (0.1, 0.3),
    ("musicnn", "instrument"): (0.1, 0.3),
    ("yamnet", "genre"): (0.02, 0.2),
    ("yamnet", "mood"): (0.015, 0.2),
    ("yamnet", "voice"): (0.02, 0.2),
    ("yamnet", "instrument"): (0.01, 0.2),
    ("yamnet", "sound"): (0.06, 0.2),
}


def main() -> None:
    """Listen, and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=4, help="read one recording of so many")
    parser.add_argument("-o", "--output", type=Path, default=TABLE)
    options = parser.parse_args()
    space = VASpace.from_pretrained(device="cpu", precision="fp32")
    found = [hear(space, record.path) for record in fourq.load(options.data / "fourq")[:: options.every]]
    usual = {
        tagger: np.stack([stronger_half(each.of(tagger)) for each in found])  # (recordings, classes)
        for tagger in ("musicnn", "yamnet")
    }
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, entry in zip(rows, vocabulary(), strict=True):
        least, largest = LIMITS[entry.tagger, entry.kind]
        share = USUAL.get(entry.name, SHARE)
        level = float(np.quantile(usual[entry.tagger][:, entry.index], share))
        row["level"] = f"{np.clip(level, least, largest):.4f}"
    with replacing(options.output) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
