"""What was asked in Match, kept for a while so that ratings can rank the answers anew."""

import secrets
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from pathlib import Path

from va_space.feedback.ratings import Item
from va_space.report.answer import Answer
from va_space.retrieval.results import Found
from va_space.studio.errors import Refused
from va_space.targets import Target

_REVISIONS = 4


@dataclass(frozen=True)
class Wish:
    """One thing that music is wanted for.

    Attributes:
        target: As it was read; its files are gone.
        asked: The same as feedback keeps it; None if answers to it cannot be rated.
        pictures: What is shown of it, as JPEG.
    """

    target: Target
    asked: Item | None = None
    pictures: tuple[bytes, ...] = ()


@dataclass
class Question:
    """Wishes, and how to answer them.

    Attributes:
        wishes: What music is wanted for.
        library: Name of the library that answers.
        count: Results for each.
        diverse: Whether results are not to be all alike.
        clip: Seconds of the passages; None for one window.
        personal: Whether the profile ranks.
        id: Name of the question.
        asked_at: When, in seconds of the process's clock.
        revision: How many times it was answered.
        whys: Jobs that explain results, by number of the answer and file of the result.
    """

    wishes: list[Wish]
    library: str
    count: int = 10
    diverse: bool = False
    clip: float | None = None
    personal: bool = True
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    asked_at: float = field(default_factory=time.monotonic)
    revision: int = 0
    whys: dict[tuple[int, Path], str] = field(default_factory=dict)
    _shown: deque[tuple[int, list[Answer]]] = field(default_factory=lambda: deque(maxlen=_REVISIONS))

    def answered(self, answers: list[Answer]) -> None:
        """Remember what is shown, for ratings of it."""
        self.revision += 1
        self._shown.append((self.revision, answers))

    def result(self, revision: int, answer: int, rank: int) -> tuple[Wish, Found]:
        """What a client saw, and what it was for.

        Args:
            revision: Of the answers.
            answer: Its number, from 1.
            rank: Of the result, from 1.

        Raises:
            Refused: There is no such result.
        """
        for number, answers in self._shown:
            if number == revision and 0 < answer <= len(answers):
                for result in answers[answer - 1].results:
                    if result.rank == rank:
                        return self.wishes[answer - 1], result
        raise Refused(404, "these results are shown no more; search again")


class Questions:
    """The latest questions.

    Args:
        most: How many are kept.
        seconds: And for how long.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._known: OrderedDict[str, Question] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, question: Question) -> None:
        """Keep a question."""
        with self._lock:
            self._known[question.id] = question
            old = time.monotonic() - self._seconds
            while len(self._known) > self._most or next(iter(self._known.values())).asked_at < old:
                self._known.popitem(last=False)

    def __getitem__(self, id: str) -> Question:
        """A question by its id.

        Raises:
            Refused: It is not there any more.
        """
        with self._lock:
            question = self._known.get(id)
        if question is None:
            raise Refused(404, "this search is too long ago; search again")
        return question

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)
