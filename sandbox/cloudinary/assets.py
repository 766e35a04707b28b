"""The assets on disk: contents by their digest, and a JSON card for each asset.

Contents are never changed or removed while the service runs, so a download in progress always
ends well; what no card names any more is swept at the next start.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.durable import move_into_place, sync_folder, write_durably


class AssetKey(NamedTuple):
    """What identifies an asset; delivery type is `upload`, `authenticated` or `private`."""

    resource_type: str
    delivery_type: str
    public_id: str


@dataclass(frozen=True, slots=True)
class Asset:
    """An uploaded file with what Cloudinary tells about it; `format` is empty for raw files."""

    key: AssetKey
    asset_id: str
    version: int  # Unix time of the upload, greater at each replacement
    format: str
    size: int  # bytes
    etag: str  # MD5 of the content
    digest: str  # SHA-256 of the content, its name on disk
    created_at: str
    original_filename: str
    tags: tuple[str, ...]
    context: dict[str, str]
    measures: dict[str, Any]

    @property
    def extension(self) -> str:
        """The format, which a raw file's public id carries itself."""
        return self.format or Path(self.key.public_id).suffix.removeprefix(".")

    @property
    def file_name(self) -> str:
        """Path below the delivery type in a delivery URL."""
        return f"{self.key.public_id}.{self.format}" if self.format else self.key.public_id


class AssetStore:
    """All assets of one cloud; safe for use by several threads."""

    def __init__(self, folder: Path) -> None:
        self._contents = folder / "contents"
        self._cards = folder / "assets"
        self.incoming = folder / "incoming"
        for each in (self._contents, self._cards, self.incoming):
            each.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._assets = {asset.key: asset for asset in self._read_cards()}
        self._sweep()

    def __iter__(self) -> Iterator[Asset]:
        with self._lock:
            standing = list(self._assets.values())
        return iter(sorted(standing, key=lambda asset: asset.key))

    def get(self, key: AssetKey) -> Asset | None:
        """Find an asset by its key."""
        return self._assets.get(key)

    def content(self, asset: Asset) -> Path:
        """Where an asset's bytes are."""
        return self._contents / asset.digest

    def keep_content(self, synced: Path, digest: str) -> None:
        """Take over a file that was written and synced in `incoming`."""
        move_into_place(synced, self._contents / digest)

    def put(self, asset: Asset, *, overwrite: bool = True) -> Asset:
        """Write an asset's card and give back what stands: the older one if not to overwrite."""
        with self._lock:
            standing = self._assets.get(asset.key)
            if standing is not None and not overwrite:
                return standing
            write_durably(self._card(asset.key), json.dumps(asdict(asset)).encode())
            self._assets[asset.key] = asset
            return asset

    def remove(self, key: AssetKey) -> bool:
        """Forget an asset; False if there was none."""
        with self._lock:
            if self._assets.pop(key, None) is None:
                return False
            self._card(key).unlink()
            sync_folder(self._cards)
            return True

    def clear(self) -> None:
        """Forget all assets."""
        for asset in self:
            self.remove(asset.key)

    def _card(self, key: AssetKey) -> Path:
        # A digest, because a public id may hold slashes and anything else a path must not.
        return self._cards / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.json"

    def _read_cards(self) -> Iterator[Asset]:
        for card in self._cards.glob("*.json"):
            stored = json.loads(card.read_bytes())
            yield Asset(**stored | {"key": AssetKey(*stored["key"]), "tags": tuple(stored["tags"])})

    def _sweep(self) -> None:
        named = {asset.digest for asset in self._assets.values()}
        unnamed = (each for each in self._contents.iterdir() if each.name not in named)
        for file in (*unnamed, *self.incoming.iterdir()):
            file.unlink()
