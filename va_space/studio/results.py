"""What searches answer to programs."""

from typing import Self

from pydantic import BaseModel, Field

from va_space.report.answer import Answer
from va_space.retrieval.results import Found, Result
from va_space.studio.questions import Question
from va_space.studio.state import Studio
from va_space.text import valid_unicode


class FoundEntry(BaseModel):
    """A track or a picture that was found."""

    rank: int
    score: float = Field(description="What ranks, in [0, 1].")
    title: str
    valence: float = Field(description="Predicted, in [0, 1].")
    arousal: float
    valence_percentile: float | None = Field(description="Share of the library below it.")
    arousal_percentile: float | None
    why: str = Field(description="How far it is from the query, in words.")
    also: list[str] = Field(default=[], description="Names of other files that hold the same.")
    artist: str = ""
    album: str = ""
    duration: float | None = Field(default=None, description="Seconds, of a track.")
    start: float | None = Field(
        default=None, description="Second at which the passage begins that fits best."
    )
    length: float | None = None
    sound: str | None = Field(
        default=None, description="Address of a track's sound; null if its file is gone."
    )
    picture: str | None = Field(default=None, description="Address of a picture, scaled; likewise.")

    @classmethod
    def of(cls, studio: Studio, result: Found) -> Self:
        """A result, with an address for its file."""
        valence, arousal = result.percentiles or (None, None)
        found = cls(
            rank=result.rank,
            score=result.score,
            title=valid_unicode(result.title),
            valence=result.valence,
            arousal=result.arousal,
            valence_percentile=valence,
            arousal_percentile=arousal,
            why=result.explanation.words if result.explanation else "",
            also=[valid_unicode(path.name) for path in result.also],
        )
        if isinstance(result, Result):
            sound = studio.media.sound(result.path, result.start, result.length)
            found.artist, found.album = valid_unicode(result.artist), valid_unicode(result.album)
            found.duration, found.start, found.length = result.duration, result.start, result.length
            found.sound = None if sound is None else sound.url
        else:
            found.picture = studio.media.picture(result.path)
        return found


class Answered(BaseModel):
    """What was found for one thing that was asked for."""

    name: str
    valence: float = Field(description="Of the query, in [0, 1]: a percentile if relative.")
    arousal: float
    relative: bool
    stands: str = Field(description="Where it stands among its kind, in words.")
    results: list[FoundEntry]

    @classmethod
    def of(cls, studio: Studio, answer: Answer) -> Self:
        """An answer for a program."""
        return cls(
            name=answer.name,
            valence=answer.point[0],
            arousal=answer.point[1],
            relative=answer.relative,
            stands=answer.stands,
            results=[FoundEntry.of(studio, result) for result in answer.results],
        )


class Matched(BaseModel):
    """A search, by whose id and revision its results can be rated for an hour."""

    id: str
    revision: int
    library: str
    answers: list[Answered]

    @classmethod
    def of(cls, studio: Studio, question: Question, answers: list[Answer]) -> Self:
        """A question and its answers."""
        return cls(
            id=question.id,
            revision=question.revision,
            library=question.library,
            answers=[Answered.of(studio, each) for each in answers],
        )
