"""Compose: music for pictures, a video, tracks and words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Form

from va_space.generation.music.compose import Take, compose_takes
from va_space.generation.music.target import Course, Feeling, Named
from va_space.report.composition import ROLL_HEIGHT, ROLL_WIDTH, Roll, roll_of
from va_space.studio.errors import Refused
from va_space.studio.forms import BoundedRoute, Files
from va_space.studio.jobs import Job, Made
from va_space.studio.making import Groups, add_job_routes, begin
from va_space.studio.matching import read_text, read_upload
from va_space.studio.media import Published
from va_space.studio.state import Studio
from va_space.studio.tabs import TABS, Tab
from va_space.studio.uploads import Upload

LONGEST, MOST_TAKES, MOST_CANDIDATES = 180.0, 4, 400
_SAVED = 0.9  # share of the work that is done when takes are written


@dataclass(frozen=True)
class Played:
    """A take for the page.

    Attributes:
        why: Why it sounds as it does.
        places: How it feels by its score and by its sound, in words.
        sound: The take.
        roll: Its notes.
        files: For download.
    """

    why: str
    places: str
    sound: Published
    roll: Roll
    files: Sequence[Published]


@dataclass(frozen=True)
class Takes:
    """What the job's template shows."""

    takes: Sequence[Played]
    width: int = ROLL_WIDTH
    height: int = ROLL_HEIGHT


@TABS.register("compose")
class Compose(Tab):
    """New music, in several takes."""

    title = "Compose"
    order = 40

    def router(self, studio: Studio) -> APIRouter:
        """The page and the call."""
        router = APIRouter(route_class=BoundedRoute, tags=["compose"])

        async def start(
            files: Files = None,
            text: Annotated[
                str,
                Form(description="A word, a point or a text; several, one a line, are a feeling over time."),
            ] = "",
            seconds: Annotated[float, Form(ge=1, le=LONGEST)] = 30.0,
            takes: Annotated[int, Form(ge=1, le=MOST_TAKES)] = 2,
            seed: Annotated[int, Form(ge=0, lt=2**32)] = 0,
            candidates: Annotated[
                int,
                Form(ge=1, le=MOST_CANDIDATES, description="Scores to choose from; 1 is the rules alone."),
            ] = 100,
            tempo: Annotated[int | None, Form(description="Quarter notes a minute, 40 to 220.")] = None,
            key: Annotated[str, Form(max_length=20, description="Such as F# minor.")] = "",
            instruments: Annotated[str, Form(max_length=120, description="Such as flute, harp.")] = "",
            kind: Annotated[Literal["flac", "mp3", "wav", "ogg"], Form(alias="format")] = "flac",
            personal: Annotated[bool, Form(description="As the ratings so far teach.")] = False,
        ) -> Job:
            lines = [line.strip() for line in text.splitlines() if line.strip()]

            def check(groups: Groups) -> str:
                names = [upload.name for upload in groups[0]] + lines
                if not names:
                    raise Refused(422, "nothing to compose for: choose a file, or write how it should feel")
                if len(names) > 8:
                    raise Refused(422, "a feeling over time has at most 8 stations")
                if len(names) > 1 and any(upload.kind == "video" for upload in groups[0]):
                    raise Refused(422, "a video is a feeling over time by itself; choose it alone")
                return f"Music for {', then '.join(names)}"

            def work(job: Job, groups: Groups) -> Made:
                job.progress(0.01, "Reading")
                made = compose_takes(
                    studio.space,
                    _wanted(studio, groups[0], lines, seconds),
                    takes=takes,
                    seconds=seconds,
                    seed=seed,
                    tempo=tempo,
                    key=key.strip() or None,
                    instruments=tuple(instruments.split(",")) if instruments.strip() else (),
                    candidates=max(candidates, takes),
                    profile=studio.profile() if personal else None,
                    progress=lambda what, done, total: job.progress(
                        (0.6 if what == "Listening" else 0.02)
                        + (0.3 if what == "Listening" else 0.58) * done / total,
                        what,
                    ),
                )
                return _saved(studio, job, made, kind)

            return await begin(studio, "compose", [files], check, work)

        add_job_routes(router, studio, self, "compose", start)
        return router


def _wanted(
    studio: Studio, uploads: Sequence[Upload], lines: Sequence[str], seconds: float
) -> list[Named | Feeling] | Course:
    if uploads and uploads[0].kind == "video":
        from va_space.generation.music.video import video_course

        return video_course(studio.space, uploads[0].path).scaled(seconds)
    targets = [read_upload(studio.space, upload)[0] for upload in uploads]
    # The files go: what was read of them is enough.
    read = [replace(target, source=None) for target in targets]
    return [*read, *(read_text(studio.space, line) for line in lines)]


def _saved(studio: Studio, job: Job, takes: Sequence[Take], kind: str) -> Made:
    played = []
    for number, take in enumerate(takes, start=1):
        job.progress(_SAVED + (1 - _SAVED) * (number - 1) / len(takes), "Writing")
        paths = take.save(job.folder / f"take-{number}.{kind}")
        files = [studio.media.publish(path, f"va-space-{path.name}") for path in paths]
        played.append(Played(take.why, _places(take), studio.media.publish(paths[0]), roll_of(take), files))
    return Made([file for each in played for file in each.files], Takes(played))


def _places(take: Take) -> str:
    def place(name: str, pair: Sequence[float]) -> str:
        return f"{name} valence {100 * pair[0]:.0f}, arousal {100 * pair[1]:.0f}"

    parts = [place("asked for", take.request.course.places[0]), place("by its score", take.chosen.symbolic)]
    if take.chosen.heard:
        parts.append(place("by its sound", take.chosen.heard))
    return "; ".join(parts) + " of 100"
