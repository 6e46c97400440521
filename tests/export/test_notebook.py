"""The example notebook runs from top to bottom on what the package brings."""

from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "classifier.ipynb"


@pytest.mark.slow
def test_notebook_runs_and_the_vectors_beat_the_constant_answer(monkeypatch, tmp_path):
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    monkeypatch.delenv("VA_SPACE_DATA", raising=False)  # the demo's clips are quicker
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit it without outputs"
    notebook.cells.append(
        nbformat.v4.new_code_cell(
            "assert len(windows) > len(files)\n"
            "score = balanced_accuracy_score(windows['label'], predicted['vectors'])\n"
            "assert score > 0.5, score  # what a constant answer gets"
        )
    )
    client = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={})
    client.execute()
