"""Listeners' votes for the music that was found: differences of two groups, and what each word found."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow

EXPECTED = {"calmness": -1, "tenderness": -1, "power": 1, "joyful_activation": 1, "tension": 1}
"""Feelings with the sign of their difference, aroused paintings less calm ones."""

PLEASANT = {"joyful_activation": 1, "calmness": 1, "tenderness": 1, "tension": -1, "sadness": -1}
"""Likewise, pleasant paintings less unpleasant ones."""

AXES = {"valence": PLEASANT, "arousal": EXPECTED}
SUMMARIES = {"valence": "valence", "arousal": "all five"}
SHARE = 10  # a tenth
PERMUTATIONS = 10_000

# What must be voted for more often in what a word finds than in the library.
OF_WORDS = {
    "energetic": "power",
    "excited": "joyful_activation",
    "joyful": "joyful_activation",
    "happy": "joyful_activation",
    "tense": "tension",
    "angry": "power",
    "afraid": "tension",
    "gloomy": "sadness",
    "sad": "sadness",
    "tired": "calmness",
    "calm": "calmness",
    "serene": "tenderness",
}


def extremes(values: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the lowest tenth and of the highest tenth, at least one each, of (n,) values."""
    order = np.argsort(values, kind="stable")
    size = max(1, len(order) // SHARE)
    return order[:size], order[-size:]


def compare(
    name: str,
    top: NDArray[np.int64],
    votes: Mapping[str, Floats],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    rng: np.random.Generator,
    axis: str = "arousal",
) -> list[TableRow]:
    """A row for each feeling that tells of an axis, and one for all.

    Args:
        name: Of the ranking.
        top: (paintings, k) numbers of the tracks that each painting found.
        votes: Feeling -> (tracks,) share of listeners who chose it.
        low: Numbers of the paintings of the low group.
        high: Of the high group.
        rng: For the permutations.
        axis: "valence" or "arousal", which the groups are extreme in.
    """
    expected = AXES[axis]
    shares = np.stack([votes[feeling] for feeling in expected])  # (feelings, tracks)
    signs = np.array(list(expected.values()))
    # Share of each track in the lists of a group: differences of means are products with these.
    weights = _weights(top[high], shares.shape[1]) - _weights(top[low], shares.shape[1])
    actual = shares @ weights
    both = np.concatenate([high, low])
    of_paintings = shares[:, top[both]].mean(axis=2)  # (feelings, paintings of both groups)
    by_painting, by_track = [], []
    for _ in range(PERMUTATIONS):
        order = rng.permutation(len(both))
        first, second = of_paintings[:, order[: len(high)]], of_paintings[:, order[len(high) :]]
        by_painting.append(first.mean(axis=1) - second.mean(axis=1))
        by_track.append(shares @ rng.permutation(weights))
    p_paintings = _p_values(actual, np.stack(by_painting), signs)
    p_tracks = _p_values(actual, np.stack(by_track), signs)
    low_mean = shares @ _weights(top[low], shares.shape[1])
    rows = []
    for place, (feeling, sign) in enumerate({**expected, SUMMARIES[axis]: 1}.items()):
        one = place < len(expected)
        rows.append(
            {
                "ranking": name,
                "groups by": axis,
                "feeling": feeling,
                "wanted": "up" if sign > 0 else "down",
                "low": float(low_mean[place]) if one else None,
                "high": float(low_mean[place] + actual[place]) if one else None,
                "difference": float(actual[place] if one else (actual * signs).mean()),
                "p paintings": p_paintings[place],
                "p tracks": p_tracks[place],
            }
        )
    return rows


def difference(top: NDArray[np.int64], votes: Mapping[str, Floats], values: Floats, axis: str) -> float:
    """The summary of :func:`compare` alone, for paintings whose (n,) values of an axis are given."""
    low, high = extremes(values)
    means = {
        feeling: sign * (votes[feeling][top[high]].mean() - votes[feeling][top[low]].mean())
        for feeling, sign in AXES[axis].items()
    }
    return float(np.mean(list(means.values())))


def word_rows(
    words: Sequence[str],
    top: NDArray[np.int64],
    votes: Mapping[str, Floats],
    rng: np.random.Generator,
    *,
    name: str = "word",
    wanted: Mapping[str, str] = OF_WORDS,
) -> list[TableRow]:
    """How much more often than in the library listeners chose each feeling for what each word found.

    Args:
        words: What was asked for.
        top: (words, k) numbers of the tracks that each found.
        votes: Feeling -> (tracks,) shares.
        rng: For the permutations.
        name: Of the column that holds what was asked for.
        wanted: The feeling that must be voted for more often, for those of which that is known.
    """
    rows = []
    for word, found in zip(words, top, strict=True):
        row: TableRow = {name: word}
        row |= {feeling: float(shares[found].mean() - shares.mean()) for feeling, shares in votes.items()}
        row["wanted up"], row["p"] = wanted.get(word), None
        if word in wanted:
            shares = votes[wanted[word]]
            drawn = np.stack(
                [shares[rng.permutation(len(shares))[: len(found)]].mean() for _ in range(PERMUTATIONS)]
            )
            row["p"] = float((1 + (drawn >= shares[found].mean() - 1e-12).sum()) / (1 + PERMUTATIONS))
        rows.append(row)
    return rows


def _p_values(actual: Floats, permuted: Floats, signs: NDArray[np.int64]) -> list[float]:
    """One-sided p of each of (f,) differences, and of their mean, among (permutations, f)."""
    observed = np.append(actual * signs, (actual * signs).mean())
    drawn = np.column_stack([permuted * signs, (permuted * signs).mean(axis=1)])
    # A rounding error must not make a permutation that changes nothing smaller than what is observed.
    reached = (drawn >= observed - 1e-12).sum(axis=0)
    return [float(p) for p in (1 + reached) / (1 + len(drawn))]


def _weights(top: NDArray[np.int64], tracks: int) -> Floats:
    """(tracks,) share of each track among those that paintings (p, k) found."""
    return np.bincount(top.ravel(), minlength=tracks) / top.size
