"""Who may ask: hosts, origins and the token; and what every answer says to the browser.

A page of another site that the same browser shows must not ask in the user's name. It cannot under another
host's name (DNS rebinding), since only loopback's names are answered without a token; and not under ours,
since requests that change something must come from this origin.
"""

import hashlib
import hmac
from collections.abc import Collection
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
COOKIE = "va_space_studio"
SHORTEST_TOKEN = 16  # characters
_OPEN = ("/login", "/static/", "/health")
_SAFE = ("GET", "HEAD", "OPTIONS")
_WEEK = 7 * 24 * 3600
HEADERS = {
    # Styles of single elements, such as a bar's length, stand in the elements.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware in front of everything.

    Args:
        app: What is guarded.
        token: What a client has to show; None for a server that only this machine reaches.
        hosts: Names under which the server is asked; without a token loopback's are always among them, and
            no others are answered. With a token and no names any name will do.
    """

    def __init__(self, app: ASGIApp, token: str | None = None, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._token = token
        self._hosts = frozenset(hosts) if token else LOOPBACK | frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # the life of the app; there are no web sockets
            return
        request = Request(scope)
        refusal = self._refusal(request)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await (refusal or self._app)(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return JSONResponse({"detail": "this server is not known by that name"}, 421)
        if request.method not in _SAFE and not _same_origin(request, host):
            return JSONResponse({"detail": "asked by a page of another site"}, 403)
        if self._token is None:
            return None
        if request.method == "POST" and request.url.path == "/login":
            return None  # the route checks what was typed
        if request.method == "GET" and "token" in request.query_params:
            return self._enter(request)
        if request.url.path.startswith(_OPEN) or self._is_known(request):
            return None
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
        return JSONResponse({"detail": "a token is needed"}, 401, {"WWW-Authenticate": "Bearer"})

    def _is_known(self, request: Request) -> bool:
        assert self._token is not None
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return same(given.strip(), self._token)
        return same(request.cookies.get(COOKIE, ""), session(self._token))

    def _enter(self, request: Request) -> Response:
        """The address with the token becomes a cookie, and an address without."""
        assert self._token is not None
        if not same(request.query_params["token"], self._token):
            return JSONResponse({"detail": "not the token"}, 401)
        answer = RedirectResponse(request.url.path if is_own_path(request.url.path) else "/", 303)
        keep_session(answer, request, self._token)
        return answer


def keep_session(answer: Response, request: Request, token: str) -> None:
    """Let the browser show the token from now on, in a cookie that no script reads."""
    answer.set_cookie(
        COOKIE,
        session(token),
        max_age=_WEEK,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def session(token: str) -> str:
    """What the cookie holds: it gives no token away."""
    return hmac.new(token.encode(), b"va-space studio session", hashlib.sha256).hexdigest()


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are the same, found in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def is_own_path(path: str) -> bool:
    r"""Whether a path leads to this server and nowhere else.

    >>> is_own_path("/explore"), is_own_path("//evil.example"), is_own_path("/\\evil.example")
    (True, False, False)
    """
    return path.startswith("/") and not path.startswith(("//", "/\\"))


def _name(host: str) -> str:
    """The name in ``name:port``, as names are compared."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _same_origin(request: Request, host: str) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    # No browser leaves the origin out of what changes something; programs do.
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()
