"""Latency of one picture and one 30 s clip on one core, in several precisions; prints a markdown table.

From pixels of the model's size and samples of its rate to vectors with valence and arousal: decoding is not
measured here (embedding.py does). Times are processor times of one thread. All variants run one after the
other in each round; ratios are medians over rounds of the ratio within a round. Agreement is the cosine with
torch in float32 on the same inputs.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from embedding import processor
from torch import Tensor
from variants import Outputs, make_variants, picture_of, windows_of


def seconds(call: Callable[[Tensor], Outputs], values: Tensor, repeats: int) -> float:
    """Processor time of one of several calls: with one thread the latency, whatever else the machine does."""
    start = time.process_time()
    for _ in range(repeats):
        call(values)
    return (time.process_time() - start) / repeats


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="folder; default: the model that ships")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--repeats", type=int, default=4, help="calls of each variant in a round")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        context, variants = make_variants(options.model, Path(folder))
        piece = next(iter({record.path: record for record in context.music["test"]}))
        records = [record for record in context.music["test"] if record.path == piece][:3]
        clip = windows_of(records, context)
        inputs = {"picture": picture_of(context.pictures["test"][0], context), "clip": clip}
        config = context.space.config
        print(
            f"{config.picture_backbone} at {config.picture.size} px, {config.music_backbone} on "
            f"{len(clip)} windows of {config.audio.window_seconds:g} s; {processor()}, 1 thread, torch "
            f"{torch.__version__}, onnxruntime {onnxruntime.__version__}; {options.rounds} rounds.\n"
        )
        calls = {
            (variant.name, kind): variant.pictures if kind == "picture" else variant.music
            for variant in variants
            for kind in inputs
        }
        cosines = {}
        for (name, kind), call in calls.items():  # warms up, too
            vectors, exact = call(inputs[kind])[0], calls[variants[0].name, kind](inputs[kind])[0]
            cosines[name, kind] = float(np.sum(vectors * exact, axis=1).min())
        rounds = [
            {key: seconds(call, inputs[key[1]], options.repeats) for key, call in calls.items()}
            for _ in range(options.rounds)
        ]
    print("| | picture ms | ratio | cosine | 30 s clip ms | ratio | cosine | MB |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for variant in variants:
        cells = []
        for kind in inputs:
            times = statistics.median(one[variant.name, kind] for one in rounds)
            ratio = statistics.median(one[variants[0].name, kind] / one[variant.name, kind] for one in rounds)
            cells.append(f"{1000 * times:.1f} | {ratio:.2f}x | {cosines[variant.name, kind]:.4f}")
        print(f"| {variant.name} | {' | '.join(cells)} | {variant.megabytes:.1f} |")


if __name__ == "__main__":
    main()
