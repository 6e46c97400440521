"""The calls that belong to no tab: libraries, files, and the description of the API."""

from typing import Annotated, Self

from fastapi import APIRouter, FastAPI, Query
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from va_space.studio.libraries import Coming
from va_space.studio.media import LONGEST_PASSAGE, SIDES, passage, scaled
from va_space.studio.state import Studio

LONGEST_NAME = 500  # characters of a library's name


class LibraryInfo(BaseModel):
    """A library."""

    name: str
    entries: int = Field(description="Tracks or pictures in it; 0 for one that cannot be searched yet.")
    ready: bool = Field(default=True, description="Whether it can be searched.")
    share: float = Field(default=1.0, description="Of its files that are indexed, in [0, 1].")
    complaint: str = Field(default="", description="Why it will never be ready.")

    @classmethod
    def coming(cls, coming: Coming) -> Self:
        """One that is still being indexed."""
        share = coming.done / coming.total if coming.total else 0.0
        return cls(name=coming.name, entries=0, ready=False, share=share, complaint=coming.complaint)


def calls_router(studio: Studio) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/health", summary="Whether the server answers", tags=["server"])
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/api/libraries", summary="The libraries", tags=["libraries"])
    async def libraries() -> list[LibraryInfo]:
        return await studio.workers.run(
            lambda: [
                *(LibraryInfo(name=name, entries=len(each)) for name, each in studio.libraries.items()),
                *map(LibraryInfo.coming, studio.libraries.coming),
            ]
        )

    @router.get("/libraries", include_in_schema=False)
    async def choice(
        composed: bool = False,
        coming: int = 0,
        library: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
    ) -> HTMLResponse:
        """How far libraries are; or the choice of one, once there is another than the page knows of."""
        values = {"tab": None, "composed": composed, "chosen": library}
        if len(studio.libraries.indexing) == coming:
            return HTMLResponse(studio.render("coming.html", **values))
        told = f"Can be searched: {', '.join(studio.libraries) or 'none'}"
        headers = {"HX-Retarget": "#libraries", "HX-Reswap": "outerHTML"}
        return HTMLResponse(studio.render("libraries.html", told=told, **values), headers=headers)

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
