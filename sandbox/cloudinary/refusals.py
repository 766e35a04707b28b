"""What Cloudinary says when it says no."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Refusal(Exception):
    """An answer with an error status and Cloudinary's error body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class NotFound(Refusal):
    """No asset bears that public id."""

    def __init__(self, public_id: str) -> None:
        super().__init__(404, f"Resource not found - {public_id}")


def error_body(message: str) -> dict[str, Any]:
    """Cloudinary's shape for every error."""
    return {"error": {"message": message}}


def error_response(status: int, message: str) -> Response:
    """The body, and the header in which Cloudinary's CDN repeats it."""
    printable = message.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")
    return JSONResponse(error_body(message), status, {"X-Cld-Error": printable})


async def refuse(_: Request, error: Exception) -> Response:
    """Exception handler for refusals."""
    if not isinstance(error, Refusal):
        raise error
    return error_response(error.status, error.message)
