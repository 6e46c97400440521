"""What reading texts costs on one core; prints a markdown table of processor times.

Loading is that of the sentence encoder, beside the model itself. Sentences are those of the benchmark.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from embedding import processor

from va_space import VASpace
from va_space.benchmark.sentences import SENTENCES


def seconds(call: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", type=int, default=5000, help="of the long text")
    options = parser.parse_args()
    torch.set_num_threads(1)
    space, sentences = VASpace.from_pretrained(device="cpu", precision="fp32"), list(SENTENCES)
    words = " ".join(sentences).split()
    long = " ".join(words[index % len(words)] for index in range(options.words))
    rows = {"loading the sentence encoder": seconds(lambda: space.sentence_encoder)}
    calls = {
        "one sentence by itself": (lambda: space.encode_text(sentences[0]), 1),
        "a sentence of twenty": (lambda: space.encode_text(sentences), len(sentences)),
        f"a text of {options.words:,} words": (lambda: space.encode_text(long), 1),
    }
    for name, (call, count) in calls.items():
        call()
        rows[name] = statistics.median(seconds(call) / count for _ in range(options.rounds))
    print(f"{processor()}, 1 thread, torch {torch.__version__}; {options.rounds} rounds.\n")
    print("| | s |\n|---|--:|")
    for name, value in rows.items():
        print(f"| {name} | {value:.3f} |")


if __name__ == "__main__":
    main()
