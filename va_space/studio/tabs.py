"""The tabs of the page, one file each in :mod:`va_space.studio.routes`."""

from abc import ABC, abstractmethod
from typing import ClassVar

from fastapi import APIRouter

from va_space.registry import Registry
from va_space.studio.state import Studio


class Tab(ABC):
    """A tab of the page, with its part of the API.

    Attributes:
        title: What stands on it.
        order: Where it stands: from left to right these rise.
    """

    title: ClassVar[str]
    order: ClassVar[int]

    def __init__(self, path: str) -> None:
        self.path = path

    @classmethod
    def fits(cls, studio: Studio) -> bool:
        """Whether a studio can do what the tab is for."""
        return True

    @abstractmethod
    def router(self, studio: Studio) -> APIRouter:
        """The tab's page at :attr:`path`, and its calls below ``/api``."""


TABS: Registry[type[Tab]] = Registry("studio tab", "va_space.studio.routes")
"""The tabs: the files of ``va_space/studio/routes``, and the entry point group ``va_space.studio_tabs``."""


def make_tabs(studio: Studio) -> list[Tab]:
    """The tabs of a studio, from left to right; the first is at ``/``."""
    kinds = sorted((TABS[name].order, name) for name in TABS if TABS[name].fits(studio))
    return [TABS[name]("/" if place == 0 else f"/{name}") for place, (_, name) in enumerate(kinds)]
