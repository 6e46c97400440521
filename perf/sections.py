"""Whether sections, tempo and key of music are found whose form is known; prints markdown.

Tracks are put together from composed takes of one tempo and key: an intro, a build, drops, breaks, verses,
choruses, an outro, each for a feeling and at a level of its own, repetitions being the same take. Takes are
the rules' own, without a choice by any model. A border counts as found if one is said within one bar of it,
one of each to one of the other.
"""

import argparse
from collections import Counter
from dataclasses import dataclass

import numpy as np

from va_space.generation.music.compose import compose_takes
from va_space.generation.music.target import Course
from va_space.generation.tags.form import read_form
from va_space.generation.tags.key import find_key
from va_space.generation.tags.sections import ALSO, find_sections

FORMS = (
    ("intro", "build", "drop", "break", "drop", "outro"),
    ("intro", "verse", "chorus", "verse", "chorus", "outro"),
    ("intro", "build", "drop", "break", "build", "drop", "outro"),
    ("verse", "chorus", "verse", "chorus", "bridge", "chorus"),
)
# Arousal, decibels, and bars of four, of each kind of section.
KINDS = {
    "intro": (0.25, -8.0, 4),
    "verse": (0.45, -4.0, 8),
    "build": (0.5, -4.0, 4),
    "chorus": (0.8, 0.0, 8),
    "drop": (0.95, 0.0, 8),
    "break": (0.15, -9.0, 4),
    "bridge": (0.6, -3.0, 4),
    "outro": (0.2, -9.0, 4),
}


@dataclass(frozen=True)
class Track:
    """A track whose form is known: its sound, and seconds of borders, labels, a bar, tempo and key."""

    sound: np.ndarray
    rate: int
    borders: np.ndarray
    labels: tuple[str, ...]
    bar: float
    tempo: int
    key: str


def compose_track(rng: np.random.Generator) -> Track:
    """Put a track together."""
    labels = FORMS[rng.integers(len(FORMS))]
    tempo, valence = int(rng.integers(76, 141)), float(rng.uniform(0.1, 0.9))
    key = f"{rng.choice(['C', 'D', 'Eb', 'F', 'G', 'A'])} {'major' if valence > 0.5 else 'minor'}"
    made: dict[str, np.ndarray] = {}
    sounds, rate, bar = [], 0, 4 * 60 / tempo
    for label in labels:
        if label not in made:
            arousal, level, bars = KINDS[label]
            target: str | Course = f"{valence:.3f},{arousal}"
            seconds = bars * bar
            if label == "build":
                target = Course((0.0, seconds), ((valence, 0.3), (valence, 0.9)))
            seed = int(rng.integers(10**6))
            # Longer than what is kept: a section does not end as a piece does.
            take = compose_takes(
                None, target, seconds=seconds + 2 * bar, tempo=tempo, key=key, seed=seed, candidates=1
            )[0]
            rate = take.sample_rate
            sound = take.sound.mean(axis=0)[: round(seconds * rate)]
            if label == "build":
                level = np.linspace(-8.0, 0.0, len(sound))
            made[label] = sound * 10 ** (level / 20)
        sounds.append(made[label])
    borders = np.cumsum([len(sound) for sound in sounds])[:-1] / rate
    sound = np.concatenate(sounds).astype(np.float32)
    return Track(sound, rate, borders, labels, bar, tempo, key)


def matched(known: np.ndarray, said: np.ndarray, within: float) -> list[float]:
    """Distances of borders that are found, each said border counting once, the nearest pairs first."""
    away = np.abs(known[:, None] - said[None])
    found = []
    while away.size and away.min() <= within:
        row, column = np.unravel_index(away.argmin(), away.shape)
        found.append(float(away[row, column]))
        away = np.delete(np.delete(away, row, axis=0), column, axis=1)
    return found


def interval(shares: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """95% bootstrap interval of borders found among (tracks, 2) found and known, drawing tracks."""
    drawn = shares[rng.integers(len(shares), size=(2000, len(shares)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    return float(low), float(high)


def same_tempo(said: float | None, tempo: float) -> bool:
    """Whether they agree within 4%, up to an octave."""
    return said is not None and any(abs(said / (tempo * factor) - 1) < 0.04 for factor in (0.5, 1, 2))


def main() -> None:
    """Compose, look, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", action="store_true", help="print what was said of each track, too")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    known = said = tempos = octaves = keys = 0
    errors: list[float] = []
    evenly = 0
    shares: list[tuple[int, int]] = []  # of each track: borders found, borders there are
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for _ in range(options.tracks):
        track = compose_track(rng)
        form = read_form((track.sound, track.rate))
        sections = find_sections(form, sings="verse" in track.labels)
        starts = np.array([section.start for section in sections[1:]])
        found = matched(track.borders, starts, track.bar)
        errors += found
        known, said = known + len(track.borders), said + len(starts)
        shares.append((len(found), len(track.borders)))
        spread = form.duration * np.arange(1, len(starts) + 1) / (len(starts) + 1)
        evenly += len(matched(track.borders, spread, track.bar))
        edges = np.concatenate([[0], track.borders, [form.duration]])
        for label, start, end in zip(track.labels, edges, edges[1:], strict=False):
            middle = [each for each in sections if each.start <= (start + end) / 2 < each.end]
            asked[label] += 1
            right[label] += middle[0].label in (label, *ALSO.get(label, ()))
        octaves += same_tempo(form.tempo, track.tempo)
        tempos += form.tempo is not None and abs(form.tempo / track.tempo - 1) < 0.04
        fit = find_key(form.chroma)
        key = fit.key if fit else None
        keys += key is not None and key.name == track.key
        if options.each:
            print(" ".join(f"{label}@{edge:.0f}" for label, edge in zip(track.labels, edges, strict=False)))
            print("  ", " ".join(f"{s.label}@{s.start:.0f}({s.energy:.2f}{s.letter})" for s in sections))
            print(f"   {track.tempo} {form.tempo} {track.key} {key and key.name}")
    print("| measure | value | n |\n|---|--:|--:|")
    low, high = interval(np.array(shares), rng)
    print(f"| borders found within one bar | {len(errors) / known:.0%} ({low:.0%} … {high:.0%}) | {known} |")
    print(f"| as many borders, spread evenly | {evenly / known:.0%} | {known} |")
    print(f"| their median error | {np.median(errors) if errors else np.nan:.2f} s | {len(errors)} |")
    print(f"| borders said that are one | {len(errors) / max(said, 1):.0%} | {said} |")
    print(f"| label of the middle of a section | {right.total() / asked.total():.0%} | {asked.total()} |")
    for label in KINDS:
        if asked[label]:
            print(f"| label: {label} | {right[label] / asked[label]:.0%} | {asked[label]} |")
    print(f"| tempo within 4% | {tempos / options.tracks:.0%} | {options.tracks} |")
    print(f"| tempo within 4%, or half or double | {octaves / options.tracks:.0%} | {options.tracks} |")
    print(f"| key | {keys / options.tracks:.0%} | {options.tracks} |")


if __name__ == "__main__":
    main()
