"""Fulfillment: the right to each file that was bought."""

from temporalio import activity

from database import grants, orders
from database.engine import Database
from domain.order import OrderStatus


class DownloadActivities:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def issue_downloads(self, order_id: str) -> None:
        """Grants every file that the order's licenses include, and completes the order, once.

        Raises AssetNotFound, granting nothing, if the catalogue has lost a file that was sold.
        """
        async with self._database.writing() as writer:
            await grants.issue(writer, order_id)
            await orders.advance(writer, order_id, OrderStatus.COMPLETED)
