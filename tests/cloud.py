"""An emulated Cloudinary that tests fill, watch and break."""

import io
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import cloudinary.uploader
import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.beat import Asset, AssetKind
from gateways.cloudinary_account import CloudinaryAccount, delivery_type
from gateways.cloudinary_assets import LINES, CloudinaryAssets
from sandbox.cloudinary import assets as emulated
from sandbox.cloudinary.app import create_app
from sandbox.cloudinary.signatures import Credentials
from tests.making import asset
from tests.sandbox.serving import served

CREDENTIALS = Credentials("Demo-Cloud", "k-1234", "s3cr3t-api")


@dataclass(frozen=True)
class Call:
    """A call to the Admin API; `asked` are its parameters, in their order."""

    path: str
    asked: list[tuple[str, str]]
    authorization: str

    @property
    def names(self) -> list[str]:
        """The public ids of the files that it asks about."""
        return [value for name, value in self.asked if name == "public_ids[]"]


@dataclass
class Watch:
    """Notes what the Admin API is asked for on its way to it."""

    app: ASGIApp
    calls: list[Call] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "/resources/" in scope["path"]:
            headers = dict(scope["headers"])
            asked = parse_qsl(scope["query_string"].decode(), strict_parsing=True)
            authorization = headers.get(b"authorization", b"").decode()
            self.calls.append(Call(scope["path"], asked, authorization))
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Cloud:
    """A running emulator, and our account with it."""

    account: CloudinaryAccount
    http: httpx.Client
    calls: list[Call]

    @property
    def assets(self) -> CloudinaryAssets:
        return CloudinaryAssets(self.account)

    def lose(self, lost: Asset) -> None:
        self._switch("delete", public_id=lost.public_id)

    def put_back(self, lost: Asset) -> None:
        content = b"PK" if lost.resource_type == "raw" else _silence()
        cloudinary.uploader.upload(
            io.BytesIO(content),
            public_id=lost.public_id,
            resource_type=lost.resource_type,
            type=delivery_type(lost.kind),
            **self.account.options,
        )

    def fault(self, **effect: Any) -> None:
        """Something goes wrong with the calls that ask for files."""
        self._switch("faults", path="/resources/", **effect)

    def is_well(self) -> None:
        self.http.delete("/_emulator/faults").raise_for_status()

    def _switch(self, name: str, **given: Any) -> None:
        self.http.post(f"/_emulator/{name}", json=given).raise_for_status()


@contextmanager
def cloud_with(folder: Path, stored: Iterable[Asset]) -> Iterator[Cloud]:
    """A Cloudinary that knows these files; of their contents it has none."""
    store = emulated.AssetStore(folder)
    for each in stored:
        store.put(_card(each))
    watch = Watch(create_app(CREDENTIALS, folder))
    with served(watch) as url, httpx.Client(base_url=url) as http:
        account = CloudinaryAccount(
            CREDENTIALS.cloud, CREDENTIALS.api_key, CREDENTIALS.api_secret, url
        )
        yield Cloud(account, http, watch.calls)


def sold_files(*beat_ids: str) -> list[Asset]:
    """The masters and stems of some beats."""
    kinds = (AssetKind.MASTER, AssetKind.STEMS)
    return [asset(beat_id, kind) for beat_id in beat_ids for kind in kinds]


def _card(stored: Asset) -> emulated.Asset:
    key = emulated.AssetKey(stored.resource_type, delivery_type(stored.kind), stored.public_id)
    return emulated.Asset(
        key=key,
        asset_id="ab" * 16,
        version=1,
        format="" if stored.resource_type == "raw" else stored.format,
        size=stored.size,
        etag="ab" * 16,
        digest=stored.sha256,
        created_at="2026-03-01T12:00:00Z",
        original_filename=str(stored.kind),
        tags=(),
        context={},
        measures={},
    )


def _silence() -> bytes:
    """A WAV of one sample."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 44100, 0, "NONE", ""))
        writer.writeframes(b"\0\0")
    return file.getvalue()


class EveryFile(CloudinaryAssets):
    """For tests that are about something else: whatever is asked for is there."""

    def __init__(self) -> None:
        super().__init__(CloudinaryAccount("", "", "", ""))

    async def missing(self, assets: Iterable[Asset], lines: int = LINES) -> set[Asset]:
        return set()
