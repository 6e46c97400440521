"""Change files of every format as the field does, and compare what is read with FFmpeg and Pillow.

    PYTHONPATH=tests python scripts/mutate_media.py [--seeds 3]

Needs the program ``ffmpeg``. Prints one line for each file that disagrees, and a table by format.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from agreement import picture_disagreement, sound_disagreement
from mutations import Mutant, pictures, sounds

RATE = 8_000


def say(line: str) -> None:
    """Write a line to standard output at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def ffmpeg_seconds(path: Path) -> float:
    """Seconds of sound that FFmpeg decodes, going on behind errors."""
    command = ["ffmpeg", "-v", "quiet", "-i", str(path), "-map", "0:a:0", "-f", "s16le", "-ac", "1"]
    done = subprocess.run([*command, "-ar", str(RATE), "-"], capture_output=True, check=False)
    return len(done.stdout) / 2 / RATE


def main() -> None:
    """Make, read, compare, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", default="", help="Only files whose name holds this.")
    parser.add_argument("--kind", choices=["sounds", "pictures"], help="Only these.")
    options = parser.parse_args()
    files: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            for mutant, is_sound in _mutants(Path(folder), seed, options.kind):
                if options.only not in mutant.name:
                    continue
                path = Path(folder) / mutant.name
                path.write_bytes(mutant.data)
                kind = mutant.name.rsplit(".", 1)[1]
                files[kind] += 1
                problem = (
                    sound_disagreement(path, mutant, ffmpeg_seconds(path))
                    if is_sound
                    else picture_disagreement(path, mutant)
                )
                if problem:
                    wrong[kind] += 1
                    say(f"{seed} {mutant.name}: {problem}")
                path.unlink()
    say("| format | files | agree |\n|---|--:|--:|")
    for kind, count in sorted(files.items()):
        say(f"| {kind} | {count} | {count - wrong[kind]} |")
    say(f"| all | {files.total()} | {files.total() - wrong.total()} |")


def _mutants(folder: Path, seed: int, kind: str | None) -> Iterator[tuple[Mutant, bool]]:
    rng = np.random.default_rng(seed)
    if kind != "pictures":
        yield from ((mutant, True) for mutant in sounds(folder, rng))
    if kind != "sounds":
        yield from ((mutant, False) for mutant in pictures(rng))


if __name__ == "__main__":
    main()
