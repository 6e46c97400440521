"""One global batch over many processes, so that the ratio losses see every pair of it.

Each process encodes its own rows, gathers the rows of all, and computes the same loss L of the whole batch.
The gather is differentiable: its backward sums the gradients that all W processes send back to a row.
Backward therefore gives each process the gradient of the sum of all losses, W L, with respect to its own copy
of the weights, and the average over processes that DistributedDataParallel takes of them is exactly dL/dw.
This holds for networks before the gather (encoders) and after it (a predictor on gathered rows) alike: the
loss must not be multiplied or divided by the number of processes anywhere.
"""

from collections.abc import Mapping

import torch
import torch.distributed as dist
from torch import Tensor


def gather_batch(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gather the rows of all processes, in the order of their ranks, with gradients.

    All processes must give the same names, and the same number of rows under a name (split evenly, and drop a
    last, shorter batch). Without a process group, or alone in it, the tensors come back as they are.

    Args:
        tensors: (n, ...) this process's rows by name. Gradients pass through floating-point tensors.

    Returns:
        (W n, ...) under the same names, where W is the number of processes.
    """
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return dict(tensors)
    floats = {name: tensor for name, tensor in tensors.items() if tensor.is_floating_point()}
    gathered = {**_gather_floats(floats), **{n: _gather(t) for n, t in tensors.items() if n not in floats}}
    return {name: gathered[name] for name in tensors}


def _gather_floats(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    from torch.distributed.nn.functional import all_gather

    if not tensors:
        return {}
    # Every collective is a meeting of all processes; one for all tensors, forward and backward, is enough.
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors.values()])
    processes = torch.stack(all_gather(flat))  # (W, numbers of one process)
    parts = processes.split([tensor.numel() for tensor in tensors.values()], dim=1)
    return {
        name: part.reshape(len(processes) * len(tensor), *tensor.shape[1:]).to(tensor.dtype)
        for (name, tensor), part in zip(tensors.items(), parts, strict=True)
    }


def _gather(tensor: Tensor) -> Tensor:
    rows = [torch.empty_like(tensor) for _ in range(dist.get_world_size())]
    dist.all_gather(rows, tensor.contiguous())
    return torch.cat(rows)
