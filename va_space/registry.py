"""Names for things of one kind, so that one new file adds one new thing.

A registry looks in one package and among the entry points that other distributions declare. It takes the
names from the files there (``picture_va.py`` is ``picture-va``) and imports a module only when its thing is
asked for: listing names, as ``--help`` does, costs no import.

Another distribution adds, say, a benchmark task by an entry point in the group ``va_space.benchmark_tasks``,
or by importing the module that registers it before the name is used.
"""

import pkgutil
import sys
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from importlib import import_module, metadata
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Generic, TypeVar, cast

from va_space.errors import ConfigError

T = TypeVar("T")
S = TypeVar("S")


class Registry(Generic[T]):
    """Things of one kind by name.

    Args:
        kind: What one thing is called in messages, such as "benchmark task".
        package: Package whose modules register themselves, each under the name of its file; modules that
            begin with an underscore are passed over. None: things come by import or entry point only.
        separator: Between the words of a name; an underscore in the name of a file.

    Example:
        >>> shapes: Registry[type] = Registry("shape")
        >>> @shapes.register("square")
        ... class Square: ...
        >>> shapes.names()
        ['square']
        >>> shapes["square"].__name__
        'Square'
        >>> shapes["sqare"]
        Traceback (most recent call last):
        ...
        va_space.errors.ConfigError: no shape 'sqare'; do you mean square?
    """

    def __init__(
        self,
        kind: str,
        package: str | None = None,
        separator: str = "-",
    ) -> None:
        self.kind = kind
        self._separator = separator
        self._package = package
        self._things: dict[str, T] = {}

    @property
    def group(self) -> str:
        """The group of entry points, such as ``va_space.benchmark_tasks``."""
        return f"va_space.{self.kind.replace(' ', '_')}s"

    def register(self, name: str) -> Callable[[S], S]:
        """Decorate a class or function to be found under a name.

        Raises:
            ConfigError: Another thing has the name.
        """

        def keep(thing: S) -> S:
            known = self._things.setdefault(name, thing)  # type: ignore[arg-type]
            # A module that is reloaded registers its things again.
            if _home(known) != _home(thing):
                raise ConfigError(f"two {self.kind}s are called {name!r}: {_home(known)} and {_home(thing)}")
            self._things[name] = thing  # type: ignore[assignment]
            return thing

        return keep

    def names(self) -> list[str]:
        """All names, sorted; imports nothing."""
        return sorted({*self._things, *self._modules(), *self._entry_points()})

    def shipped(self) -> list[str]:
        """The names of the package's own files, sorted; quicker, for a command's help."""
        return sorted(self._modules())

    def __getitem__(self, name: str) -> T:
        """The thing of a name.

        Raises:
            ConfigError: There is none; the message names near ones.
        """
        if name not in self._things:
            self._load(name)
        if name not in self._things:
            raise ConfigError(f"no {self.kind} {name!r}; {self._hint(name)}")
        return self._things[name]

    def __contains__(self, name: object) -> bool:
        """Whether a name is known; imports nothing."""
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        """The names, sorted."""
        return iter(self.names())

    def _load(self, name: str) -> None:
        if name in self._modules():
            import_module(f"{self._package}.{name.replace(self._separator, '_')}")
        elif name in (points := self._entry_points()):
            thing = points[name].load()
            self._things.setdefault(name, thing)

    def _modules(self) -> set[str]:
        if self._package is None:
            return set()
        folder = Path(str(import_module(self._package).__file__)).parent
        found = pkgutil.iter_modules([str(folder)])
        names = {module.name for module in found if not module.name.startswith("_")}
        return {name.replace("_", self._separator) for name in names}

    def _entry_points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}

    def _hint(self, name: str) -> str:
        near = get_close_matches(name, self.names(), n=3)
        return f"do you mean {' or '.join(near)}?" if near else f"there are {', '.join(self.names())}"


def entry_points(group: str) -> EntryPoints:
    """Those of a group that installed distributions declare; all their files are read once."""
    return _installed(tuple(sys.path)).select(group=group)


@lru_cache(maxsize=1)
def _installed(path: tuple[str, ...]) -> EntryPoints:
    # Until Python 3.12 they come in a class of their own that selects in the same way.
    return cast(EntryPoints, metadata.entry_points())


def _home(thing: object) -> str:
    return f"{getattr(thing, '__module__', '?')}.{getattr(thing, '__qualname__', type(thing).__qualname__)}"
