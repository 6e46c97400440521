"""Strangers' words are shown as one bounded line."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from va_space.text import printable, shown, valid_unicode

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.binary(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner) | some.tuples(inner, inner),
)


@given(VALUES, some.integers(1, 200))
def test_one_printable_line_of_bounded_length(value, limit):
    text = shown(value, limit)
    assert len(text) <= limit
    assert text.isprintable()
    text.encode()


@given(some.text(some.characters()))
def test_printable_text_stays_as_it_is(text):
    assert printable(text).isprintable()
    assert (printable(text) == text) == text.isprintable()
    assert valid_unicode(text).encode("utf-8", "surrogatepass") == text.encode("utf-8", "backslashreplace")


def test_orders_to_the_terminal_are_written_out():
    assert printable("\x1b]0;title\x07\n\u202eback\udce9") == r"\x1b]0;title\x07\n\u202eback\udce9"


def shared(levels: int) -> list:
    """A list that is small in memory and endless when written out."""
    value: list = []
    for _ in range(levels):
        value = [value] * 10
    return value


class Talker:
    def __repr__(self):
        raise AssertionError("nobody asked for it")


@pytest.mark.parametrize(
    "value",
    [shared(60), 10**2_000_000, "\x1b" * 10_000_000, b"\0" * 10_000_000, dict.fromkeys(map(str, range(9**5))),
     {"a": [Talker()] * 5}, ValueError("x" * 10**7), Path("a" * 10**6)],
    ids=["shared lists", "number", "text", "bytes", "dictionary", "object", "error", "path"],
)  # fmt: skip
def test_nothing_takes_long(value):
    start = time.process_time()
    assert len(shown(value, 100)) <= 100
    assert time.process_time() - start < 1
