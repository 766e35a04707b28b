"""Download links end at their time, by the API's own clock."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from database.engine import Database
from tests.api.conftest import Api
from tests.making import BUYER, WAV, publication, publish, sell


class Watch:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def ends_at(location: str) -> datetime:
    """When Cloudinary's address ends."""
    (stamp,) = parse_qs(urlsplit(location).query)["expires_at"]
    return datetime.fromtimestamp(int(stamp), UTC)


async def test_a_link_opens_its_file_for_half_an_hour_and_then_is_refused(
    api: Api, database: Database
) -> None:
    await publish(database, publication())
    order_id = await sell(database, ("dusk", WAV))
    watch = Watch()
    path = f"/api/download/multi-order/{order_id}"
    async with api(clock=watch) as client:
        data = (await client.post(path, json={"customerEmail": BUYER})).json()["data"]
        url = data["beats"][0]["downloadUrls"]["master"]
        assert data["expiresAt"] == "2026-01-01T12:30:00.000Z"
        fresh = await client.get(url)
        watch.now += timedelta(minutes=30)
        last = await client.get(url)
        watch.now += timedelta(seconds=1)
        late = await client.get(url)
        again = await client.post(path, json={"customerEmail": BUYER})
    # Cloudinary's address ends with the link; at its end there is time to begin a download.
    assert ends_at(fresh.headers["location"]) == datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    assert ends_at(last.headers["location"]) == datetime(2026, 1, 1, 12, 35, tzinfo=UTC)
    assert (late.status_code, late.json()["code"]) == (401, "grant_expired")
    assert again.status_code == 200


async def test_the_operator_says_how_long_a_link_lives(api: Api, database: Database) -> None:
    await publish(database, publication())
    order_id = await sell(database, ("dusk", WAV))
    query = {"orderId": order_id, "customerEmail": BUYER}
    async with api(clock=Watch(), DOWNLOAD_MINUTES="10") as client:
        answer = await client.get("/api/download/beat/dusk", params=query)
    assert ends_at(answer.headers["location"]) == datetime(2026, 1, 1, 12, 10, tzinfo=UTC)
