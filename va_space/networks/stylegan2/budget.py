"""What reading one untrusted file may cost."""

from dataclasses import dataclass

from va_space.errors import VASpaceError

#: Bytes that reading a file may take beyond the file itself.
MAX_MEMORY = 900 * 2**20
#: What an instruction is charged with: more than the largest thing that one makes, an empty set in a list, so
#: that memory and time (about a million instructions) are limited alike. A network has some hundred thousand.
INSTRUCTION = 768
#: What a byte of text is charged with: itself, and up to four bytes a character, twice while it is decoded.
TEXT = 6


class RefusedError(VASpaceError):
    """A file asks for something that reading networks does not need."""


class DamagedError(ValueError):
    """A file is not what it should be; the message is for people."""


@dataclass
class Budget:
    """Memory that is left for one reading, so that a small file cannot take much of it, nor much time.

    Attributes:
        memory: Bytes.
    """

    memory: int

    def spend(self, count: int) -> None:
        """Charge bytes before they are taken.

        Raises:
            RefusedError: They are too many.
        """
        self.memory -= count
        if self.memory < 0:
            raise RefusedError("it unpacks to more than any network")
