"""The teacher of the music's head, against scikit-learn."""

import numpy as np
import torch
from sklearn.kernel_ridge import KernelRidge

from va_space.training.space.kernel_teacher import KernelTeacher, mixed, quadrant_points


def test_the_teacher_is_kernel_ridge_regression_on_standardised_features():
    draw = torch.Generator().manual_seed(0)
    features, others = 3 + 2 * torch.randn(40, 6, generator=draw), 3 + torch.randn(5, 6, generator=draw)
    va = 0.3 + 0.4 * torch.rand(40, 2, generator=draw)
    teacher = KernelTeacher(features, va, width=0.5, ridge=0.3)
    mean, std = features.mean(dim=0), features.std(dim=0)
    reference = KernelRidge(alpha=0.3, kernel="rbf", gamma=0.5 / 6).fit((features - mean) / std, va - 0.5)
    np.testing.assert_allclose(teacher(others), 0.5 + reference.predict((others - mean) / std), atol=1e-4)


def test_quadrants_lie_on_their_side():
    points = quadrant_points(torch.tensor([1, 2, 3, 4]))
    assert ((points > 0.5) == torch.tensor([[1, 1], [0, 1], [0, 0], [1, 0]], dtype=torch.bool)).all()


def test_mixtures_lie_between_their_rows():
    first, second = torch.zeros(400, 1), torch.ones(400, 1)
    between = mixed(first, second, torch.Generator().manual_seed(0))
    assert ((between >= 0) & (between <= 1)).all()
    assert 0.4 < (between == 0).float().mean() < 0.6
    assert between.max() > 0.9
