import json
from importlib.metadata import version

import pytest

from va_space.commands import _doctor


def test_table_names_versions_model_and_folders(va_space, tiny_model, tmp_path):
    result = va_space("doctor", "--json", "--model", tiny_model)
    assert result.returncode == 0, result.stdout + result.stderr
    rows = {row["part"]: row for row in json.loads(result.stdout)}
    assert rows["va-space"]["found"] == version("va-space")
    assert f"torch {version('torch')}" in rows["packages"]["found"]
    assert str(tiny_model) in rows["model"]["found"]
    assert {"processor", "sound", "pictures", "cache", "data", "extra train"} <= set(rows)


def test_a_problem_makes_the_status_1_and_says_what_to_do(va_space, tmp_path):
    result = va_space("doctor", "--json", "--model", tmp_path)
    assert result.returncode == 1
    (model,) = [row for row in json.loads(result.stdout) if row["part"] == "model"]
    assert model["state"] == "problem"
    assert "config.json" in model["advice"]


def test_a_data_folder_that_is_not_there_is_a_problem(monkeypatch, tmp_path):
    monkeypatch.setenv("VA_SPACE_DATA", str(tmp_path / "none"))
    monkeypatch.setenv("VA_SPACE_CACHE", str(tmp_path / "cache"))
    found = {finding.part: finding for finding in _doctor.folders()}
    assert found["data"].state == "problem"
    assert found["cache"].found.endswith("not there yet")


@pytest.mark.parametrize(
    ("requirement", "lack"),
    [("numpy", ""), ("no-such-thing", "no no-such-thing"), ("pillow", None)],
)
def test_what_a_requirement_lacks(requirement, lack):
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(">=1000" if lack is None else "")
    found = _doctor._lack(requirement, wanted)
    assert found == (f"pillow {version('pillow')}, needs >=1000" if lack is None else lack)
