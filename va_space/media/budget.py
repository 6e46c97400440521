"""How much memory decoded pictures may take at once, in the whole process."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache


class Budget:
    """An amount that is shared out; who wants more than is left waits.

    Args:
        total: The amount.

    Example:
        >>> with Budget(100).hold(60):
        ...     pass  # another thread that wants 60 waits until here
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._held = 0
        self._queue: list[object] = []
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Wait for an amount, in the order of asking, and give it back at the end of the block.

        More than there is in all counts as all of it.
        """
        amount = min(amount, self.total)
        turn = object()
        with self._changed:
            self._queue.append(turn)
            try:
                self._changed.wait_for(lambda: self._queue[0] is turn and self._held + amount <= self.total)
            finally:
                self._queue.remove(turn)
                self._changed.notify_all()
            self._held += amount
        try:
            yield
        finally:
            with self._changed:
                self._held -= amount
                self._changed.notify_all()


def give_back_memory() -> None:
    """Give what was freed back to the system, where the C library (glibc) can be asked to."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; Windows
        return None
