"""Paint: pictures, and covers, of what is heard in a track."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, UploadFile

from va_space.generation.artwork.artwork import Artwork
from va_space.generation.artwork.engines import ENGINES, Request
from va_space.generation.artwork.files import Text, finished, save_artwork
from va_space.generation.tags import describe
from va_space.retrieval.metadata import read_metadata
from va_space.studio.forms import BoundedRoute
from va_space.studio.jobs import Job, Made
from va_space.studio.making import Groups, add_job_routes, begin, one_of
from va_space.studio.media import Published
from va_space.studio.state import Studio
from va_space.studio.tabs import TABS, Tab

MOST_TAKES = 4
SIZES = {
    "square": (1600, 1600),
    "small": (640, 640),
    "wide": (1920, 1080),
    "tall": (1080, 1920),
    "cover": (3000, 3000),
}
_HEARD, _PLANNED = 0.4, 0.6  # shares of the work
_SEEN = 960  # pixels of the longer side


@dataclass(frozen=True)
class Painted:
    """A picture for the page.

    Attributes:
        title: What it shows.
        picture: The picture.
        files: For download.
        notes: What is to be said about it.
    """

    title: str
    picture: Published
    files: Sequence[Published]
    notes: Sequence[str]


@dataclass(frozen=True)
class Paintings:
    """What the job's template shows."""

    paintings: Sequence[Painted]


@TABS.register("paint")
class Paint(Tab):
    """Pictures of a track."""

    title = "Paint"
    order = 60

    def router(self, studio: Studio) -> APIRouter:
        """The page and the call."""
        router = APIRouter(route_class=BoundedRoute, tags=["paint"])

        async def start(
            track: Annotated[list[UploadFile], File(description="A recording.")],
            size: Annotated[Literal["square", "small", "wide", "tall", "cover"], Form()] = "square",
            seed: Annotated[int, Form(ge=0, lt=2**32)] = 0,
            takes: Annotated[int, Form(ge=1, le=MOST_TAKES)] = 2,
            title: Annotated[
                str, Form(max_length=200, description="Of the cover; by default as the track's tags say.")
            ] = "",
            artist: Annotated[str, Form(max_length=200)] = "",
            kind: Annotated[Literal["png", "jpg", "svg"], Form(alias="format")] = "png",
        ) -> Job:
            def check(groups: Groups) -> str:
                return f"Pictures for {one_of(groups[0], 'a track', ('music', 'video')).name}"

            def work(job: Job, groups: Groups) -> Made:
                upload = groups[0][0]
                description = describe(
                    studio.space,
                    upload.path,
                    progress=lambda what, seconds: job.progress(min(_HEARD, 0.002 * seconds), what),
                )
                wanted = Request(size=SIZES[size], seed=seed, takes=takes)
                made = ENGINES["painter"](
                    studio.space,
                    replace(description, path=upload.name),
                    wanted,
                    lambda what, done, total: job.steps(what, _HEARD, _PLANNED)(done, total),
                )
                text = _text(upload.path, upload.name, title, artist) if size == "cover" else None
                stem = Path(upload.name).stem or "track"
                painted = []
                for number, artwork in enumerate(made, start=1):
                    done = _PLANNED + (1 - _PLANNED) * (number - 1) / len(made)
                    until = _PLANNED + (1 - _PLANNED) * number / len(made)
                    path = job.folder / f"{number}.{kind}"
                    written = save_artwork(
                        artwork, path, SIZES[size], text, job.steps("Painting", done, until)
                    )
                    seen = _seen(artwork, written.picture, SIZES[size], text)
                    publish = studio.media.publish
                    files = [
                        publish(each, f"{stem}-{number}{each.suffix}")
                        for each in (written.picture, written.sidecar)
                    ]
                    notes = (*artwork.notes, *written.notes)
                    painted.append(Painted(artwork.title, publish(seen), files, notes))
                return Made([file for each in painted for file in each.files], Paintings(painted))

            return await begin(studio, "paint", [track], check, work)

        add_job_routes(router, studio, self, "paint", start)
        return router


def _text(track: Path, name: str, title: str, artist: str) -> Text:
    """Title and artist for a cover: as wished, or as the file says; it has lost its own name."""
    known = read_metadata(track)
    named = Path(name).stem if known.title == track.stem else known.title
    return Text(title.strip() or named, artist.strip() or known.artist)


def _seen(artwork: Artwork, picture: Path, size: tuple[int, int], text: Text | None) -> Path:
    """What the page shows: the picture, or of a vector picture one in pixels."""
    if picture.suffix != ".svg":
        return picture
    path = picture.with_suffix(".jpg")
    share = _SEEN / max(size)
    finished(artwork, (round(size[0] * share), round(size[1] * share)), text).save(path, quality=90)
    return path
