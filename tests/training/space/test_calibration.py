"""The line and the uncertainty that predictions get from held-out groups."""

import numpy as np
import pytest
import torch

from va_space import VASpace
from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.encoders.pretrained import save_model
from va_space.training.space.calibration import (
    Calibration,
    apply_calibration,
    calibrate_saved,
    fit_calibration,
    fit_fusion_weights,
)


def held_out(groups: int, each: int, slope: float, noise: float, seed: int, between: float = 0.0):
    """Predictions whose labels lie about a line of a known slope: predicted, labels, groups."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), each)
    predicted = 0.5 + 0.08 * random.standard_normal((groups * each, 2))
    off = (
        noise * random.standard_normal(predicted.shape) + between * random.standard_normal((groups, 2))[group]
    )
    return predicted, np.clip(0.5 + slope * (predicted - 0.5) + off, 0, 1), group


def regressed(predicted, labels):
    """Slopes and intercepts of labels on predictions, by numpy's own least squares."""
    return np.array([np.polyfit(predicted[:, side], labels[:, side], 1) for side in (0, 1)]).T


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.8])
def test_a_known_slope_is_recovered_and_the_result_has_slope_one(slope):
    predicted, labels, groups = held_out(200, 4, slope, 0.05, seed=1)
    calibration = fit_calibration(predicted, labels, groups)
    np.testing.assert_allclose(calibration.scale, slope, rtol=0.06)
    np.testing.assert_allclose(calibration.shift, 0.5 - slope / 2, atol=0.05)
    new, truth, _ = held_out(200, 4, slope, 0.05, seed=2)
    slopes, intercepts = regressed(calibration(new), truth)
    np.testing.assert_allclose(slopes, 1, atol=0.1)
    np.testing.assert_allclose(intercepts, 0, atol=0.05)


def test_many_groups_give_the_least_squares_line():
    predicted, labels, groups = held_out(400, 3, 0.7, 0.02, seed=3)
    calibration = fit_calibration(predicted, labels, groups)
    slopes, intercepts = regressed(predicted, labels)
    np.testing.assert_allclose(calibration.scale, slopes, atol=0.01)
    np.testing.assert_allclose(calibration.shift, intercepts, atol=0.005)


def test_few_groups_that_disagree_do_not_give_wild_slopes():
    wild, calm = [], []
    for seed in range(40):
        random = np.random.default_rng(seed)
        group = np.repeat(np.arange(4), 30)
        predicted = 0.5 + (0.05 * random.standard_normal((4, 2)))[group]
        predicted += 0.01 * random.standard_normal(predicted.shape)
        labels = np.clip(predicted + (0.1 * random.standard_normal((4, 2)))[group], 0, 1)
        wild.append(np.abs(regressed(predicted, labels)[0] - 1).mean())
        calm.append(np.abs(fit_calibration(predicted, labels, group).scale - 1).mean())
    assert np.mean(wild) > 1
    assert np.mean(calm) < 0.4


@pytest.mark.parametrize("noise", [0.03, 0.12])
def test_the_interval_covers_nine_in_ten_of_new_labels(noise):
    covered = []
    for seed in range(20):
        calibration = fit_calibration(*held_out(60, 5, 0.8, noise, seed, between=noise / 2))
        predicted, labels, _ = held_out(100, 5, 0.8, noise, 1000 + seed, between=noise / 2)
        covered.append(np.abs(labels - calibration(predicted)) <= 1.645 * calibration.deviation)
    assert 0.88 <= np.mean(covered) <= 0.92


def test_normal_errors_have_their_standard_deviation():
    predicted, labels, groups = held_out(500, 4, 1.0, 0.07, seed=5)
    np.testing.assert_allclose(fit_calibration(predicted, labels, groups).deviation, 0.07, rtol=0.06)


def test_residuals_are_taken_against_the_other_groups():
    predicted, labels, groups = held_out(6, 10, 1.0, 0.05, seed=6, between=0.2)
    calibration = fit_calibration(predicted, labels, groups)
    residuals = []
    for group in range(6):
        others, own = groups != group, groups == group
        # The mean of the others alone moves here: with one slope for all, the line is that of its means.
        line = predicted[own] * calibration.scale
        line += labels[others].mean(axis=0) - calibration.scale * predicted[others].mean(axis=0)
        residuals.append(np.abs(labels[own] - line))
    expected = np.sort(np.concatenate(residuals), axis=0)[int(np.ceil(0.9 * 61)) - 1] / 1.645
    np.testing.assert_allclose(calibration.deviation, expected, rtol=0.1)
    own_line = np.sort(np.abs(labels - calibration(predicted)), axis=0)[int(np.ceil(0.9 * 61)) - 1] / 1.645
    assert (calibration.deviation > own_line).all()


def test_predictions_that_say_nothing_keep_their_order():
    predicted, labels, groups = held_out(300, 3, -0.5, 0.02, seed=7)
    calibration = fit_calibration(predicted, labels, groups)
    assert (calibration.scale > 0).all()
    constant = fit_calibration(np.full_like(predicted, 0.4), labels, groups)
    np.testing.assert_allclose(constant(np.full((1, 2), 0.4))[0], labels.mean(axis=0))


def test_wrong_input_is_refused():
    predicted, labels, groups = held_out(5, 2, 1.0, 0.1, seed=8)
    with pytest.raises(ValueError, match="shapes"):
        fit_calibration(predicted[:-1], labels, groups)
    with pytest.raises(ValueError, match="not finite"):
        fit_calibration(predicted * np.nan, labels, groups)
    with pytest.raises(ValueError, match="at least 3"):
        fit_calibration(predicted, labels, groups % 2)


def test_a_saved_model_predicts_as_the_calibration_says(tiny_space, tmp_path):
    tiny_space.save_pretrained(tmp_path)
    (tmp_path / "README.md").write_text("a card")
    vectors = np.random.default_rng(0).standard_normal((7, tiny_space.config.dimension))
    before = tiny_space.predict_va_from_vectors(vectors, "picture")
    calibration = Calibration(np.array([0.5, 2.0]), np.array([0.1, -0.4]), np.array([0.11, 0.13]))
    calibrate_saved(tmp_path, picture=calibration)
    space = VASpace.from_pretrained(tmp_path, device="cpu", precision="fp32")
    values, deviation = space.predict_va_from_vectors(vectors, "picture", return_std=True)
    np.testing.assert_allclose(values, calibration(before), atol=1e-6)
    np.testing.assert_allclose(deviation, np.tile([0.11, 0.13], (7, 1)), rtol=1e-6)
    music, unknown = space.predict_va_from_vectors(vectors, "music", return_std=True)
    np.testing.assert_array_equal(music, tiny_space.predict_va_from_vectors(vectors, "music"))
    assert np.isnan(unknown).all()
    assert (tmp_path / "README.md").read_text() == "a card"


def test_a_second_calibration_corrects_the_first():
    from va_space.encoders.predictors import VAPredictor

    predictor = VAPredictor(4, 8)
    vectors = torch.eye(4)
    first = Calibration(np.array([0.5, 0.8]), np.array([0.2, 0.1]), np.array([0.1, 0.1]))
    second = Calibration(np.array([1.2, 0.9]), np.array([-0.1, 0.05]), np.array([0.1, 0.1]))
    with torch.no_grad():
        expected = second(first(predictor(vectors).numpy()))
        apply_calibration(predictor, first)
        apply_calibration(predictor, second)
        np.testing.assert_allclose(predictor(vectors).numpy(), expected, atol=1e-6)


def test_blend_is_the_logistic_regression_that_scikit_learn_finds():
    linear_model = pytest.importorskip("sklearn.linear_model")
    draw = torch.Generator().manual_seed(0)
    evidence = [torch.randn(400, generator=draw) for _ in range(3)]
    target = torch.sigmoid(0.3 + 0.8 * evidence[0] - 0.2 * evidence[1] + torch.randn(400, generator=draw))
    columns = torch.stack(evidence, dim=1).numpy()
    reference = linear_model.LogisticRegression(C=1e6, tol=1e-10, max_iter=1000).fit(
        np.concatenate([columns, columns]),
        np.repeat([1, 0], 400),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    found = fit_fusion_weights(evidence, target)
    np.testing.assert_allclose(found[0], reference.intercept_[0], atol=1e-3)
    np.testing.assert_allclose(found[1:], reference.coef_[0], atol=1e-3)


def test_evidence_that_never_varies_keeps_the_weights_finite():
    assert (
        fit_fusion_weights([torch.full((9,), 0.5), torch.zeros(9), torch.ones(9)], torch.rand(9))
        .isfinite()
        .all()
    )


def test_a_saved_model_blends_as_calibrated(tmp_path):
    model = SpaceModel(SpaceConfig("resnet18", "resnet18", dimension=8, hidden=4))
    save_model(model, tmp_path)
    pictures, music = (torch.nn.functional.normalize(torch.randn(n, 8), dim=1).numpy() for n in (3, 5))
    before = VASpace.from_pretrained(tmp_path, device="cpu")
    with torch.no_grad():
        network = model.similarity(torch.from_numpy(pictures), torch.from_numpy(music))
    np.testing.assert_allclose(before.similarity(pictures, music), network, atol=1e-6)
    calibrate_saved(tmp_path, fusion_weights=torch.tensor([0.1, 2.0, 0.5, 0.0]))
    after = VASpace.from_pretrained(tmp_path, device="cpu")
    va = after.predict_va_from_vectors(pictures, "picture"), after.predict_va_from_vectors(music, "music")
    apart = np.linalg.norm(va[0][:, None] - va[1][None], axis=-1)
    logits = 0.1 + 2.0 * np.exp(-apart / model.config.sigma) + 0.5 * pictures @ music.T
    np.testing.assert_allclose(after.similarity(pictures, music), 1 / (1 + np.exp(-logits)), atol=1e-5)
    assert after.fingerprint != before.fingerprint


def test_a_line_through_neutral_changes_no_quadrant():
    random = np.random.default_rng(0)
    predicted = random.uniform(0.2, 0.8, (300, 2))
    labels = np.clip(0.5 * predicted + 0.35 + random.normal(0, 0.02, (300, 2)), 0, 1)
    groups = np.arange(300) % 10
    calibration = fit_calibration(predicted, labels, groups, keep_neutral=True)
    np.testing.assert_allclose(calibration([[0.5, 0.5]]), 0.5)
    assert ((calibration(predicted) > 0.5) == (predicted > 0.5)).all()
    # The slope is that of least squares through neutral, and what the offset costs is in the deviation.
    slope = ((predicted - 0.5) * (labels - 0.5)).sum(axis=0) / ((predicted - 0.5) ** 2).sum(axis=0)
    np.testing.assert_allclose(calibration.scale, slope, atol=0.02)
    free = fit_calibration(predicted, labels, groups)
    assert (calibration.deviation > free.deviation).all()
    covered = np.abs(labels - calibration(predicted)) <= 1.645 * calibration.deviation
    assert covered.mean() >= 0.88
