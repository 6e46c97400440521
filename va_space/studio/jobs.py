"""Long work: a line of one machine's size, with progress, and an end at any time."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from va_space.errors import VASpaceError
from va_space.studio.errors import Refused, message_of
from va_space.studio.media import Published
from va_space.studio.settings import Settings
from va_space.studio.uploads import Workspace

State = Literal["waiting", "running", "done", "failed", "cancelled"]
ENDED = ("done", "failed", "cancelled")
_log = logging.getLogger(__name__)


# Seconds, and share of the work, before which it cannot be told how long it will take.
_SHORTEST, _LEAST = 3.0, 0.05


def about(seconds: float) -> str:
    """A time that is still to go, as roughly as it is known.

    >>> about(3), about(34), about(100)
    ('a few seconds left', 'about 35 s left', 'about 2 min left')
    """
    if seconds < 8:
        return "a few seconds left"
    if seconds < 75:
        return f"about {5 * round(seconds / 5)} s left"
    return f"about {round(seconds / 60)} min left"


class Cancelled(Exception):
    """Raised within a job's work, where it says how far it is, once nobody wants it any more."""


@dataclass(frozen=True)
class Made:
    """What a job has made.

    Attributes:
        files: For downloads.
        shown: What the job's own template needs to show it.
    """

    files: list[Published]
    shown: object = None


@dataclass(eq=False)
class Job:
    """A piece of long work.

    Attributes:
        kind: Of which tab it is; ``job-KIND.html`` shows what it has made.
        title: For people.
        folder: Where its uploads and results are.
        names: What clients call the files in it.
        state: Where it stands.
        share: Of the work that is done, in [0, 1].
        doing: What is being done, in words.
        complaint: Why it failed.
        made: What it has made.
    """

    kind: str
    title: str
    folder: Path
    names: dict[Path, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    state: State = "waiting"
    share: float = 0.0
    doing: str = ""
    complaint: str = ""
    made: Made | None = None
    started_at: float | None = None
    ended_at: float | None = None
    unwanted: threading.Event = field(default_factory=threading.Event)
    future: Future[None] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED

    @property
    def left(self) -> str:
        """How long it will still take, in words; empty while that cannot be told."""
        if self.started_at is None or self.ended:
            return ""
        gone = time.monotonic() - self.started_at
        if gone < _SHORTEST or self.share < _LEAST:
            return ""
        return about(gone * (1 - self.share) / self.share)

    def progress(self, share: float, doing: str = "") -> None:
        """Say how far the work is.

        Raises:
            Cancelled: Nobody wants it any more.
        """
        if self.unwanted.is_set():
            raise Cancelled
        self.share = min(max(share, self.share), 1.0)
        self.doing = doing or self.doing

    def steps(self, doing: str, first: float = 0.0, last: float = 1.0) -> Callable[[int, int], None]:
        """Progress of a part of the work that counts its steps."""
        return lambda done, total: self.progress(first + (last - first) * done / max(1, total), doing)


class Jobs:
    """The line.

    Args:
        settings: How many run, wait, and how long results are kept.
        workspace: Where their folders are.
    """

    def __init__(self, settings: Settings, workspace: Workspace) -> None:
        self._settings, self._workspace = settings, workspace
        self._pool = ThreadPoolExecutor(settings.long_jobs, thread_name_prefix="studio-job")
        self._known: dict[str, Job] = {}
        self._lock = threading.Lock()

    def submit(self, job: Job, work: Callable[[Job], Made]) -> Job:
        """Put a job into the line.

        Args:
            job: The folder is its own from now on.
            work: Makes it; in another thread.

        Raises:
            Refused: Too many are waiting.
        """
        self.sweep()
        with self._lock:
            open_jobs = sum(not each.ended for each in self._known.values())
            if open_jobs >= self._settings.long_jobs + self._settings.long_waiting:
                raise Refused(503, "too many jobs are waiting; try again later")
            self._known[job.id] = job
            job.future = self._pool.submit(self._run, job, work)
        return job

    def __getitem__(self, id: str) -> Job:
        """A job by its id.

        Raises:
            Refused: There is none, or its results were removed.
        """
        self.sweep()
        if id not in self._known:
            raise Refused(404, "there is no such job any more")
        return self._known[id]

    def get(self, id: str) -> Job | None:
        """A job by its id, if it is still known."""
        self.sweep()
        return self._known.get(id)

    def before(self, job: Job) -> int:
        """How many are to be run before a job that waits."""
        with self._lock:
            ahead = [each.state for each in self._known.values()]
            place = list(self._known).index(job.id) if job.id in self._known else 0
        return ahead[:place].count("waiting")

    def cancel(self, id: str) -> Job:
        """End a job; one that runs ends where it next says how far it is."""
        job = self[id]
        job.unwanted.set()
        if job.future is not None and job.future.cancel():
            self._end(job, "cancelled")
        return job

    def sweep(self) -> None:
        """Forget jobs that ended long ago, with what they have made."""
        old = time.monotonic() - self._settings.keep_seconds
        with self._lock:
            gone = [job for job in self._known.values() if job.ended_at is not None and job.ended_at < old]
            for job in gone:
                del self._known[job.id]
        for job in gone:
            self._workspace.remove(job.folder)

    def close(self) -> None:
        """End all jobs."""
        for job in list(self._known.values()):
            job.unwanted.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, work: Callable[[Job], Made]) -> None:
        job.started_at = time.monotonic()
        job.state = "running"
        try:
            job.progress(0.0, "Beginning")
            job.made = work(job)
            job.share = 1.0
            self._end(job, "done")
        except Cancelled:
            self._end(job, "cancelled")
        except VASpaceError as error:
            job.complaint = message_of(error, job.names)
            self._end(job, "failed")
        except Exception:  # a bug must not take the line with it
            _log.exception("job %s failed", job.kind)
            job.complaint = "an error that is none of yours; the server's log says which"
            self._end(job, "failed")

    def _end(self, job: Job, state: State) -> None:
        if state != "done":
            self._workspace.remove(job.folder)
        job.ended_at = time.monotonic()
        job.state = state
