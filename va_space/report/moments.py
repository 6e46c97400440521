"""When in a track it answers a query, as a small drawing beside a result."""

from dataclasses import dataclass

from va_space.retrieval.results import Result

WIDTH, HEIGHT = 240.0, 26.0
_EDGE = 2.0


@dataclass(frozen=True)
class Moments:
    """A curve in pixels.

    Attributes:
        line: Points of a polyline; the best window is at the top, the worst at the bottom.
        cue: Where the passage that was found begins, and how wide it is.
        best: Second at which the best window begins.
        width: Of the drawing.
        height: Likewise.
    """

    line: str
    cue: tuple[float, float]
    best: float
    width: float = WIDTH
    height: float = HEIGHT


def moments_of(result: Result) -> Moments:
    """The curve of a result that has moments."""
    scores = [score for _, score in result.moments]
    low, span = min(scores), max(max(scores) - min(scores), 1e-9)
    across = WIDTH / max(result.duration, result.moments[-1][0] + 1e-3)
    half = (result.moments[1][0] - result.moments[0][0]) / 2 if len(scores) > 1 else 0.0
    room = HEIGHT - 2 * _EDGE
    line = " ".join(
        f"{min((second + half) * across, WIDTH):.1f},{_EDGE + room * (1 - (score - low) / span):.1f}"
        for second, score in result.moments
    )
    best = max(result.moments, key=lambda moment: moment[1])[0]
    return Moments(line, (round(result.start * across, 1), round(result.length * across, 1)), best)
