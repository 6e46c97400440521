"""A studio behind uvicorn, and its token."""

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from va_space.errors import ConfigError
from va_space.studio.guard import SHORTEST_TOKEN

TOKEN_VARIABLE = "VA_SPACE_STUDIO_TOKEN"
_CONNECTIONS = 512
_LARGEST_HEAD = 32 << 10  # bytes of a request's line and headers


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on a host.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0"), is_loopback("example.org")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def find_token(host: str, file: Path | None) -> str | None:
    """The token that clients have to show; None where none is needed.

    It is what a file holds, which is made if it is not there; else what the environment variable
    VA_SPACE_STUDIO_TOKEN holds; else, for a server that others reach, made up.

    Raises:
        ConfigError: It is too short, or the file cannot be read or made.
    """
    if file is not None:
        return _checked(_of_file(file), str(file))
    if given := os.environ.get(TOKEN_VARIABLE, "").strip():
        return _checked(given, TOKEN_VARIABLE)
    return None if is_loopback(host) else secrets.token_urlsafe(32)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Answer until interrupted."""
    import uvicorn

    uvicorn.run(app, **options(host, port))


def options(host: str, port: int) -> dict[str, Any]:
    """How uvicorn is to serve."""
    return {
        "host": host,
        "port": port,
        "log_level": "warning",
        # Its limit on the size of heads is stated, and held.
        "http": "h11",
        "h11_max_incomplete_event_size": _LARGEST_HEAD,
        "limit_concurrency": _CONNECTIONS,
        "timeout_graceful_shutdown": 10,
        "server_header": False,
    }


def _of_file(file: Path) -> str:
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as made:
                made.write(secrets.token_urlsafe(32) + "\n")
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: the token cannot be read or made ({error})") from error


def _checked(token: str, source: str) -> str:
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise ConfigError(f"{source}: a token has at least {SHORTEST_TOKEN} ASCII characters")
    return token
