"""Curves from the logs that a training leaves."""

import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("tensorboard")
pytest.importorskip("lightning")


@pytest.fixture
def run(tmp_path):
    """The log of a training of 200 steps, written by the logger of the loop."""
    from lightning.fabric.loggers import TensorBoardLogger

    logger = TensorBoardLogger(root_dir=tmp_path / "open", name="tensorboard", version="")
    for step in range(200):
        logger.log_metrics({"train/total": 1 / (step + 1), "train/cfr": 0.1, "waited": 0.0}, step)
    logger.log_metrics({"train/total": 7.0}, 3)  # as after a resume
    logger.log_metrics({"validation/score": 0.5}, 199)
    logger.finalize("success")
    return tmp_path / "open"


def test_values_are_those_that_were_logged(script, run):
    curves = script("training_curves").read(run)
    assert set(curves) == {"train/total", "train/cfr", "waited", "validation/score"}
    steps, values = curves["train/total"]
    np.testing.assert_array_equal(steps, np.arange(200))
    expected = 1 / np.arange(1, 201)
    expected[3] = 7.0
    np.testing.assert_allclose(values, expected, rtol=1e-6)


def test_smoothing_keeps_the_mean_and_short_curves(script):
    smooth = script("training_curves").smooth
    steps, values = smooth(np.arange(800), np.arange(800.0))
    assert len(steps) == 80
    assert values.mean() == pytest.approx(399.5)
    np.testing.assert_array_equal(steps, values)
    np.testing.assert_array_equal(smooth(np.array([3]), np.array([0.5]))[1], [0.5])


def test_image_is_written_and_a_folder_without_logs_is_refused(script, run, tmp_path, monkeypatch):
    module = script("training_curves")
    monkeypatch.setattr(sys, "argv", ["training_curves.py", str(run), "-o", str(tmp_path / "curves.svg")])
    module.main()
    text = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert text.startswith("<?xml")
    assert len(text) < 200_000
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(sys, "argv", ["training_curves.py", str(tmp_path / "empty"), "-o", "x.svg"])
    with pytest.raises(SystemExit, match="no logs"):
        module.main()
