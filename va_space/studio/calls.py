"""The calls that belong to no tab: libraries, files, and the description of the API."""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from va_space.studio.media import LONGEST_PASSAGE, SIDES, passage, scaled
from va_space.studio.state import Studio


class LibraryInfo(BaseModel):
    """A library."""

    name: str
    entries: int


def calls_router(studio: Studio) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/health", summary="Whether the server answers", tags=["server"])
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/api/libraries", summary="The libraries", tags=["libraries"])
    async def libraries() -> list[LibraryInfo]:
        return await studio.workers.run(
            lambda: [LibraryInfo(name=name, entries=len(each)) for name, each in studio.libraries.items()]
        )

    @router.get(
        "/media/{id}", summary="A file, in ranges if wanted", tags=["files"], response_class=FileResponse
    )
    async def file(id: str) -> FileResponse:
        found = studio.media[id]
        headers = {"Cache-Control": "private, max-age=3600"}
        return FileResponse(found.path, media_type=found.kind, filename=found.name, headers=headers)

    @router.get(
        "/media/{id}/passage.mp3",
        summary="A passage of a track as mp3",
        tags=["files"],
        response_class=Response,
    )
    async def part(
        id: str,
        start: Annotated[float, Query(ge=0, le=86_400)] = 0.0,
        length: Annotated[float, Query(gt=0, le=LONGEST_PASSAGE)] = 15.0,
    ) -> Response:
        path = studio.media[id].path
        sound = await studio.workers.run(lambda: passage(path, start, length))
        return Response(sound, media_type="audio/mpeg", headers={"Cache-Control": "private, max-age=3600"})

    @router.get(
        "/media/{id}/{side}.jpg", summary="A picture, scaled", tags=["files"], response_class=Response
    )
    async def picture(id: str, side: int) -> Response:
        path, wanted = studio.media[id].path, min(SIDES, key=lambda known: abs(known - side))
        content = await studio.workers.run(lambda: scaled(path, wanted))
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})

    return router


def add_description(app: FastAPI, studio: Studio) -> None:
    """``/openapi.json``, and a page of it that needs no other server."""

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get("/api", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(studio.render("api.html", tab=None, api=app.openapi()))
