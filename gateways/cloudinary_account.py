"""An account at Cloudinary, and what it calls the files that we keep there.

Without Cloudinary's library, which reads the environment when it is imported.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from domain.beat import SOLD_ASSETS, AssetKind

SERVICE = "Cloudinary"


@dataclass(frozen=True)
class CloudinaryAccount:
    """Credentials and addresses, read from a `cloudinary://` URL."""

    cloud_name: str
    api_key: str
    api_secret: str
    upload_prefix: str

    @classmethod
    def from_url(cls, url: str) -> "CloudinaryAccount":
        """Reads a CLOUDINARY_URL; raises ValueError if a part of it is missing."""
        parts = urlsplit(url)
        if parts.scheme != "cloudinary" or not (
            parts.hostname and parts.username and parts.password
        ):
            raise ValueError("CLOUDINARY_URL must be cloudinary://KEY:SECRET@CLOUD")
        prefix = parse_qs(parts.query).get("upload_prefix", ["https://api.cloudinary.com"])[0]
        cloud_name = parts.netloc.rpartition("@")[2]  # hostname would lower its case
        return cls(cloud_name, unquote(parts.username), unquote(parts.password), prefix)

    @property
    def options(self) -> dict[str, Any]:
        return {
            "cloud_name": self.cloud_name,
            "api_key": self.api_key,
            "api_secret": self.api_secret,
            "upload_prefix": self.upload_prefix,
        }

    @property
    def file_origins(self) -> list[str]:
        """From where browsers get files: Cloudinary's own hosts, or what stands in for them.

        Source: cloudinary.com/documentation/advanced_url_delivery_options (shared and private CDN).
        """
        api = urlsplit(self.upload_prefix)
        origin = f"{api.scheme}://{api.netloc}"
        if not f".{api.hostname}".endswith(".cloudinary.com"):
            return [origin]
        shared, private = "res.cloudinary.com", f"{self.cloud_name}-res.cloudinary.com"
        return [f"https://{shared}", f"https://{private}", origin]


def delivery_type(kind: AssetKind) -> str:
    """Cloudinary's word for who may fetch a file: anybody, or who has a signed address."""
    return "authenticated" if kind in SOLD_ASSETS else "upload"
