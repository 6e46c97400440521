"""The commands that the documents name."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / name
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "perf/README.md",
        "va_space/weights/README.md",
        "va_space/weights/text/README.md",
    )
]
DOCUMENTS += sorted((ROOT / "docs").glob("*.md"))

_FENCED = re.compile(r"^```.*?^```", re.M | re.S)
_INLINE = re.compile(r"`([^`]+)`")
_SETTING = re.compile(r"[A-Z_]+=\S*$")


def commands(document: Path) -> Iterator[list[str]]:
    """The words of each command that runs va-space or a Python program, in code blocks and in inline code."""
    text = document.read_text(encoding="utf-8")
    lines = [
        line for block in _FENCED.findall(text) for line in block.replace("\\\n", " ").splitlines()[1:-1]
    ]
    lines += [code.replace("\n", " ") for code in _INLINE.findall(_FENCED.sub("", text))]
    for line in lines:
        if re.match(r"(\$ )?([A-Z_]+=\S* )*(va-space|python) ", line):
            yield from _simple(shlex.split(line.removeprefix("$ "), comments=True))


def _simple(words: list[str]) -> Iterator[list[str]]:
    """Commands without the shell's operators and settings."""
    command: list[str] = []
    for word in [*words, "&&"]:
        if word in ("&&", "|", ">", ";"):
            if command:
                yield command
            command = []
        elif command or not _SETTING.match(word):
            command.append(word)
