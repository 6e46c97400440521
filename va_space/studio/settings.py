"""How much one machine takes on at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Limits of a studio.

    Attributes:
        upload_bytes: Of one request, all its files together.
        upload_files: Files in one request.
        upload_seconds: In which a request has to arrive.
        uploads_at_once: Requests that are received at once; others wait.
        sound_seconds: How long a recording or a video may last.
        stored_bytes: Uploads and results that are kept at once, all together.
        workers: Searches and the like that are computed at once.
        waiting: Those that may wait for that.
        long_jobs: Jobs, such as composing, that run at once.
        long_waiting: Jobs that may wait for that.
        keep_seconds: How long results of a job are kept, and what was asked.
        questions: Searches that are remembered, for ranking anew.
        most_results: Of one search.
    """

    upload_bytes: int = 256 << 20
    upload_files: int = 8
    upload_seconds: float = 120.0
    uploads_at_once: int = 16
    sound_seconds: float = 3600.0
    stored_bytes: int = 4 << 30
    workers: int = 2
    waiting: int = 256
    long_jobs: int = 2
    long_waiting: int = 16
    keep_seconds: float = 3600.0
    questions: int = 64
    most_results: int = 50
