"""Requests with a body come in within limits of size and time, and only so many at once."""

import asyncio
from contextlib import AsyncExitStack

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from va_space.studio.settings import Settings

_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")


class BoundedBodies:
    """ASGI middleware: a body that is too large, or too slow, ends its request.

    The length that a client states is believed if it is too large, and counted in any case.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.uploads_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted as it is read."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isascii() or not stated.isdigit() or int(stated) > self._settings.upload_bytes:
            await JSONResponse({"detail": self._too_large}, 413)(scope, receive, send)
            return
        async with AsyncExitStack() as slot:
            await slot.enter_async_context(self._slots)
            await self._app(scope, self._counting(receive, slot), send)

    @property
    def _too_large(self) -> str:
        return f"more than {self._settings.upload_bytes / (1 << 20):,.0f} MiB in one request"

    def _counting(self, receive: Receive, slot: AsyncExitStack) -> Receive:
        """Receive until the body is complete; then the slot is free for another."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._settings.upload_seconds
        received, complete = 0, False

        async def counted() -> Message:
            nonlocal received, complete
            if complete:  # now a disconnect is all that can come
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                await slot.aclose()
                raise HTTPException(408, "the upload took too long") from None
            received += len(message.get("body", b""))
            if received > self._settings.upload_bytes:
                await slot.aclose()
                raise HTTPException(413, self._too_large)
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                complete = True
                await slot.aclose()
            return message

        return counted
