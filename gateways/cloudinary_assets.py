"""Cloudinary's word on which of our files it has."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial

from domain.beat import Asset
from domain.errors import Unavailable
from gateways.cloudinary_account import SERVICE, CloudinaryAccount, delivery_type

TIMEOUT_SECONDS = 10
# Files to a call. Cloudinary takes a hundred, but their names are all in the address, and servers
# on the way may refuse one of more than 8 kB.
BATCH = 50
# How many orders wait for an answer at once. A Cloudinary that says nothing holds no more of the
# worker's hands than this: it has payments to see to.
LINES = 10

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
        self._timeout = timeout
        self._asked: dict[Asset, asyncio.Future[set[Asset]]] = {}
        self._waiting = 0

    async def missing(self, assets: Iterable[Asset], lines: int = LINES) -> set[Asset]:
        """Those that are not there; one call for each 50 files of one kind.

        A file that is being asked about is not asked about again: who wants to know meanwhile gets
        the same answer. Raises Unavailable where Cloudinary cannot answer, and at once where
        `lines` callers wait for it already.
        """
        if self._waiting >= lines:
            raise Unavailable(SERVICE, detail=f"{self._waiting} wait for its answer already")
        self._waiting += 1
        try:
            return await self._shared(frozenset(assets))
        finally:
            self._waiting -= 1

    async def _shared(self, wanted: frozenset[Asset]) -> set[Asset]:
        fresh = wanted - self._asked.keys()
        if fresh:
            answer = asyncio.ensure_future(self._missing_of(fresh))
            self._asked |= dict.fromkeys(fresh, answer)
            answer.add_done_callback(partial(self._forget, fresh))
        # Shielded: whoever has waited for too long leaves, and the others go on waiting.
        answers = {self._asked[asset] for asset in wanted}
        missing = await asyncio.gather(*(asyncio.shield(answer) for answer in answers))
        return set(wanted).intersection(set().union(*missing))

    def _forget(self, assets: Iterable[Asset], answer: asyncio.Future[set[Asset]]) -> None:
        for asset in assets:
            del self._asked[asset]
        if not answer.cancelled():
            answer.exception()  # it is known, though all who wanted to know have left

    async def _missing_of(self, wanted: frozenset[Asset]) -> set[Asset]:
        # Late: the API, to which the workflows' steps bring this module, has no use for aiohttp.
        from gateways.cloudinary_listing import listing

        async with listing(self._account, self._timeout) as lists:

            async def missing_of(kind: _Kind, batch: list[Asset]) -> set[Asset]:
                there = await lists.listed(*kind, [asset.public_id for asset in batch])
                return {asset for asset in batch if asset.public_id not in there}

            calls = (missing_of(*batch) for batch in _batches(wanted))
            return set().union(*await asyncio.gather(*calls))


def _batches(assets: Iterable[Asset]) -> Iterator[tuple[_Kind, list[Asset]]]:
    by_kind: defaultdict[_Kind, list[Asset]] = defaultdict(list)
    for asset in sorted(assets, key=lambda asset: asset.public_id):
        by_kind[asset.resource_type, delivery_type(asset.kind)].append(asset)
    for kind, alike in by_kind.items():
        for start in range(0, len(alike), BATCH):
            yield kind, alike[start : start + BATCH]
