"""Running tasks by name, and what is written."""

import json

import pytest

pytest.importorskip("sklearn")

from va_space.benchmark import table
from va_space.benchmark.runner import run_benchmark
from va_space.benchmark.tasks import TASKS
from va_space.errors import ConfigError


def test_an_unknown_task_is_named_beside_the_known(tiny_space, tmp_path):
    with pytest.raises(ConfigError, match=r"nonsense.*matching.*picture-va"):
        run_benchmark(["picture-va", "nonsense"], tiny_space, tmp_path, tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_results_are_json_and_one_document(tiny_space, oasis_root, tmp_path):
    started = []
    results = run_benchmark(
        ["picture-va", "matching"], tiny_space, oasis_root, tmp_path, tmp_path / "out", 3, started.append
    )
    assert started == ["picture-va", "matching"]
    done, skipped = results
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "matching.json",
        "picture-va.json",
        "tables.md",
    ]

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    text = (tmp_path / "out" / "picture-va.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=refuse) == done
    assert {"task", "data", "split", "metrics", "n", "seed", "model", "rows", "notes"} <= set(done)
    assert done["seed"] == 3
    assert done["rows"][0]["pearson"] is None
    assert "VGMIDI" in skipped["skipped"]
    document = (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")
    assert document == table.markdown(results)
    assert "| ridge on colour statistics |" in document
    assert "Skipped: VGMIDI" in document


def test_without_data_every_task_that_needs_some_is_skipped(tiny_space, tmp_path):
    # These two need none, for a part of their rows at least.
    tasks = [name for name in TASKS if name not in ("losses", "feedback")]
    results = run_benchmark(tasks, tiny_space, tmp_path, tmp_path, tmp_path / "out")
    assert all("missing" in result["skipped"] for result in results)
    assert [result["task"] for result in results] == tasks


def test_a_task_from_outside_runs_by_its_name(tiny_space, tmp_path, forget_additions):
    forget_additions(TASKS)

    @TASKS.register("dimension")
    def run(context):
        return {"metrics": {"d": "numbers of a vector"}, "rows": [{"d": context.space.config.dimension}]}

    [result] = run_benchmark(["dimension"], tiny_space, tmp_path, tmp_path, tmp_path / "out")
    assert result["task"] == "dimension"
    assert result["rows"] == [{"d": tiny_space.config.dimension}]
    assert (tmp_path / "out" / "dimension.json").is_file()


def test_a_table_breaks_where_columns_change_and_survives_a_bar():
    rows = [{"model": "a|b", "mse": 0.01234}, {"model": "c", "mse": None}]
    rows += [{"name": "d", "interval": [0.1, -0.25]}, {"name": "e", "interval": [None, None]}]
    text = table.markdown([{"task": "t", "rows": rows}])
    assert "| model | mse |\n| :-- | --: |\n| a\\|b | 0.0123 |\n| c | – |\n" in text
    assert "| name | interval |\n| :-- | --: |\n| d | 0.100 … -0.250 |\n| e | – |" in text
