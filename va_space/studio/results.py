"""What searches answer to programs."""

from typing import Self

from pydantic import BaseModel, Field

from va_space.report.answer import Answer
from va_space.retrieval.search import Result
from va_space.studio.questions import Question
from va_space.studio.state import Studio
from va_space.text import valid_unicode


class FoundTrack(BaseModel):
    """A track that was found."""

    rank: int
    score: float = Field(description="What ranks, in [0, 1].")
    title: str
    artist: str
    album: str
    valence: float = Field(description="Predicted, in [0, 1].")
    arousal: float
    valence_percentile: float | None = Field(description="Share of the library below it.")
    arousal_percentile: float | None
    duration: float = Field(description="Seconds.")
    start: float = Field(description="Second at which the passage begins that fits best.")
    length: float
    why: str = Field(description="How far it is from the query, in words.")
    sound: str | None = Field(description="Address of the sound; null if its file is gone.")

    @classmethod
    def of(cls, studio: Studio, result: Result) -> Self:
        """A result, with an address for its sound."""
        sound = studio.media.sound(result.path, result.start, result.length)
        valence, arousal = result.percentiles or (None, None)
        return cls(
            rank=result.rank,
            score=result.score,
            title=valid_unicode(result.title),
            artist=valid_unicode(result.artist),
            album=valid_unicode(result.album),
            valence=result.valence,
            arousal=result.arousal,
            valence_percentile=valence,
            arousal_percentile=arousal,
            duration=result.duration,
            start=result.start,
            length=result.length,
            why=result.explanation.words if result.explanation else "",
            sound=None if sound is None else sound.url,
        )


class Answered(BaseModel):
    """What was found for one thing that was asked for."""

    name: str
    valence: float = Field(description="Of the query, in [0, 1]: a percentile if relative.")
    arousal: float
    relative: bool
    stands: str = Field(description="Where it stands among its kind, in words.")
    results: list[FoundTrack]

    @classmethod
    def of(cls, studio: Studio, answer: Answer) -> Self:
        """An answer for a program."""
        return cls(
            name=answer.name,
            valence=answer.point[0],
            arousal=answer.point[1],
            relative=answer.relative,
            stands=answer.stands,
            results=[FoundTrack.of(studio, result) for result in answer.results],
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
