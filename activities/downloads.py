"""Fulfillment: the right to each file that was bought."""

from temporalio import activity

from database import attention, grants, standings
from database.engine import Database
from domain.errors import AssetNotFound
from domain.order import Attention, OrderStatus
from domain.standing import DownloadsGranted


class DownloadActivities:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def issue_downloads(self, order_id: str) -> OrderStatus:
        """Grants every file that the order's licenses include, once; returns what the order is now.

        That is COMPLETED, unless its money has gone back in the meantime: then nothing is granted.
        Raises AssetNotFound,
        granting nothing and asking for an operator's attention, if the catalogue has lost a file
        that was sold.
        """
        try:
            async with self._database.writing() as writer:
                status = (await standings.look(writer, order_id)).status
                if status is not OrderStatus.PAID:  # done, or not to be done any more
                    return status
                await grants.issue(writer, order_id)
                return (await standings.learn(writer, order_id, DownloadsGranted())).now.status
        except AssetNotFound as lost:
            async with self._database.writing() as writer:
                why, file = Attention.FILE_MISSING, {"beat": lost.beat_id, "file": lost.kind}
                await attention.flag(writer, order_id, why, "file_missing", **file)
            raise
