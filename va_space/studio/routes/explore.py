"""Explore: a whole library on one plane."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from va_space.retrieval.library import MusicLibrary
from va_space.studio.clouds import STEPS, Cloud
from va_space.studio.errors import Refused
from va_space.studio.state import Studio
from va_space.studio.tabs import TABS, Tab
from va_space.text import valid_unicode

MOST_ENTRIES = 200
_PREVIEW = 30.0  # seconds that are played of a track


class Wanted(BaseModel):
    """Entries of a library by their numbers in its points."""

    version: str = Field(max_length=40, description="Of the points.")
    numbers: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=MOST_ENTRIES)]


class Entry(BaseModel):
    """A track or a picture of a library."""

    number: int = Field(description="In the library's points.")
    title: str
    artist: str = ""
    sound: str | None = Field(
        default=None, description="Address of a track's sound; null if its file is gone."
    )
    start: float = Field(default=0.0, description="Second at which to begin.")
    length: float = 0.0
    picture: str | None = Field(default=None, description="Address of a picture, scaled; likewise.")


@TABS.register("explore")
class Explore(Tab):
    """The plane of a library, to be zoomed, and heard."""

    title = "Explore"
    order = 20

    def router(self, studio: Studio) -> APIRouter:
        """The page, a library's points, and what they are."""
        router = APIRouter(tags=["explore"])

        async def cloud_of(name: str) -> Cloud:
            library = studio.libraries[name]
            return await studio.workers.run(lambda: studio.clouds.of(name, library))

        @router.get(self.path, include_in_schema=False)
        async def show() -> HTMLResponse:
            return HTMLResponse(studio.render("explore.html", tab=self, steps=STEPS))

        @router.get(
            "/api/libraries/{name}/points",
            summary="Where everything in a library lies",
            response_class=Response,
            responses={200: {"content": {"application/octet-stream": {}}}},
        )
        async def points(name: str, request: Request) -> Response:
            """Valence and arousal of each entry: pairs of little-endian numbers of two bytes, 0 to 65,535.

            The header X-Version names this state of the library; X-Relative says whether they are
            percentiles.
            """
            cloud = await cloud_of(name)
            headers = {
                "ETag": f'"{cloud.version}"',
                "X-Version": cloud.version,
                "X-Relative": str(cloud.relative).lower(),
                "Cache-Control": "no-cache",
            }
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=304, headers=headers)
            return Response(cloud.packed, media_type="application/octet-stream", headers=headers)

        @router.post("/api/libraries/{name}/entries", summary="What points of a library are")
        async def entries(name: str, wanted: Wanted) -> list[Entry]:
            cloud = await cloud_of(name)
            if cloud.version != wanted.version:
                raise Refused(409, "the library has changed; ask for its points again")
            return await studio.workers.run(lambda: _entries(studio, name, cloud, wanted.numbers))

        return router


def _entries(studio: Studio, name: str, cloud: Cloud, numbers: list[int]) -> list[Entry]:
    inside = {cloud.ids[number].decode(): number for number in numbers if number < len(cloud.ids)}
    library = studio.libraries[name]
    of = _track if isinstance(library, MusicLibrary) else _picture
    rows = library.tracks(list(inside))
    return [of(studio, inside[row["id"]], row, studio.path_of(library, row)) for row in rows]


def _track(studio: Studio, number: int, row: Mapping[str, Any], path: Path) -> Entry:
    # Past the opening, which is often silence or an announcement.
    start = min(30.0, row["duration"] / 4)
    sound = studio.media.sound(path, start, min(_PREVIEW, row["duration"] - start))
    entry = Entry(number=number, title=valid_unicode(row["title"]), artist=valid_unicode(row["artist"]))
    if sound is not None:
        entry.sound, entry.start, entry.length = sound.url, sound.start, sound.length
    return entry


def _picture(studio: Studio, number: int, row: Mapping[str, Any], path: Path) -> Entry:
    picture = studio.media.picture(path, 320)
    return Entry(number=number, title=valid_unicode(row["title"]), picture=picture)
