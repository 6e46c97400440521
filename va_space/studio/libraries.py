"""Libraries by name: those that can be searched, and those that are still being indexed."""

import logging
import threading
from collections.abc import Callable, ItemsView, Iterator, Mapping
from dataclasses import dataclass

from va_space.errors import VASpaceError
from va_space.retrieval.library import Library
from va_space.studio.errors import Refused, message_of
from va_space.studio.jobs import Cancelled

Make = Callable[[Callable[[int, int], None]], Library]
"""Makes a library, and tells (files done, files in all) as it goes."""
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Coming:
    """A library that cannot be searched yet.

    Attributes:
        name: As clients will call it.
        make: Makes it.
        done: Files that are indexed.
        total: Files in all; 0 while that is not known.
        complaint: Why it will not come; empty while it is on its way.
    """

    name: str
    make: Make
    done: int = 0
    total: int = 0
    complaint: str = ""

    @property
    def words(self) -> str:
        """How far it is."""
        if self.complaint:
            return f"{self.name} could not be indexed: {self.complaint}"
        return f"Indexing {self.name}: {f'{self.done} of {self.total} files' if self.total else 'beginning'}"


class Libraries:
    """Libraries that can be searched, by name; others join them, one after the other.

    Args:
        ready: Those that are there.
        coming: How others are made, by name; :meth:`start` begins with it.
        arrived: Called with each of them, in the thread that made it, before it can be searched.
    """

    def __init__(
        self, ready: Mapping[str, Library], coming: Mapping[str, Make], arrived: Callable[[Library], None]
    ) -> None:
        self._ready = dict(ready)
        self.coming = [Coming(name, make) for name, make in coming.items()]
        self._arrived = arrived
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._make_all, name="studio-libraries")

    def start(self) -> None:
        """Begin to make those that are coming."""
        if self.coming:
            self._thread.start()

    def close(self) -> None:
        """Interrupt it after the file that is being read; the next start goes on from there."""
        self._unwanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def __getitem__(self, name: str) -> Library:
        """A library by its name, or the first for an empty one.

        Raises:
            Refused: There is none of that name, or it cannot be searched yet.
        """
        ready, coming = self._ready, self.coming
        if name in ready:
            return ready[name]
        if not name and ready:
            return next(iter(ready.values()))
        for each in coming:
            if name in ("", each.name):
                hint = "" if each.complaint else "; search in a moment"
                raise Refused(503, f"{each.words}{hint}")
        raise Refused(404, f"there is no library of that name; there is {', '.join(ready)}")

    def __iter__(self) -> Iterator[str]:
        """Names of those that can be searched."""
        return iter(self._ready)

    def __len__(self) -> int:
        """How many can be searched."""
        return len(self._ready)

    def items(self) -> ItemsView[str, Library]:
        """Names and libraries that can be searched."""
        return self._ready.items()

    @property
    def indexing(self) -> list[Coming]:
        """Those that are on their way."""
        return [each for each in self.coming if not each.complaint]

    def _make_all(self) -> None:
        for each in list(self.coming):
            try:
                library = each.make(self._progress(each))
                self._arrived(library)
            except Cancelled:
                return
            except VASpaceError as error:
                each.complaint = message_of(error)
            except Exception:  # a bug: the other tabs go on
                _log.exception("library %s failed", each.name)
                each.complaint = "an error that is none of yours; the server's log says which"
            else:
                # New ones instead of changed ones: other threads are reading.
                self._ready = {**self._ready, each.name: library}
                self.coming = [other for other in self.coming if other is not each]

    def _progress(self, each: Coming) -> Callable[[int, int], None]:
        def progress(done: int, total: int) -> None:
            if self._unwanted.is_set():
                raise Cancelled
            each.done, each.total = done, total

        return progress
