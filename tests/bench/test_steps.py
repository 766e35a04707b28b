"""What each step of an order costs in statements: constants."""

from bench.steps import BOUGHT, Meter, World, sell
from database.engine import Database
from tests.making import publication, publish


async def test_every_order_takes_as_many_statements(database: Database) -> None:
    await publish(database, *(publication(beat) for beat in BOUGHT))
    for files in (5, 4):  # the first order has the files looked for, and that they are there noted
        meter = Meter()
        await sell(database, World(), meter)
        assert {step: statements for step, (_, statements) in meter.spent.items()} == {
            "checkout": 2,
            "place": 3,
            "page": 3,
            "webhook": 1,
            "noted": 1,
            "payment": 3,
            "files": files,
            "receipt": 4,
        }
