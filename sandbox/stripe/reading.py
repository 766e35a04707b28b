"""Reads request bodies within bounds."""

from starlette.requests import Request

from sandbox.stripe.errors import StripeError

_MOST_BYTES = 1024 * 1024


async def body_text(request: Request) -> str:
    """Raises StripeError for a body that is too large or not UTF-8."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise StripeError("The request body is too large.", status=413, recorded=False)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise StripeError("The request body is not UTF-8.", recorded=False) from error
