"""``va-space studio``."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._common import Device, Model, Precision, needs_extra, open_space, remark
from va_space.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from va_space.retrieval.library import Library, Media
    from va_space.space import VASpace
    from va_space.studio.libraries import Make


@VERBS.register("studio")
def studio(
    library: Annotated[
        list[str] | None,
        typer.Option(
            help="A library, as va-space index made it; can be repeated. Default: the clips that the package "
            "brings.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Where to listen; 0.0.0.0 lets other machines in, with the token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8765,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Ask for the token in this file, which is made if it is not there. Default: a token is made "
            "up, or taken from VA_SPACE_STUDIO_TOKEN, where others than this machine can reach the server.",
            show_default=False,
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            help="A name under which the server is asked, such as studio.example.org; can be repeated.",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[str, typer.Option(help="Whose ratings are kept, and rank.")] = "me",
    no_ratings: Annotated[
        bool, typer.Option("--no-ratings", help="Keep no ratings: for a page that strangers use.")
    ] = False,
    upload_limit: Annotated[int, typer.Option(min=1, help="MiB in one request.")] = 256,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Open a page in a browser: match, explore, restyle, compose; with the same calls as a REST API.

    The page is served from this machine, and reached by this machine alone unless --host says otherwise; then
    a token is asked for. What is sent to it is limited in size, kind and time, and removed after use.
    Interrupt it with Ctrl-C.
    """
    with needs_extra("The studio", "studio"):
        from va_space.studio.app import create_app
        from va_space.studio.serve import TOKEN_VARIABLE, find_token, serve
        from va_space.studio.settings import Settings

    from va_space.feedback import Feedback

    token = find_token(host, token_file)
    space = open_space(model, device, precision)
    libraries = _open_libraries(library) if library else {}
    app = create_app(
        space,
        libraries,
        settings=Settings(upload_bytes=upload_limit << 20),
        feedback=None if no_ratings else Feedback(),
        profile=profile,
        token=token,
        hosts=allow_host or (),
        coming=None if library else _samples(space),
    )
    shown = f"[{host}]" if ":" in host else "localhost" if host == "0.0.0.0" else host
    kept = token_file or (TOKEN_VARIABLE if os.environ.get(TOKEN_VARIABLE) else None)
    entrance = f"?token={token}" if token and not kept else ""
    remark(f"Open http://{shown}:{port}/{entrance} in a browser; Ctrl-C ends.")
    if token and kept:  # it is no business of a log
        remark(f"The token is in {kept}")
    serve(app, host, port)


def _open_libraries(folders: list[str]) -> "dict[str, Library]":
    """Libraries by the last parts of their names, told apart by a number where these are the same."""
    from va_space.retrieval.library import Library

    found: dict[str, Library] = {}
    for folder in folders:
        stem = name = folder.rstrip("/").rsplit("/", 1)[-1] or "library"
        while name in found:
            name = f"{stem} {len(found) + 1}"
        found[name] = Library.open(folder)
    return found


def _samples(space: "VASpace") -> "dict[str, Make]":
    """Clips and photographs that come with packages, indexed once for each model, in the user's cache."""
    from va_space.demo.music import clips
    from va_space.demo.photographs import PHOTOGRAPHS

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "va-space" / "studio" / space.fingerprint[:12]
    remark("No library was named: the music and the photographs that packages bring will do.")
    remark(
        "They are indexed while the page answers, which says how far that is; the first time takes a minute."
    )
    found = {"music": _indexing(space, [clip.path for clip in clips()], folder / "music", "music")}
    with suppress(MissingExtraError):  # the extra demo brings them
        photographs = [photograph.path for photograph in PHOTOGRAPHS]
        found["photographs"] = _indexing(space, photographs, folder / "photographs", "pictures")
    return found


def _indexing(space: "VASpace", files: list[Path], folder: Path, kind: "Media") -> "Make":
    def make(progress: "Callable[[int, int], None]") -> "Library":
        from va_space.retrieval.index import index

        return index(space, files, folder, kind=kind, batch_size=8, prune=True, progress=progress).library

    return make
