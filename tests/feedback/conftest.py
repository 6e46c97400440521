"""Ratings made by hand."""

import numpy as np
import pytest

from va_space.feedback import Item, Rating
from va_space.feedback.ratings import text_hash

MODEL = "a" * 64
CALM = Item(text_hash("calm"), "calm", "feeling", (0.8, 0.2))


def track(number, place=(0.5, 0.5), dimension=8):
    vector = np.random.default_rng(number).normal(size=dimension).astype(np.float32)
    return Item(f"{number:064x}", f"{number}.ogg", "music", place, vector / np.linalg.norm(vector))


@pytest.fixture
def rate():
    """Make a rating of a track, by its number, for "calm"."""

    def make(number=1, stars=None, words=(), *, place=(0.8, 0.2), query=CALM, model=MODEL, **options):
        return Rating(track(number, place), query, model, stars, tuple(words), **options)

    return make
