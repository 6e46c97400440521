"""What takes a moment, such as a search, computed in threads: so many at once, and a line before them."""

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from va_space.studio.errors import Refused

T = TypeVar("T")


class Workers:
    """Threads for the model.

    Args:
        at_once: Calls that run at once.
        waiting: Calls that may wait; more are refused.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._limiter = anyio.CapacityLimiter(at_once)
        self._most = at_once + waiting
        self._taken = 0

    async def run(self, call: Callable[[], T]) -> T:
        """The value of a call, made in a thread once it is its turn.

        Raises:
            Refused: Too many are waiting.
        """
        if self._taken >= self._most:
            raise Refused(503, "too much is asked at once; try again in a moment")
        self._taken += 1
        try:
            return await anyio.to_thread.run_sync(call, limiter=self._limiter)
        finally:
            self._taken -= 1
