"""Calibration on small data: slopes against numpy's, coverage by counting."""

import copy

import numpy as np
import pytest
import torch

from va_space import VASpace
from va_space.benchmark.context import Context, points
from va_space.benchmark.tasks import calibration


@pytest.fixture(scope="module")
def calibrated(context, tiny_space):
    """The same data under a model that states an uncertainty for pictures alone."""
    model = copy.deepcopy(tiny_space.model)
    with torch.no_grad():
        model.picture_va.calibrate(torch.ones(2), torch.zeros(2), torch.tensor([0.1, 0.2]))
    other = Context(VASpace(model, device="cpu", precision="fp32"), context.data_root, context.cache)
    other.music = context.music
    return other


def rows_of(result, unit, model):
    return [row for row in result["rows"] if (row["unit"], row["model"]) == (unit, model)]


def test_pictures_by_hand(calibrated):
    result = calibration.run(calibrated)
    labels = points(calibrated.test_pictures.records)
    predicted = calibrated.space.predict_va_from_vectors(calibrated.test_pictures.vectors, "picture")
    for side, row in enumerate(rows_of(result, "picture", "ours")):
        slope, intercept = np.polyfit(predicted[:, side].astype(float), labels[:, side], 1)
        assert row["slope"] == pytest.approx(slope, rel=1e-4)
        assert row["intercept"] == pytest.approx(intercept, rel=1e-4)
        half = 1.645 * (0.1, 0.2)[side]
        assert row["coverage"] == np.mean(np.abs(labels[:, side] - predicted[:, side]) <= half)
        assert row["width"] == pytest.approx(2 * half, rel=1e-6)
        for name in ("slope", "coverage"):
            low, high = row[f"{name} interval"]
            assert low <= row[name] <= high


def test_the_constant_has_the_mean_and_spread_of_training_labels(calibrated):
    result = calibration.run(calibrated)
    train, test = points(calibrated.pictures["train"]), points(calibrated.test_pictures.records)
    for side, row in enumerate(rows_of(result, "picture", "constant")):
        half = 1.645 * train[:, side].std()
        assert np.isnan(row["slope"])
        assert row["width"] == pytest.approx(2 * half)
        assert row["coverage"] == np.mean(np.abs(test[:, side] - train[:, side].mean()) <= half)


def test_an_uncalibrated_side_has_no_coverage(calibrated):
    result = calibration.run(calibrated)
    assert {row["n"] for row in rows_of(result, "window", "ours")} == {18}
    for row in [*rows_of(result, "window", "ours"), *rows_of(result, "piece", "ours")]:
        assert np.isnan(row["coverage"])
        assert np.isnan(row["width"])
        assert np.isfinite(row["slope"])


def test_pictures_are_measured_without_music(context, tiny_space, tmp_path):
    alone = Context(tiny_space, context.data_root, tmp_path)
    result = calibration.run(alone)
    assert {row["unit"] for row in result["rows"]} == {"picture"}
    assert any(note.startswith("VGMIDI is left out") for note in result["notes"])
