"""The tables of a peer, in a schema of its own; the catalogue is the one that all share."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateSchema


class Tables:
    """Orders, their items, and the right to each file."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self.metadata = MetaData(schema=schema)
        self.orders = Table(
            "orders",
            self.metadata,
            Column("id", Text, primary_key=True),
            Column("status", Text, nullable=False),
            Column("session_id", Text, unique=True),
            Column("payment_id", Text, unique=True),
            Column("customer_email", Text),
            Column("customer_name", Text),
            Column("total_minor", BigInteger, nullable=False),
            Column("currency", Text, nullable=False),
            Column("paid_at", DateTime(timezone=True)),
            Column("created_at", DateTime(timezone=True), server_default=func.now()),
        )
        self.items = Table(
            "order_items",
            self.metadata,
            Column("order_id", ForeignKey(self.orders.c.id), primary_key=True),
            Column("line", SmallInteger, primary_key=True),
            Column("beat_id", Text, nullable=False),
            Column("license_type", Text, nullable=False),
            Column("quantity", SmallInteger, nullable=False),
            Column("unit_minor", BigInteger, nullable=False),
        )
        self.grants = Table(
            "download_grants",
            self.metadata,
            Column("order_id", ForeignKey(self.orders.c.id), primary_key=True),
            Column("line", SmallInteger, primary_key=True),
            Column("asset", Text, primary_key=True),
            Column("granted_at", DateTime(timezone=True), server_default=func.now()),
        )

    async def create(self, engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.execute(CreateSchema(self.schema, if_not_exists=True))
            await connection.run_sync(self.metadata.create_all)
