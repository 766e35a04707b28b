"""The mailbox as a web application that listens for SMTP while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.mailbox.letters import Letter, Letters
from sandbox.mailbox.page import LETTER_HEADERS, html_document, letter_page, list_page
from sandbox.mailbox.smtp import Login, Outage, Reception, listen
from sandbox.pages import HEADERS


class Desk:
    """The endpoints."""

    def __init__(self, letters: Letters, reception: Reception) -> None:
        self._letters = letters
        self._reception = reception

    async def health(self, _: Request) -> Response:
        """GET readiness; SMTP listens before HTTP does."""
        return JSONResponse({"status": "ok"})

    async def index(self, _: Request) -> Response:
        """GET the list as a page."""
        letters = await run_in_threadpool(lambda: list(self._letters.all()))
        return HTMLResponse(list_page(letters), 200, HEADERS)

    async def letter(self, request: Request) -> Response:
        """GET one letter as a page."""
        return HTMLResponse(letter_page(await self._wanted(request)), 200, HEADERS)

    async def html(self, request: Request) -> Response:
        """GET a letter's HTML, for the frame in its page."""
        return HTMLResponse(html_document(await self._wanted(request)), 200, LETTER_HEADERS)

    async def messages(self, request: Request) -> Response:
        """GET letters as JSON, all or `?to=` an address; DELETE throws all of them away."""
        if request.method == "DELETE":
            return JSONResponse({"deleted": await run_in_threadpool(self._letters.clear)})
        recipient = request.query_params.get("to")
        letters = await run_in_threadpool(lambda: list(self._letters.all(recipient)))
        return JSONResponse([describe(letter) for letter in letters])

    async def message(self, request: Request) -> Response:
        """GET one letter as JSON."""
        return JSONResponse(describe(await self._wanted(request)))

    async def raw(self, request: Request) -> Response:
        """GET a letter as it is on disk."""
        letter = await self._wanted(request)
        headers = {"X-Content-Type-Options": "nosniff"}
        return Response(letter.raw, 200, headers, media_type="text/plain; charset=utf-8")

    async def faults(self, request: Request) -> Response:
        """POST an outage, GET what is in force, DELETE ends it."""
        if request.method == "DELETE":
            self._reception.accept()
        elif request.method == "POST":
            try:
                self._reception.refuse(Outage.model_validate_json(await request.body()))
            except ValidationError as error:
                raise HTTPException(400, str(error)) from error
        outage = self._reception.outage
        return JSONResponse({"outage": outage and outage.model_dump()})

    async def _wanted(self, request: Request) -> Letter:
        letter = await run_in_threadpool(self._letters.get, request.path_params["id"])
        if letter is None:
            raise HTTPException(404, "No such letter")
        return letter


def describe(letter: Letter) -> dict[str, Any]:
    """A letter as JSON."""
    return {
        "id": letter.id,
        "from": letter.sender,
        "to": list(letter.to),
        "subject": letter.subject,
        "date": letter.received_at.isoformat().replace("+00:00", "Z"),
        "text": letter.text,
        "html": letter.html,
    }


def create_app(
    folder: Path, smtp_host: str, smtp_port: int, login: Login | None = None
) -> Starlette:
    """Wire a mailbox whose letters live in a folder."""
    letters = Letters(folder)
    reception = Reception(letters)
    desk = Desk(letters, reception)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        server = await listen(reception, smtp_host, smtp_port, login)
        try:
            yield
        finally:
            server.close()

    return Starlette(routes=_routes(desk), lifespan=lifespan)


def _routes(desk: Desk) -> list[Route]:
    return [
        Route("/", desk.index),
        Route("/_health", desk.health),
        Route("/_emulator/faults", desk.faults, methods=["GET", "POST", "DELETE"]),
        Route("/mail/{id}", desk.letter),
        Route("/mail/{id}/html", desk.html),
        Route("/messages", desk.messages, methods=["GET", "DELETE"]),
        Route("/messages/{id}", desk.message),
        Route("/messages/{id}/raw", desk.raw),
    ]
