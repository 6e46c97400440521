import json
import sys
from importlib import metadata
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
    assert "a picture and a second of sound" in rows["model"]["found"]
    assert {"processor", "sound", "pictures", "libraries", "cache", "data", "extra train"} <= set(rows)


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


def test_a_package_that_cannot_be_imported_is_a_problem_and_the_rest_is_looked_at(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lancedb.py").write_text("raise ImportError('pyarrow requires NumPy 2.0 or newer\\nmore')")
    monkeypatch.delitem(sys.modules, "lancedb", raising=False)
    found = {finding.part: finding for finding in _doctor.findings(str(tmp_path))}
    assert found["libraries"].state == "problem"
    assert found["libraries"].found == "ImportError: pyarrow requires NumPy 2.0 or newer"
    assert "docs/install.md" in found["libraries"].advice
    assert {"packages", "processor", "sound", "model", "cache", "data"} <= set(found)


def test_packages_out_of_range_are_named_with_what_to_install(monkeypatch):
    installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.0" if name == "numpy" else installed(name))
    packages = next(_doctor.packages())
    assert packages.state == "problem"
    assert packages.found.startswith("numpy 1.0, needs >=")
    assert packages.advice.startswith("pip install 'numpy>=")


def test_pyfluidsynth_without_its_library_says_so(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "fluidsynth.py").write_text('raise ImportError("Couldn\'t find the FluidSynth library.")')
    monkeypatch.delitem(sys.modules, "fluidsynth", raising=False)
    found = {finding.part: finding for finding in _doctor.midi()}
    assert found["FluidSynth"].state == "missing"
    assert "fluidsynth" in found["FluidSynth"].advice
