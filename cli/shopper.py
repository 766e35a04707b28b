"""A storefront and its buyer, as seen from the outside: over HTTP alone."""

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

PAYING_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
POLL_SECONDS = 0.05


class Unexpected(Exception):
    """The shop answered what a storefront does not expect."""


@dataclass(frozen=True)
class Session:
    """A payment page, and the order id's only public name."""

    url: str
    id: str


class Shopper:
    """Browses, checks out, pays and downloads as a storefront's visitor does."""

    def __init__(self, api: str, email: str, name: str) -> None:
        self.api = api
        self.email = email
        self.name = name
        self._http = httpx.Client(base_url=api, timeout=30)

    def close(self) -> None:
        self._http.close()

    def beats(self, **query: str | int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("GET", "/api/beats", params=query)["data"]
        return found

    def check_out(self, path: str, body: dict[str, Any]) -> Session:
        """Opens a checkout with return addresses in the shop and a key of its own."""
        returns = {
            "successUrl": f"{self.api}/success?session_id={{CHECKOUT_SESSION_ID}}",
            "cancelUrl": f"{self.api}/cart",
        }
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answer = self._json("POST", f"/api/stripe/{path}", json=body | returns, headers=headers)
        return Session(answer["url"], answer["sessionId"])

    def pay(self, session: Session, card: str) -> str | None:
        """Fills in the payment page; the session id it comes back with, None if declined."""
        page = self._http.get(session.url)
        if page.status_code != 200:
            raise Unexpected(f"the payment page answered {page.status_code}")
        form = {
            "method": "card",
            "email": self.email,
            "name": self.name,
            "card_number": card,
            "card_expiry": "12 / 40",
            "card_cvc": "123",
        }
        answer = self._http.post(session.url, data=form)
        if answer.status_code == 402:
            return None
        if answer.status_code != 303:
            raise Unexpected(f"the payment page answered {answer.status_code}")
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return query["session_id"][0]

    def order(self, session_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._json("GET", f"/api/orders/multi-payment/{session_id}")["data"]
        return found

    def wait_for(self, session_id: str, status: str, within: float = 20) -> dict[str, Any]:
        """The order once it has this status; raises Unexpected if it takes too long."""
        deadline = time.monotonic() + within
        while (order := self.order(session_id))["status"] != status:
            if time.monotonic() > deadline:
                raise Unexpected(f"{order['id']} is {order['status']}, not {status}")
            time.sleep(POLL_SECONDS)
        return order

    def downloads(self, order_id: str, email: str | None = None) -> httpx.Response:
        body = {"customerEmail": email or self.email}
        return self._http.post(f"/api/download/multi-order/{order_id}", json=body)

    def stems(self, beat_id: str, order_id: str) -> httpx.Response:
        query = {"orderId": order_id, "customerEmail": self.email}
        return self._http.get(f"/api/download/stems/{beat_id}", params=query)

    def fetch(self, url: str, received: Callable[[int], None]) -> str:
        """Downloads a file as a browser would; the SHA-256 of what came."""
        digest = hashlib.sha256()
        with self._http.stream("GET", url, follow_redirects=True) as answer:
            if answer.status_code != 200:
                raise Unexpected(f"a download answered {answer.status_code}")
            for chunk in answer.iter_bytes():
                digest.update(chunk)
                received(len(chunk))
        return digest.hexdigest()

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._http.request(method, path, **options)
        if answer.status_code != 200:
            raise Unexpected(f"{method} {path} answered {answer.status_code}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found
