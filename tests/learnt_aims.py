"""A number that answers to one thing alone, for test modules of explanations."""

import numpy as np
import torch

from va_space.explanation.aims import Aim


def learnt_aim(vectors, there):
    """A number of vectors (n, 512) that a ridge learnt to be 1 where something is there, and 0 elsewhere."""
    x = torch.from_numpy(np.asarray(vectors, np.float64))
    mean = x.mean(dim=0)
    apart, wanted = x - mean, torch.tensor(there, dtype=torch.float64) - 0.5
    gram = apart @ apart.T
    weights = apart.T @ torch.linalg.solve(gram + 1e-3 * gram.trace() / len(x) * torch.eye(len(x)), wanted)
    weights, mean = weights.float(), mean.float()
    return Aim("patch", "what was planted", lambda rows: (rows - mean) @ weights)
