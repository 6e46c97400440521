"""The app of one studio."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from va_space import __version__, page
from va_space.errors import LibraryError, MissingExtraError, VASpaceError
from va_space.explanation.page import TEMPLATES
from va_space.feedback import Feedback
from va_space.retrieval.library import Library
from va_space.space import VASpace
from va_space.studio.bodies import BoundedBodies
from va_space.studio.calls import add_description, calls_router
from va_space.studio.errors import Refused, message_of
from va_space.studio.forms import is_fragment
from va_space.studio.guard import Guard, is_own_path, keep_session, same
from va_space.studio.libraries import Make
from va_space.studio.making import jobs_router
from va_space.studio.settings import Settings
from va_space.studio.state import Studio
from va_space.studio.tabs import make_tabs

STATIC = Path(__file__).parent / "static"
SHARED_STYLE = Path(page.__file__).parent / "page.css"
USUAL = Settings()


def create_app(
    space: VASpace,
    libraries: Mapping[str, Library],
    *,
    settings: Settings = USUAL,
    feedback: Feedback | None = None,
    profile: str = "me",
    token: str | None = None,
    hosts: Collection[str] = (),
    coming: Mapping[str, Make] | None = None,
) -> FastAPI:
    """A studio as an ASGI app, for uvicorn or any other server.

    Args:
        space: The model; all requests share it.
        libraries: By the names that clients call them; made by the same model.
        settings: How much is taken on at once.
        feedback: Where ratings are kept; None for a studio that takes none.
        profile: Whose ratings they are.
        token: What clients have to show; None if only this machine can reach the server.
        hosts: See :class:`va_space.studio.guard.Guard`.
        coming: How further libraries are made, by name: one after the other, while the server answers.

    Raises:
        LibraryError: A library was made with another model.
    """
    studio = Studio(space, libraries, settings, feedback, profile, coming)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        studio.start()
        yield
        studio.close()

    app = FastAPI(
        title="va-space studio",
        version=__version__,
        summary="Pictures and music in one valence-arousal space.",
        # FastAPI's own pages of the API fetch scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=life,
    )
    app.state.studio = studio
    tabs = make_tabs(studio)
    studio.environment.globals["tabs"] = tabs
    for tab in tabs:
        app.include_router(tab.router(studio))
    app.include_router(jobs_router(studio))
    app.include_router(calls_router(studio))
    add_description(app, studio)
    _add_shared_styles(app)
    _add_login(app, studio, token)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for kind in (VASpaceError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _complaint)
    app.add_middleware(BoundedBodies, settings=settings)
    app.add_middleware(Guard, token=token, hosts=hosts)
    return app


def _add_shared_styles(app: FastAPI) -> None:
    """Styles of all pages, and of explanations, from where they lie."""

    @app.get("/static/page.css", include_in_schema=False)
    async def style() -> FileResponse:
        return FileResponse(SHARED_STYLE)

    @app.get("/static/explained.css", include_in_schema=False)
    async def style_of_explanations() -> FileResponse:
        return FileResponse(TEMPLATES / "explained.css")


def _add_login(app: FastAPI, studio: Studio, token: str | None) -> None:
    @app.get("/login", include_in_schema=False)
    async def login() -> HTMLResponse:
        return HTMLResponse(studio.render("login.html", tab=None, wrong=False))

    @app.post("/login", include_in_schema=False)
    async def enter(
        request: Request, given: Annotated[str, Form(alias="token", max_length=500)], next: str = "/"
    ) -> Response:
        if token is None or not same(given.strip(), token):
            return HTMLResponse(studio.render("login.html", tab=None, wrong=True), 401)
        answer = RedirectResponse(next if is_own_path(next) else "/", 303)
        keep_session(answer, request, token)
        return answer


async def _complaint(request: Request, error: Exception) -> Response:
    """An error as the client can use it: a part of the page, or JSON."""
    status, message = _status_and_message(error)
    headers = {"Retry-After": "5"} if status == 503 else None
    if is_fragment(request):
        from markupsafe import escape

        return HTMLResponse(f'<p class="complaint" role="alert">{escape(message)}</p>', status, headers)
    return JSONResponse({"detail": message}, status, headers)


def _status_and_message(error: Exception) -> tuple[int, str]:
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        return 422, f"{'.'.join(str(part) for part in first['loc'][1:])}: {first['msg']}"
    if isinstance(error, HTTPException):
        return error.status_code, str(error.detail)
    assert isinstance(error, VASpaceError)
    if isinstance(error, Refused):
        return error.status, str(error)
    status = 501 if isinstance(error, MissingExtraError) else 500 if isinstance(error, LibraryError) else 422
    return status, message_of(error)
