"""The rows of the restyling benchmark, and what their columns mean."""

from collections.abc import Mapping

import numpy as np

from va_space.benchmark import metrics
from va_space.benchmark.judge import Outcome, drift, following, toward
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow

METRICS = {
    "toward": "how much nearer the picture came, in valence-arousal, to the music as people rated it, the "
    "picture seen by the judge; higher is better",
    "interval": "95% bootstrap interval of toward, drawing pictures",
    "toward judged": "the same to the music as the judge hears it",
    "valence": "slope, within each picture, of the judge's valence on the music's rating: 0 if other music "
    "changes nothing, 1 if the picture follows all the way; what all music does alike does not count",
    "arousal": "the same of arousal",
    "drift": "length of the mean movement over all music, which points in all directions; lower is better",
    "ssim": "structural similarity to the original",
    "features": "cosine of the judge's backbone features to the original's",
    "difference": "root mean square difference of two outputs for different music, in [0, 1]",
    "seconds": "to find one edit, without decoding",
}


def table_row(
    table: str, name: str, outcome: Outcome, ratings: Floats, judged: Floats, seconds: float | None, seed: int
) -> TableRow:
    """One way to edit: its measures, with ratings and judged, (m, 2), what the music asks for."""
    came = toward(outcome, ratings).mean(axis=1)
    valence, arousal = following(outcome, ratings)
    return {
        "identity": table,
        "model": name,
        "toward": float(came.mean()),
        "interval": metrics.bootstrap_interval(np.mean, [came], range(len(came)), seed=seed),
        "toward judged": float(toward(outcome, judged).mean()),
        "valence": float(valence),
        "arousal": float(arousal),
        "drift": drift(outcome),
        "ssim": float(outcome.ssim.mean()),
        "features": float(outcome.features.mean()),
        "difference": float(outcome.difference.mean()),
        "seconds": seconds,
    }


def difference_row(
    table: str, ours: str, other: str, outcomes: Mapping[str, Outcome], ratings: Floats, seed: int
) -> TableRow:
    """How much more one way comes toward ratings, (m, 2), than another: paired bootstrap of pictures."""
    gained = [toward(outcomes[name], ratings).mean(axis=1) for name in (ours, other)]
    difference = gained[0] - gained[1]
    return {
        "identity": table,
        "difference in toward": f"{ours} - {other}",
        "mean": float(difference.mean()),
        "interval": metrics.bootstrap_interval(np.mean, [difference], range(len(difference)), seed=seed),
    }
