"""SFR over all triplets: the variance identity of va-space against the triple loop it stands for.

Three ways to the same number, forward and backward, on unit features and random labels:

- va-space: single_modal_feature_ratio, O(n^2) numbers;
- cube: the triple loop written as one (n, n, n) tensor expression;
- loop: the triple loop in Python. It takes minutes and an autograd graph of millions of nodes, so only
  --anchors of its n outer turns are run, and its time is scaled up (marked with ~).

Each way runs in a process of its own; its memory is the growth of that process's peak while it works.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from va_space.training.space.losses import FLOOR, single_modal_feature_ratio, squared_distances


def logarithms(features: Tensor, va: Tensor) -> Tensor:
    """(n, n) log D of features minus log D of labels."""
    found, wanted = squared_distances(features, features), squared_distances(va, va)
    return found.clamp_min(FLOOR).log() - wanted.clamp_min(FLOOR).log()


def cube(features: Tensor, va: Tensor) -> Tensor:
    """The mean over all ordered (j, k), j != i and k != i, as one tensor expression."""
    a = logarithms(features, va)
    n = len(a)
    other = ~torch.eye(n, dtype=torch.bool)
    triplets = other[:, :, None] & other[:, None, :]
    return ((a[:, :, None] - a[:, None, :]).square() * triplets).sum() / (n * (n - 1) ** 2)


def loop(features: Tensor, va: Tensor, anchors: int) -> Tensor:
    """The same in Python, over the first anchors only."""
    a, n, total = logarithms(features, va), len(features), features.new_zeros(())
    for i in range(anchors):
        for j in range(n):
            for k in range(n):
                if i not in (j, k):
                    total = total + (a[i, j] - a[i, k]) ** 2
    return total / (anchors * (n - 1) ** 2)


def measure(way: str, n: int, anchors: int) -> dict[str, float]:
    """Seconds and MiB of one way, and its value and gradient norm."""
    draw = torch.Generator().manual_seed(0)
    features = normalize(torch.randn(n, 512, generator=draw)).requires_grad_()
    va = torch.rand(n, 2, generator=draw)
    ways: dict[str, Callable[[], Tensor]] = {
        "va-space": lambda: single_modal_feature_ratio(features, va),
        "cube": lambda: cube(features, va),
        "loop": lambda: loop(features, va, anchors),
    }
    # Threads and buffers of the first backward are not the loss's.
    logarithms(features, va).sum().backward()
    before = peak()
    times = []
    while len(times) < 20 and sum(times) < 5:
        features.grad = None
        started = time.perf_counter()
        loss = ways[way]()
        loss.backward()
        times.append(time.perf_counter() - started)
    scale = n / anchors if way == "loop" else 1
    gradient = features.grad.norm().item() if features.grad is not None else 0.0
    return {"s": min(times) * scale, "mib": peak() - before, "loss": loss.item(), "gradient": gradient}


def peak() -> float:
    """Largest memory this process has ever held, in MiB."""
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def in_own_process(way: str, n: int, anchors: int) -> dict[str, float]:
    """:func:`measure` in a fresh process."""
    command = [sys.executable, str(Path(__file__)), "--way", way, "-n", str(n), "--anchors", str(anchors)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-n", type=int, nargs="+", default=[64, 128, 256], help="batch sizes")
    parser.add_argument("--anchors", type=int, default=1, help="outer turns of the Python loop that are run")
    parser.add_argument("--way", choices=["va-space", "cube", "loop"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(measure(arguments.way, arguments.n[0], arguments.anchors)))
        return
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print(
        "| n | va-space | cube | loop | cube / va-space | loop / va-space | memory va-space | memory cube |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for n in arguments.n:
        ours, cubed, looped = (
            in_own_process(way, n, arguments.anchors) for way in ("va-space", "cube", "loop")
        )
        if not abs(ours["loss"] / cubed["loss"] - 1) + abs(ours["gradient"] / cubed["gradient"] - 1) < 1e-4:
            raise SystemExit(f"the two do not agree at n = {n}: {ours}, {cubed}")
        times = f"{1e3 * ours['s']:.1f} ms | {1e3 * cubed['s']:.1f} ms | ~{looped['s']:.0f} s"
        ratios = f"{cubed['s'] / ours['s']:.0f} | ~{looped['s'] / ours['s']:.0f}"
        print(f"| {n} | {times} | {ratios} | {ours['mib']:.1f} MiB | {cubed['mib']:.1f} MiB |", flush=True)


if __name__ == "__main__":
    main()
