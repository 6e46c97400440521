"""The table of models in docs/neural.md is the table in the code."""

import re
from pathlib import Path

from va_space.generation.neural import MODELS

DOCUMENT = Path(__file__).parents[3] / "docs" / "neural.md"


def table():
    lines = [
        "| name | repository | for | licence | commercial use | about GB | |",
        "|---|---|---|---|---|--:|---|",
    ]
    for name, card in MODELS.items():
        cells = [
            f"`{name}`",
            card.repository,
            card.kind,
            card.licence,
            card.commercial,
            f"{card.gigabytes:g}",
        ]
        lines.append("| " + " | ".join([*cells, card.note]) + " |")
    return "\n".join(lines)


def test_the_document_shows_the_table_of_models():
    text = DOCUMENT.read_text("utf-8")
    shown = re.search(r"<!-- models -->\n(.*?)\n<!-- /models -->", text, re.S)[1]
    assert shown == table()
