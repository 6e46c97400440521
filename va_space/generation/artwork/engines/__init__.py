"""What makes pictures for music. One file each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from va_space.generation.artwork.artwork import Artwork
from va_space.generation.tags.description import TrackDescription
from va_space.registry import Registry

if TYPE_CHECKING:
    from va_space.space import VASpace

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many are done, of how many."""


@dataclass(frozen=True)
class DiffusionOptions:
    """What only diffusion models take.

    Attributes:
        model: A name of the table of models, or a folder; None for the default.
        texture: From 0, coarse, to 1, fine: 10 to 50 denoising steps.
        guidance: How strictly the prompt is followed; None for the model's own.
        picture: A picture to start from, or None.
        strength: How much of that picture may change, from 0 to 1.
        device: Where to compute; None takes a GPU if there is one.
        low_memory: Keep in memory only the part of the model that is at work.
        download: Whether the model may be fetched.
    """

    model: str | None = None
    texture: float = 0.5
    guidance: float | None = None
    picture: Path | None = None
    strength: float = 0.6
    device: str | None = None
    low_memory: bool = False
    download: bool = False


@dataclass(frozen=True)
class Request:
    """What a picture is to be.

    Attributes:
        size: Width and height in pixels; None for what the engine makes best, a square.
        seed: Of all choices, from 0 to 2**32 - 1.
        takes: How many pictures, the best first.
        section: Label of the section to go by, such as "drop"; None for the whole.
        motif: What to show; None for what suits.
        candidates: How many plans there are to choose from for each take; 1 takes the first.
        prompt: In words, for engines that read them; None for one made from what is heard.
        negative: What not to show, in words; None likewise.
        diffusion: See there.
    """

    size: tuple[int, int] | None = None
    seed: int = 0
    takes: int = 1
    section: str | None = None
    motif: str | None = None
    candidates: int = 6
    prompt: str | None = None
    negative: str | None = None
    diffusion: DiffusionOptions = field(default_factory=DiffusionOptions)


class Engine(Protocol):
    """Makes pictures of what is heard."""

    def __call__(
        self,
        space: "VASpace | None",
        description: TrackDescription,
        request: Request,
        progress: Progress | None = None,
    ) -> Sequence[Artwork]:
        """As many pictures as were asked for, the best first; without a space none is better than another."""


ENGINES: Registry[Engine] = Registry("artwork engine", __name__)
