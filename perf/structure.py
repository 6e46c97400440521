"""Whether borders of sections are found where they are; prints markdown.

Composed takes of different feelings are cut off and joined, three to a track, so that all borders are known.
Takes of one feeling, whose phrases differ in their notes alone, count as music without a border. The takes
are the rules' own, without a choice by any model.
"""

import argparse

import numpy as np

from va_space.generation.music.compose import compose_takes
from va_space.media.structure import Structure, read_structure

FEELINGS = ("0.1,0.1", "0.9,0.1", "0.1,0.9", "0.9,0.9", "0.5,0.5", "0.2,0.5", "0.8,0.6")
NEAR, EXACT = 1.5, 0.2  # seconds
PARTS, SHORTEST, LONGEST = 3, 8.0, 14.0


def take(feeling: str, seconds: float, seed: int) -> tuple[np.ndarray, int]:
    """The first seconds of a composed take, in one channel."""
    made = compose_takes(None, feeling, seconds=seconds + 3, seed=seed, candidates=1)[0]
    return made.sound.mean(axis=0)[: round(seconds * made.sample_rate)], made.sample_rate


def joined(rng: np.random.Generator) -> tuple[Structure, np.ndarray]:
    """A track of takes of different feelings, and the seconds of its borders."""
    sounds, feeling = [], ""
    for _ in range(PARTS):
        feeling = str(rng.choice([each for each in FEELINGS if each != feeling]))
        sound, rate = take(feeling, float(rng.uniform(SHORTEST, LONGEST)), int(rng.integers(10**6)))
        sounds.append(sound)
    borders = np.cumsum([len(sound) for sound in sounds])[:-1] / rate
    return read_structure((np.concatenate(sounds), rate)), borders


def main() -> None:
    """Compose, look for borders, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", type=int, default=24, help="joined tracks, of three takes each")
    parser.add_argument("--steady", type=int, default=14, help="takes of 30 s")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    known = found = 0
    errors: list[float] = []
    for _ in range(options.tracks):
        structure, borders = joined(rng)
        starts = np.array([boundary.seconds for boundary in structure.boundaries])
        known, found = known + len(borders), found + len(starts)
        if len(starts):
            nearest = np.abs(borders[:, None] - starts).min(axis=1)
            errors += nearest[nearest <= NEAR].tolist()
    steady = [
        len(read_structure(take(FEELINGS[number % len(FEELINGS)], 30, 1000 + number)).boundaries)
        for number in range(options.steady)
    ]
    exact = np.mean(np.array(errors) <= EXACT)
    print("| measure | value | n |\n|---|--:|--:|")
    print(f"| borders found within {NEAR} s | {len(errors) / known:.0%} | {known} |")
    print(f"| of those found, within {EXACT} s | {exact:.0%} | {len(errors)} |")
    print(f"| median error | {np.median(errors):.3f} s | {len(errors)} |")
    print(f"| of borders said, those that are one | {len(errors) / max(found, 1):.0%} | {found} |")
    print(f"| borders in 30 s of one feeling | {np.mean(steady):.1f} | {len(steady)} |")


if __name__ == "__main__":
    main()
