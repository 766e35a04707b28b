"""Cloudinary's word on which of our files it has."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from pydantic import BaseModel, ValidationError

from domain.beat import Asset
from domain.errors import Unavailable
from gateways.cloudinary_account import SERVICE, CloudinaryAccount, delivery_type
from gateways.retry_after import LONGEST_WAIT, retry_after

TIMEOUT_SECONDS = 10
# Files to a call. Cloudinary takes a hundred, but their names are all in the address, and servers
# on the way may refuse one of more than 8 kB.
BATCH = 50

# Told by Cloudinary (420) or by something in front of it (429): we asked too often.
_TOO_OFTEN = (420, 429)

# One call asks for files of one resource type and one delivery type.
_Kind = tuple[str, str]


class CloudinaryAssets:
    """Which files are there, by the Admin API, of which small plans allow 500 calls an hour.

    Asked without `cloudinary.api`: that makes four attempts of each call, each with the whole
    timeout, and keeps to itself when a rate limit ends.
    Source: cloudinary.com/documentation/admin_api#get_resources.
    """

    def __init__(self, account: CloudinaryAccount, timeout: float = TIMEOUT_SECONDS) -> None:
        self._account = account
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def missing(self, assets: Iterable[Asset]) -> set[Asset]:
        """Those that are not there; one call for each 50 files of one kind.

        Raises Unavailable where Cloudinary cannot answer.
        """
        wanted = frozenset(assets)
        if not wanted:
            return set()
        account = self._account
        login = {"Authorization": aiohttp.encode_basic_auth(account.api_key, account.api_secret)}
        async with aiohttp.ClientSession(headers=login, timeout=self._timeout) as http:
            calls = (self._missing(http, *batch) for batch in _batches(wanted))
            return set().union(*await asyncio.gather(*calls))

    async def _missing(
        self, http: aiohttp.ClientSession, kind: _Kind, assets: list[Asset]
    ) -> set[Asset]:
        account, (resource_type, delivery) = self._account, kind
        address = f"{account.upload_prefix}/v1_1/{account.cloud_name}/resources"
        names = [("public_ids[]", asset.public_id) for asset in assets]
        try:
            async with http.get(
                f"{address}/{resource_type}/{delivery}", params=names, allow_redirects=False
            ) as answer:
                _require_success(answer)
                listing = _Listing.model_validate_json(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(SERVICE, detail=type(error).__name__) from error
        except ValidationError as error:
            raise Unavailable(SERVICE, detail="an answer that is no list of files") from error
        there = {resource.public_id for resource in listing.resources}
        return {asset for asset in assets if asset.public_id not in there}


class _Resource(BaseModel):
    public_id: str


class _Listing(BaseModel):
    """As much of an answer as we read. Files that were deleted are not in it."""

    resources: list[_Resource]


def _batches(assets: Iterable[Asset]) -> Iterator[tuple[_Kind, list[Asset]]]:
    by_kind: defaultdict[_Kind, list[Asset]] = defaultdict(list)
    for asset in sorted(assets, key=lambda asset: asset.public_id):
        by_kind[asset.resource_type, delivery_type(asset.kind)].append(asset)
    for kind, alike in by_kind.items():
        for start in range(0, len(alike), BATCH):
            yield kind, alike[start : start + BATCH]


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
