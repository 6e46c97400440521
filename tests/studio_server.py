"""A studio behind a real server, in a thread."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

from va_space.studio import serve


@contextmanager
def serving(app) -> Iterator[int]:
    """Yields the port on which an app is served, as the command serves it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    # Connections that nobody closes are waited for no longer than this.
    kept = {"timeout_keep_alive": 1}
    server = uvicorn.Server(uvicorn.Config(app, **serve.options("127.0.0.1", 0), **kept))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < end
        time.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


def answer_to(port: int, request: bytes, seconds: float = 30.0) -> bytes:
    """What a server answers to bytes that need not be a request, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        with suppress(OSError):  # it has closed already, having said why
            connection.sendall(request)
        found = b""
        with suppress(OSError):
            while part := connection.recv(65_536):
                found += part
    return found
