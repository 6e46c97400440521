"""The notebooks run from top to bottom on what the package brings."""

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient", reason="needs nbclient and ipykernel")
nbformat = pytest.importorskip("nbformat", reason="needs nbformat")
pytest.importorskip("ipykernel", reason="needs ipykernel")

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"
# What holds at the end of each.
CHECKS = {
    "classifier": "assert len(windows) > len(files)\n"
    "score = balanced_accuracy_score(windows['label'], predicted['vectors'])\n"
    "assert score > 0.5, score  # what a constant answer gets",
    "compose": "assert takes['joyful'].sound.shape != takes['sad'].sound.shape or "
    "(takes['joyful'].sound != takes['sad'].sound).any()",
    "restyle": "assert video.seconds > 3.9\n"
    "assert len({result.picture.image.tobytes() for result in results}) == len(results)",
    "search": "assert len({found[name][0].title for name in found}) >= 5",
    "table": "assert result['rows']",
    "train": "assert own.fingerprint != space.fingerprint",
}


def test_every_notebook_is_checked():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(CHECKS)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_a_notebook_runs(name, monkeypatch, tmp_path):
    # What ships is enough; with real data the same notebooks take minutes.
    monkeypatch.delenv("VA_SPACE_DATA", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit it without outputs"
    notebook.cells.append(nbformat.v4.new_code_cell(CHECKS[name]))
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources={}).execute()
