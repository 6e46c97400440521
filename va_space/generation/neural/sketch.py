"""What is known of a piece before it is played: what it is for, and what the stages made of that."""

from dataclasses import dataclass, field
from typing import Literal

from va_space.generation.music.controls import Wishes
from va_space.generation.music.target import Feeling
from va_space.media.pictures import PictureSource


@dataclass(frozen=True)
class Emotion:
    """A word of feeling.

    Attributes:
        word: Such as "sad".
        by: Who said so: "given" by the user, a "classifier", or the "space": the nearest word to where the
            target stands.
        share: How sure the classifier is, in [0, 1].
    """

    word: str
    by: Literal["given", "classifier", "space"]
    share: float | None = None


@dataclass(frozen=True)
class Sketch:
    """A piece before it is played.

    Attributes:
        feeling: What it is for.
        wishes: Tempo, key and instruments, which end up in the prompt.
        seed: Of the language model's choice of words.
        emotion: The feeling as a word.
        caption: What the picture shows, with its feeling.
        description: What the music is like.
        prompt: What the text-to-music model gets.
        choose: Whether the space chooses among takes.
    """

    feeling: Feeling
    wishes: Wishes = field(default_factory=Wishes)
    seed: int = 0
    emotion: Emotion | None = None
    caption: str | None = None
    description: str | None = None
    prompt: str = ""
    choose: bool = False

    @property
    def picture(self) -> PictureSource | None:
        """The picture that it is for, if it is for one."""
        return self.feeling.source if self.feeling.kind == "picture" else None  # type: ignore[return-value]

    @property
    def what(self) -> str:
        """What a caption calls the picture."""
        return self.feeling.detected or "painting"

    def with_wishes(self, text: str) -> str:
        """A prompt with what was wished beside the feeling."""
        wishes = self.wishes
        more = [f"{wishes.tempo} bpm"] if wishes.tempo else []
        more += [f"in {wishes.key.name}"] if wishes.key else []
        more += [f"with {', '.join(wishes.instruments)}"] if wishes.instruments else []
        return ", ".join([text.rstrip(" ."), *more])
