import json


def test_results_are_printed_and_written(va_space, tiny_model, tmp_path, monkeypatch):
    lists = tmp_path / "imemnet"
    lists.mkdir()
    (lists / "val_matching.txt").write_text("1-15 a 0.2\n")
    (lists / "test_matching.txt").write_text("1-15 a 0.2\n2-15 b 0.3\n3-17 c 0.5\n")
    arguments = ["imemnet", "--model", tiny_model, "-o", tmp_path / "out"]
    monkeypatch.setenv("VA_SPACE_DATA", str(tmp_path))
    result = va_space("benchmark", *arguments, "--json")
    assert result.returncode == 0, result.stderr
    (task,) = json.loads(result.stdout)
    assert task == json.loads((tmp_path / "out" / "imemnet.json").read_text())
    assert task["n"]["pairs"] == 2
    tables = (tmp_path / "out" / "tables.md").read_text()
    assert va_space("benchmark", *arguments, "--data", tmp_path).stdout.strip() == tables.strip()


def test_task_without_its_data_is_skipped_with_status_1(va_space, tiny_model, tmp_path):
    arguments = ["--model", tiny_model, "-o", tmp_path / "out", "--data", tmp_path]
    result = va_space("benchmark", "picture-va", *arguments)
    assert result.returncode == 1
    assert "OASIS" in result.stderr
    assert "Skipped" in result.stdout


def test_unknown_task_is_wrong_usage(va_space):
    assert va_space("benchmark", "dancing").returncode == 2


def test_help_names_every_task(va_space):
    from va_space.benchmark.tasks import TASKS

    text = va_space("benchmark", "--help").stdout
    assert all(task in text for task in TASKS)
