"""Loading models without a bar that nobody asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class BarSwitch(Protocol):
    """The module ``utils.logging`` of transformers or diffusers."""

    def is_progress_bar_enabled(self) -> bool:
        """Whether bars are shown."""

    def disable_progress_bar(self) -> None:
        """Show none."""

    def enable_progress_bar(self) -> None:
        """Show them."""


@contextmanager
def no_progress_bar(logging: BarSwitch) -> Iterator[None]:
    """A library shows a bar while it loads, for all of a program or for none: as it was, afterwards."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
