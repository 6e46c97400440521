"""Samples of any layout to checked mono."""

from pathlib import Path

import numpy as np

from va_space.errors import MediaError

# Far beyond any scale that people store samples in, far below what overflows when squared and summed.
_LOUDEST = 1e9


def to_mono(frames: np.ndarray, name: str | Path) -> np.ndarray:
    """Average the channels.

    Args:
        frames: (n, channels) float32.
        name: Where they come from.

    Returns:
        (n,) float32.

    Raises:
        MediaError: There are NaN, infinite or absurdly large samples.
    """
    if frames.size and not np.abs(frames).max() < _LOUDEST:  # a NaN fails this comparison too
        raise MediaError(name, "NaN, infinite or absurdly large samples")
    mono = frames[:, 0].copy()
    # Column by column: many times faster than frames.mean(axis=1), and independent of the block's length.
    for channel in range(1, frames.shape[1]):
        mono += frames[:, channel]
    return mono * np.float32(1 / frames.shape[1])
