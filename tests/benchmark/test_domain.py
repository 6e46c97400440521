"""Whether recordings and renderings are told apart where they differ, and not where they do not."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from va_space.benchmark import domain
from va_space.datasets.records import Record


def _records(write_tones, name, level):
    return [
        Record(
            write_tones(f"{name}{number}", [level]), "music", None, f"{name} {number % 8}", f"{name}{number}"
        )
        for number in range(16)
    ]


def test_loud_high_tones_are_told_from_soft_low_ones(context, write_tones, monkeypatch):
    kinds = {"recording": _records(write_tones, "r", 0.9), "rendering": _records(write_tones, "s", 0.1)}
    monkeypatch.setattr(domain, "open_kinds", lambda *_: kinds)
    rows, note = domain.domain_rows(context)
    found = {row["recording or rendering, told from"]: row for row in rows}
    assert {row["n"] for row in rows} == {32}
    assert found["constant"]["balanced accuracy"] == 0.5
    assert found["mel statistics of the first window"]["balanced accuracy"] == 1
    low, high = found["ours: vectors"]["balanced accuracy interval"]
    assert low <= found["ours: vectors"]["balanced accuracy"] <= high
    assert "16 recordings, 16 renderings" in note


def test_a_group_is_not_told_by_itself(write_tones):
    # Each group has a direction of its own: known groups would be told apart, unknown ones are not.
    records = _records(write_tones, "r", 0.5) + _records(write_tones, "s", 0.5)
    values = np.eye(16)[[8 * (row >= 16) + row % 8 for row in range(32)]]
    decided = domain.held_out_decisions(values, records, np.arange(32) >= 16)
    assert 0.2 < domain.balanced_accuracy(decided, np.arange(32) >= 16) < 0.8


def test_without_one_of_the_kinds_there_are_no_rows(context, monkeypatch):
    monkeypatch.setattr(domain, "open_kinds", lambda *_: {"recording": []})
    assert domain.domain_rows(context)[0] == []
