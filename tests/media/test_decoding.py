"""Decoding ahead: order, and how much of it waits in memory."""

import time
from threading import Lock

import pytest
import torch

from va_space.errors import MediaError
from va_space.media import decoding
from va_space.media.decoding import Piece, decode_ahead
from va_space.media.settings import AudioSettings, PictureSettings


class Decoder:
    """Makes pieces of rows that say where they come from, and counts what nobody has taken yet."""

    def __init__(self):
        self.waiting = self.most = 0
        self._lock = Lock()

    def __call__(self, source, *_, **__):
        if source < 0:
            raise MediaError(str(source), "bad")
        for number in range(source % 7):
            if source % 3 == 0:
                time.sleep(0.002)
            self.count(4)
            yield Piece("music", torch.full((4, 1), source), (float(number),))

    def count(self, rows):
        with self._lock:
            self.waiting += rows
            self.most = max(self.most, self.waiting)


@pytest.fixture
def decoder(monkeypatch):
    made = Decoder()
    monkeypatch.setattr(decoding, "decode", made)
    return made


def ahead_of(sources, **options):
    return decode_ahead(sources, PictureSettings(), AudioSettings(), **{"workers": 3, "ahead": 16, **options})


def test_order_is_kept_and_memory_is_bounded(decoder):
    sources = [6, 0, 3, 13, 20, 1, 27, 5, 6, 6, 2] * 9
    for given, (source, pieces) in zip(sources, ahead_of(iter(sources)), strict=True):
        assert source == given
        taken = []
        for piece in pieces:
            assert (piece.values == source).all()
            taken.append(piece.starts[0])
            decoder.count(-4)
        assert taken == list(range(source % 7))
        time.sleep(0.001)
    assert decoder.waiting == 0
    # Beyond the room for 16 rows: a piece in each of three workers' hands, the first's, and the one taken.
    assert 16 <= decoder.most <= 16 + 4 * (3 + 1 + 1)


def test_an_error_is_raised_in_its_place(decoder):
    seen = []
    for _, pieces in ahead_of([5, -1, 6, 5], ahead=1):
        try:
            seen.append(len(list(pieces)))
        except MediaError as error:
            seen.append(error.reason)
    assert seen == [5, "bad", 6, 5]


def test_stopping_ends_what_waits_for_room(decoder):
    stream = ahead_of([6] * 100)
    _, pieces = next(stream)
    next(pieces)
    time.sleep(0.05)
    stream.close()
    assert decoder.most < 40
