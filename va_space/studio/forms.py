"""What requests bring, as the routes read it."""

from typing import Annotated, Any

from fastapi import File, UploadFile
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

MOST_FIELDS = 40
LARGEST_FIELD = 64 << 10  # bytes
MOST_FILES = 16

Files = Annotated[
    list[UploadFile] | None, File(description="Pictures, music or videos; told apart by their content.")
]


class BoundedRequest(Request):
    """A request whose form has bounded parts; its files wait on the disk, whatever their number."""

    def form(self, **limits: Any) -> Any:
        """The form, with these limits whoever asks for it."""
        return super().form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)


class BoundedRoute(APIRoute):
    """A route that reads requests as :class:`BoundedRequest`."""

    def get_route_handler(self) -> Any:
        """The handler, given a bounded request."""
        handler = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            answer: Response = await handler(BoundedRequest(request.scope, request.receive))
            return answer

        return bounded


def is_fragment(request: Request) -> bool:
    """Whether the page's script asks for a part of the page."""
    return request.headers.get("hx-request") == "true"
