"""What a training shows on standard error."""

from collections.abc import Mapping
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class TrainingProgress:
    """A progress line of steps and losses, and one line of metrics an epoch.

    Args:
        console: Where to write; None writes nothing.
    """

    def __init__(self, console: Console | None) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        terms = TextColumn("{task.fields[terms]}")
        self.bar = Progress(*columns, terms, console=console, disable=console is None)
        self.steps = self.bar.add_task("training", total=None, terms="", visible=False)
        self.media = self.bar.add_task("reading", total=None, terms="", visible=False)

    def __enter__(self) -> "TrainingProgress":
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def reading(self, name: str, done: int, total: int) -> None:
        """Media are being decoded into the cache."""
        self.bar.update(
            self.media, description=f"reading {name}", completed=done, total=total, visible=done < total
        )

    def step(self, step: int, total: int, terms: Mapping[str, float], waited: float) -> None:
        """A step is done; ``waited`` is the share of time that was spent waiting for data."""
        text = " ".join(f"{name} {value:.3f}" for name, value in terms.items())
        self.bar.update(
            self.steps, completed=step, total=total, visible=True, terms=f"{text} (data {waited:.0%})"
        )

    def epoch(self, epoch: int, metrics: Mapping[str, float], unit: str = "epoch") -> None:
        """An epoch (or what the unit says) is done."""
        text = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())
        if not self.bar.disable:
            self.bar.console.print(f"{unit} {epoch:3d}  {text}", highlight=False)
