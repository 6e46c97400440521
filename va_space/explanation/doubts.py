"""How sure an effect is: small ones are within what a map, or a curve, can be wrong by."""

SMALL = "within what this can be wrong by"


def is_small(effect: float, doubt: float) -> bool:
    """Whether an effect is no larger than its standard deviation; False where that is not known, 0."""
    return doubt > 0 and abs(effect) <= doubt


def with_doubt(effect: float, doubt: float, small: str = SMALL) -> str:
    """An effect in words, with its standard deviation if that is known; `small` is said of a small one.

    >>> with_doubt(0.02, 0.0), with_doubt(0.02, 0.004), with_doubt(-0.003, 0.004)
    ('+0.020', '+0.020 ± 0.004', '-0.003 ± 0.004, within what this can be wrong by')
    """
    told = f"{effect:+.3f} ± {doubt:.3f}" if doubt > 0 else f"{effect:+.3f}"
    return f"{told}, {small}" if is_small(effect, doubt) else told
