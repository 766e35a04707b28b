"""Temporal's remote codec protocol over HTTP, for operators: encrypted payloads in, plain out.

The protocol: https://docs.temporal.io/production-deployment/data-encryption. Payloads are never
logged; who decoded how many, is.
"""

from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from google.protobuf.json_format import MessageToDict, Parse, ParseError
from starlette.middleware.cors import CORSMiddleware
from temporalio.api.common.v1 import Payload, Payloads

import logs
from api import errors
from api.errors import failure
from api.middleware import BodyLimit, LastCatch, RequestContext
from settings import CodecSettings, LogSettings, load
from temporal.encryption import EncryptionCodec, PayloadUnreadable

log = structlog.get_logger()

# The largest payload that Temporal takes, 2 MB, in base64 and with room to spare.
MAX_BODY_BYTES = 4 * 1024 * 1024
NEVER_KEPT = {"Cache-Control": "no-store"}
# What browsers are to ask their user for; a program sends `Bearer TOKEN` unasked.
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Beatline codec", charset="UTF-8"'}

router = APIRouter()


class Refused(Exception):
    """What the caller gets in the place of payloads; the sentence says what to do."""

    def __init__(
        self, status: HTTPStatus, code: str, sentence: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers


def create_app(settings: CodecSettings) -> FastAPI:
    app = FastAPI(title="Beatline codec", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.codec = EncryptionCodec(settings.payload_keys)
    app.include_router(router)
    errors.install(app)
    app.add_exception_handler(Refused, _answer_refused)
    app.add_exception_handler(PayloadUnreadable, _answer_unreadable)
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES)
    app.add_middleware(LastCatch)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=_origins(settings),
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type", "X-Namespace"],
        allow_credentials=True,
    )
    app.add_middleware(RequestContext)
    return app


async def operator(request: Request) -> str:
    """The operator who asks; refuses everybody else, and pages of sites that were not named."""
    settings: CodecSettings = request.app.state.settings
    origin = request.headers.get("origin")
    if origin is not None and origin not in _origins(settings):
        sentence = "Pages of this site may not ask; CODEC_ORIGINS names those that may."
        raise Refused(HTTPStatus.FORBIDDEN, "unknown_origin", sentence)
    name = settings.codec_tokens.identify(request.headers.get("authorization", ""))
    if name is None:
        sentence = "Sign in with your name and token, or send your token as Bearer."
        raise Refused(HTTPStatus.UNAUTHORIZED, "unknown_operator", sentence, CHALLENGE)
    return name


async def payloads(request: Request) -> Payloads:
    try:
        return Parse(await request.body(), Payloads(), ignore_unknown_fields=True)
    except (ParseError, UnicodeDecodeError) as error:
        sentence = "The body is not Temporal's JSON for payloads."
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed_request", sentence) from error


async def codec(request: Request) -> EncryptionCodec:
    found: EncryptionCodec = request.app.state.codec
    return found


Operator = Annotated[str, Depends(operator)]
Asked = Annotated[Payloads, Depends(payloads)]
Codec = Annotated[EncryptionCodec, Depends(codec)]


@router.post("/decode")
async def decode(who: Operator, asked: Asked, with_keys: Codec) -> JSONResponse:
    decoded = await with_keys.decode(asked.payloads)
    log.info("payloads_decoded", operator=who, payloads=len(decoded))
    return _answer(decoded)


@router.post("/encode")
async def encode(who: Operator, asked: Asked, with_keys: Codec) -> JSONResponse:
    encoded = await with_keys.encode(asked.payloads)
    log.info("payloads_encoded", operator=who, payloads=len(encoded))
    return _answer(encoded)


@router.get("/")
async def sign_in(who: Operator) -> PlainTextResponse:
    """Where a browser is asked for name and token, which it then sends for the Temporal UI too."""
    words = f"Signed in as {who}: the Temporal UI can now show what is encrypted.\n"
    return PlainTextResponse(words, headers=NEVER_KEPT)


@router.get("/health")
async def alive() -> dict[str, Any]:
    return {"success": True, "data": {"status": "ok"}}


def app_from_environment() -> FastAPI:
    """The application by the environment's settings; raises SettingsError."""
    logs.configure(load(LogSettings))
    return create_app(load(CodecSettings))


def _answer(found: list[Payload]) -> JSONResponse:
    content = {"payloads": [MessageToDict(payload) for payload in found]}
    return JSONResponse(content, headers=NEVER_KEPT)


async def _answer_refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)  # noqa: S101 - by registration
    return failure(error.status, error.code, error.sentence, headers=error.headers)


async def _answer_unreadable(_: Request, error: Exception) -> JSONResponse:
    log.warning("payload_unreadable", detail=str(error))
    return failure(HTTPStatus.BAD_REQUEST, "payload_unreadable", f"Not readable: {error}.")


def _origins(settings: CodecSettings) -> list[str]:
    """As browsers write them in their Origin header."""
    return [url.rstrip("/") for url in settings.codec_origins]
