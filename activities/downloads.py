"""Fulfillment: the right to each file that was bought."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import activity

from database import assets, attention, grants, standings
from database.engine import Database
from domain.errors import AssetNotFound, Unavailable
from domain.order import Attention, OrderStatus
from domain.standing import DownloadsGranted
from gateways.cloudinary_account import SERVICE as CLOUDINARY
from gateways.cloudinary_assets import LINES, CloudinaryAssets

# Files that nobody could look for in so long are an operator's concern: the buyer has paid.
PATIENCE = timedelta(minutes=15)
# A step tried within its workflow's own task holds one of the few tasks that a worker has under
# way, new buyers' among them: it waits for Cloudinary only while hardly anybody else does.
LINES_AT_ONCE = 3


class DownloadActivities:
    """The right to files, given once Cloudinary was seen to have them.

    It is asked about a file about once in `check_every`: the answers are kept, and shared by the
    orders that wait for them.
    """

    def __init__(
        self,
        database: Database,
        cloudinary: CloudinaryAssets,
        check_every: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._cloudinary = cloudinary
        self._check_every = check_every
        self._clock = clock

    @activity.defn
    async def issue_downloads(self, order_id: str) -> OrderStatus:
        """Grants every file that the order's licenses include, once; returns what the order is now.

        That is COMPLETED, unless its money has gone back in the meantime: then nothing is granted.
        Raises AssetNotFound, granting nothing and asking for an operator's attention, if the
        catalogue or Cloudinary has lost a file that was sold; Unavailable while Cloudinary cannot
        say, and after a quarter of an hour of that an operator is asked, too.
        """
        try:
            await self._require_files(order_id)
            async with self._database.writing() as writer:
                known = await standings.look(writer, order_id)
                if known.status is not OrderStatus.PAID:  # done, or not to be done any more
                    return known.status
                await grants.issue(writer, order_id)
                done = await standings.learn(writer, order_id, DownloadsGranted(), known=known)
                return done.now.status
        except AssetNotFound as lost:
            file = {"beat": lost.beat_id, "file": lost.kind}
            await self._flag(order_id, Attention.FILE_MISSING, **file)
            raise
        except Unavailable as away:
            if away.service == CLOUDINARY and self._tries_patience(away):
                await self._flag(order_id, Attention.FILES_UNREACHABLE, fault=str(away))
            raise

    async def _require_files(self, order_id: str) -> None:
        """Raises AssetNotFound for a sold file that Cloudinary does not have."""
        asked_at = self._clock()
        async with self._database.reading() as reader:
            files = await assets.unverified(reader, order_id, asked_at - self._check_every)
        if not files:
            return
        lines = LINES_AT_ONCE if activity.info().is_local else LINES
        missing = await self._cloudinary.missing((file.asset for file in files), lines)
        seen = [file for file in files if file.asset not in missing]
        async with self._database.recording() as recorder:
            await assets.mark_verified(recorder, seen, asked_at)
        for file in files:
            if file.asset in missing:
                raise AssetNotFound(file.beat_id, file.asset.kind)

    def _tries_patience(self, away: Unavailable) -> bool:
        """Whether the order will have waited for too long when this is tried next."""
        next_try = self._clock() + (away.retry_after or timedelta(0))
        return next_try - activity.info().scheduled_time >= PATIENCE

    async def _flag(self, order_id: str, why: Attention, **detail: str) -> None:
        async with self._database.recording() as recorder:
            await attention.flag(recorder, order_id, why, why.value, **detail)
