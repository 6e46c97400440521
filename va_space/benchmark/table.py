"""Benchmark results as markdown."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from va_space.benchmark.result import TableRow, TaskResult


def markdown(results: Sequence[TaskResult]) -> str:
    """All results as one markdown document: a section a task, with what its numbers mean."""
    return "\n".join(["# Benchmark", "", *(line for result in results for line in [*_section(result), ""])])


def blocks(rows: Sequence[TableRow]) -> list[list[TableRow]]:
    """Rows cut wherever their columns change: each block is one table."""
    return [list(block) for _, block in groupby(rows, key=list)]


def cell(value: Any) -> str:
    """One value for people: three decimals, intervals as ``low ... high``, nothing for undefined."""
    if value is None:
        return "–"
    if isinstance(value, float):
        value = 0.0 if abs(value) < 5e-5 else value
        return f"{value:.4f}" if 0 < abs(value) < 0.1 else f"{value:.3f}"
    if isinstance(value, list | tuple):
        if all(part is None for part in value):
            return cell(None)
        return " … ".join(cell(part) for part in value)
    return str(value)


def _section(result: TaskResult) -> list[str]:
    if "skipped" in result:
        return [f"## {result['task']}", "", f"Skipped: {result['skipped']}"]
    lines = [f"## {result['task']}", ""]
    facts = ("data", "split", "n", "seed", "model", "judge")
    lines += [f"- {name}: {_inline(result[name])}" for name in facts if name in result]
    for block in blocks(result["rows"]):
        lines += ["", *rows_table(block)]
    lines.append("")
    lines += [f"- `{name}`: {meaning}" for name, meaning in result.get("metrics", {}).items()]
    return lines + [f"- {note}" for note in result.get("notes", [])]


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {name}" for name, count in value.items())
    return str(value)


def rows_table(rows: Sequence[TableRow]) -> list[str]:
    """The lines of one markdown table of rows that share their columns."""
    columns = list(rows[0])
    # A column of words is set to the left, one of numbers to the right.
    rules = [":--" if isinstance(rows[0][column], str) else "--:" for column in columns]
    lines = [columns, rules, *([cell(row[column]) for column in columns] for row in rows)]
    return ["| " + " | ".join(text.replace("|", "\\|") for text in line) + " |" for line in lines]
