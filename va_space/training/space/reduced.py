"""Losses with pytorch-metric-learning's reducers.

Any reducer of that library that works on single elements can be given (say ``AvgNonZeroReducer`` for the
hinges); the default is the mean, as in the functions of :mod:`va_space.training.space.losses`. Its distances
and loss classes do not fit: the former are float32 matrix products, which cancel for close unit vectors, and
the latter want labels that are classes, while ours are points.
"""

import torch
from torch import Tensor

from va_space.errors import MissingExtraError

try:
    from pytorch_metric_learning.utils.module_with_records_and_reducer import ModuleWithRecordsAndReducer
except ImportError as error:
    raise MissingExtraError("training", "train") from error


class ReducedLoss(ModuleWithRecordsAndReducer):
    """A loss with one element per row, which a reducer makes a scalar."""

    def reduce(self, per_row: Tensor, embeddings: Tensor) -> Tensor:
        """Losses (n,) to a scalar; reducers may look at the embeddings, (n, d)."""
        rows = torch.arange(len(per_row), device=per_row.device)
        entry = {"losses": per_row, "indices": rows, "reduction_type": "element"}
        return self.reducer({"loss": entry}, embeddings, None)
