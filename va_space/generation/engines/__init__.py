"""What composes music, by name: one module here is one engine.

``rules`` needs nothing but the package; the others play what a text says with a pretrained network, and need
the extra ``neural`` and a model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from va_space.feedback.profile import Profile
from va_space.generation.music.compose import Progress
from va_space.generation.music.target import Course, Feeling
from va_space.generation.neural.players import Samples
from va_space.generation.neural.stage_models import StageModels
from va_space.registry import Registry
from va_space.space import VASpace


class Piece(Protocol):
    """Music that an engine made."""

    @property
    def sound(self) -> Samples:
        """(2, n) float32 in [-1, 1]."""

    @property
    def sample_rate(self) -> int:
        """Of the sound."""

    @property
    def why(self) -> str:
        """Why it sounds as it does, in words."""

    def save(self, path: str | Path) -> list[Path]:
        """Write it, with what it was made from beside it; the files that were written."""


@dataclass(frozen=True)
class Order:
    """What an engine is asked for. What is None, empty or 0 is left to the engine.

    Attributes:
        wanted: The feelings it shall be for, or a course of feelings over time.
        seconds: How long.
        takes: How many pieces, best first.
        seed: Of all choices.
        candidates: How many there are to choose from.
        tempo: Quarter notes a minute.
        key: Such as "D minor".
        instruments: Names of instruments.
        soundfont: A .sf2 file to play scores with.
        stage: How a text is made from the feeling; see :data:`va_space.generation.neural.stages.STAGES`.
        negative: What it shall not be like.
        music_model: The model that plays, a name or a folder.
        models: The models of the stages.
        profile: Whose wishes for music count.
        progress: Called with what is done, how much of it, and of how much.
    """

    wanted: list[Feeling] | Course
    seconds: float = 30.0
    takes: int = 1
    seed: int = 0
    candidates: int | None = None
    tempo: int | None = None
    key: str | None = None
    instruments: Sequence[str] = ()
    soundfont: Path | None = None
    stage: str | None = None
    negative: str = ""
    music_model: str | Path | None = None
    models: StageModels = field(default_factory=StageModels)
    profile: Profile | None = None
    progress: Progress | None = None


Engine = Callable[[VASpace | None, Order], Sequence[Piece]]
"""Makes the pieces that an order asks for. The space may be None if nothing needs it."""

ENGINES: Registry[Engine] = Registry("composing engine", "va_space.generation.engines")
