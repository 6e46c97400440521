"""Soundtrack: music under a video that follows its shots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile

from va_space.production.soundtrack.cue_sheet import CueSheet
from va_space.production.soundtrack.make import make_soundtrack
from va_space.retrieval.library import MusicLibrary
from va_space.studio.errors import Refused
from va_space.studio.forms import BoundedRoute
from va_space.studio.jobs import Job, Made
from va_space.studio.making import Groups, add_job_routes, begin, one_of
from va_space.studio.media import Published
from va_space.studio.state import Studio
from va_space.studio.tabs import TABS, Tab

COMPOSED = "composed"
"""What stands for a library where the music is to be composed."""
_SUFFIXES = {"mp4": ".mp4", "mkv": ".mkv", "mov": ".mov"}


@dataclass(frozen=True)
class Scored:
    """What the job's template shows: the video, and its cues as rows."""

    video: Published
    cues: Sequence[Mapping[str, Any]]
    copied: bool


@TABS.register("soundtrack")
class Soundtrack(Tab):
    """Music under a video."""

    title = "Soundtrack"
    order = 50

    @classmethod
    def fits(cls, studio: Studio) -> bool:
        """Scenes are placed among pictures: that needs reference distributions."""
        return studio.space.reference is not None

    def router(self, studio: Studio) -> APIRouter:
        """The page and the call."""
        router = APIRouter(route_class=BoundedRoute, tags=["soundtrack"])

        async def start(
            video: Annotated[list[UploadFile], File(description="The video.")],
            library: Annotated[str, Form(description="Where the music comes from, or composed.")] = COMPOSED,
            duck: Annotated[bool, Form(description="Keep the video's own sound, over the music.")] = False,
            shortest: Annotated[float, Form(ge=1, le=600, description="Seconds of a cue.")] = 8.0,
            longest: Annotated[float, Form(ge=1, le=600)] = 60.0,
            fade: Annotated[float, Form(ge=0, le=10)] = 2.0,
            seed: Annotated[int, Form(ge=0, lt=2**32, description="Of composed music.")] = 0,
            personal: Annotated[bool, Form(description="As the ratings so far teach.")] = False,
        ) -> Job:
            source = None if library == COMPOSED else studio.libraries[library]
            if source is not None and not isinstance(source, MusicLibrary):
                raise Refused(422, f"{library}: holds pictures, not music")

            def check(groups: Groups) -> str:
                return f"{one_of(groups[0], 'a video', ('video',)).name}, with music"

            def work(job: Job, groups: Groups) -> Made:
                upload = groups[0][0]
                suffix = _SUFFIXES.get(Path(upload.name).suffix.lower().lstrip("."), ".mp4")
                path = job.folder / f"with-music{suffix}"
                sheet = make_soundtrack(
                    studio.space,
                    upload.path,
                    path,
                    library=source,
                    keep_sound=duck,
                    shortest=min(shortest, longest),
                    longest=longest,
                    fade=fade,
                    profile=studio.profile() if personal else None,
                    seed=seed,
                    progress=lambda what, done, total: job.progress(0.9 * done / max(total, 1), what),
                )
                stem = Path(upload.name).stem or "video"
                sheet = _nameless(sheet, upload.name, f"{stem}{suffix}")
                sheet.write(path.with_suffix(".json"), path.with_suffix(".edl"))
                publish = studio.media.publish
                files = [publish(path.with_suffix(each), stem + each) for each in (suffix, ".json", ".edl")]
                return Made(files, Scored(publish(path), sheet.data()["cues"], sheet.copied))

            return await begin(studio, "soundtrack", [video], check, work)

        add_job_routes(router, studio, self, "soundtrack", start)
        return router


def _nameless(sheet: CueSheet, video: str, output: str) -> CueSheet:
    """A cue sheet that names files, and not where they lie on this machine."""
    cues = [cue if cue.path is None else replace(cue, path=Path(cue.path.name)) for cue in sheet.cues]
    return replace(sheet, video=Path(video), output=Path(output), cues=cues)
