"""The bytes of a pickle, charged as they are read."""

from va_space.networks.stylegan2.budget import INSTRUCTION, TEXT, Budget

_BYTES = b"BC\x8e"  # BINBYTES, SHORT_BINBYTES, BINBYTES8: what holds the numbers of tensors
_SHORT = 4096


class PickleSource:
    """What :func:`pickletools.genops` reads a pickle from.

    Long bytes are handed out as views, so that a file is never copied; everything else is charged before it
    is.

    Args:
        data: The pickle, and what lies behind it.
        budget: What is charged.

    Attributes:
        position: The next byte.
    """

    def __init__(self, data: memoryview, budget: Budget) -> None:
        self.data, self.position = data, 0
        self._budget, self._views = budget, False

    def tell(self) -> int:
        """The next byte; genops asks before each instruction, so this is where each is charged."""
        self._budget.spend(INSTRUCTION)
        self._views = self.data[self.position : self.position + 1].tobytes() in _BYTES
        return self.position

    def read(self, count: int) -> bytes | memoryview:
        """The next bytes; fewer where the pickle ends."""
        part = self.data[self.position : self.position + count]
        self.position += len(part)
        if self._views and count > _SHORT:
            return part
        self._budget.spend(TEXT * len(part))
        return part.tobytes()

    def readline(self) -> bytes | memoryview:
        """The rest of the line, with its end."""
        end, step = self.position, 64
        while end < len(self.data):
            found = self.data[end : end + step].tobytes().find(b"\n")
            if found >= 0:
                return self.read(end + found + 1 - self.position)
            end, step = end + step, 2 * step
        return self.read(len(self.data) - self.position)
