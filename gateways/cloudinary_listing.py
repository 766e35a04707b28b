"""Cloudinary's Admin API over HTTP: which of the files that it is asked for it lists."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from pydantic import BaseModel, ValidationError

from domain.errors import Unavailable
from gateways.cloudinary_account import SERVICE, CloudinaryAccount
from gateways.retry_after import LONGEST_WAIT, retry_after

# Told by Cloudinary (420) or by something in front of it (429): we asked too often.
_TOO_OFTEN = (420, 429)


@dataclass(frozen=True)
class Listing:
    """The lists of files of one account, over one pool of connections."""

    address: str
    http: aiohttp.ClientSession

    async def listed(
        self, resource_type: str, delivery: str, public_ids: Collection[str]
    ) -> set[str]:
        """Those that Cloudinary has; raises Unavailable where it cannot answer."""
        names = [("public_ids[]", public_id) for public_id in public_ids]
        try:
            async with self.http.get(
                f"{self.address}/{resource_type}/{delivery}", params=names, allow_redirects=False
            ) as answer:
                _require_success(answer)
                resources = _Resources.model_validate_json(await answer.read()).resources
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(SERVICE, detail=type(error).__name__) from error
        except ValidationError as error:
            raise Unavailable(SERVICE, detail="an answer that is no list of files") from error
        return {resource.public_id for resource in resources}


@asynccontextmanager
async def listing(account: CloudinaryAccount, seconds: float) -> AsyncIterator[Listing]:
    """An account's lists; a call may take so many seconds."""
    login = {"Authorization": aiohttp.encode_basic_auth(account.api_key, account.api_secret)}
    patience = aiohttp.ClientTimeout(total=seconds)
    address = f"{account.upload_prefix}/v1_1/{account.cloud_name}/resources"
    async with aiohttp.ClientSession(headers=login, timeout=patience) as http:
        yield Listing(address, http)


class _Resource(BaseModel):
    public_id: str


class _Resources(BaseModel):
    """As much of an answer as we read. Files that were deleted are not in it."""

    resources: list[_Resource]


def _require_success(answer: aiohttp.ClientResponse) -> None:
    """Raises Unavailable for all but an answer: wrong credentials, too, say nothing of a file."""
    if answer.status == 200:
        return
    wait = retry_after(answer.headers)
    if wait is None and answer.status in _TOO_OFTEN:
        wait = _until_reset(answer.headers)
    raise Unavailable(SERVICE, wait, f"HTTP {answer.status}")


def _until_reset(headers: Mapping[str, str]) -> timedelta | None:
    """How long until the limit of an hour's calls begins anew, where Cloudinary says so."""
    try:
        reset = parsedate_to_datetime(headers.get("X-FeatureRateLimit-Reset", ""))
    except ValueError:
        return None
    if reset.tzinfo is None:
        return None
    return min(max(reset - datetime.now(UTC), timedelta(0)), LONGEST_WAIT)
