"""`beatline demo`: real purchases, end to end, each step told and checked."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from cli.shopper import DECLINED_CARD, PAYING_CARD, Session, Shopper, Unexpected
from cli.state import Addresses
from cli.system import running
from domain.license import LicenseType
from gateways.cloudinary_files import sha256_of
from sandbox.process import ProcessError

EMAIL, NAME = "Buyer@Beatline.example", "A Buyer"
FILES = {"master": "master.wav", "stems": "stems.zip"}


def run_demo(port_base: int, data: Path | None, console: Console) -> int:
    """Runs the demo on a system of its own; 0 if every check held, else 1."""
    place = nullcontext(str(data)) if data else tempfile.TemporaryDirectory(prefix="beatline-")
    account = Account(console)
    try:
        with place as folder:
            account.part("Bringing up the whole system")
            home = Path(folder)
            home.mkdir(parents=True, exist_ok=True)
            with running(home, port_base, progress=account.quote) as addresses:
                account.time("the system is ready")
                with closing(Shopper(addresses.api, EMAIL, NAME)) as shopper:
                    Demo(shopper, addresses, account).run()
                account.part("Taking everything down")
        account.time("all is down")
    except (Unexpected, ProcessError, httpx.HTTPError) as error:
        account.check(f"no surprises: {error}", held=False)
    return account.close()


class Account:
    """Tells what happens, how long it took, and whether it was as it should be."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = self._mark = time.perf_counter()
        self._held = self._failed = 0

    def part(self, title: str) -> None:
        self._mark = time.perf_counter()
        self._console.print(f"\n[bold]{title}[/bold]", highlight=False)

    def quote(self, line: str) -> None:
        self._console.print(f"  {line}", style="dim", markup=False, highlight=False)

    def tell(self, words: str) -> None:
        self._console.print(f"  {words}", markup=False, highlight=False, soft_wrap=True)

    def time(self, what: str) -> None:
        self.tell(f"{what}: {time.perf_counter() - self._mark:.1f} s")

    def check(self, what: str, *, held: bool) -> None:
        sign = "[green]✓[/green]" if held else "[bold red]✗[/bold red]"
        self._console.print(f"  {sign} ", end="")
        self._console.print(what, markup=False, highlight=False, soft_wrap=True)
        self._held, self._failed = self._held + held, self._failed + (not held)

    def close(self) -> int:
        seconds = time.perf_counter() - self._started
        if self._failed:
            self._console.print(f"\n[bold red]{self._failed} checks failed[/bold red]")
            return 1
        self._console.print(f"\n[bold green]All {self._held} checks held[/] in {seconds:.1f} s.")
        return 0


class Demo:
    """The purchases themselves."""

    def __init__(self, shopper: Shopper, addresses: Addresses, account: Account) -> None:
        self._shopper = shopper
        self._addresses = addresses
        self._account = account
        self._beats = Path(addresses.data) / "beats"

    def run(self) -> None:
        beats = self._browse()
        cart = self._buy_a_cart(beats[:3])
        single = self._buy_one(beats[3])
        for order in (cart, single):
            self._download(order)
        self._try_what_must_fail(cart, beats[0])
        self._be_declined(beats[0])

    def _browse(self) -> list[dict[str, Any]]:
        """The beats to buy: some that are sold under every license."""
        self._account.part("Browsing the catalogue")
        shown = self._shopper.beats(limit=100, sortField="title", sortOrder="asc")
        genres = sorted({beat["genre"] for beat in shown})
        self._account.tell(f"{len(shown)} beats on sale: {', '.join(genres)}")
        published = sum(1 for _ in self._beats.glob("*/beat.toml"))
        held = 12 <= len(shown) < published
        self._account.check(
            f"of {published} published, the withdrawn and unreleased hide", held=held
        )
        return [beat for beat in shown if beat["hasStems"] and beat["unlimitedLeasePrice"]]

    def _buy_a_cart(self, beats: list[dict[str, Any]]) -> dict[str, Any]:
        self._account.part("A cart of three beats, one per license type")
        price_ids = ("stripeWavPriceId", "stripeTrackoutPriceId", "stripeUnlimitedPriceId")
        items = [
            {
                "priceId": beat[price_id],
                "quantity": 1,
                "beatTitle": beat["title"],
                "licenseType": license_type.value,
            }
            for beat, price_id, license_type in zip(beats, price_ids, LicenseType, strict=True)
        ]
        with self._timed("the payment page is open"):
            session = self._shopper.check_out("create-multi-checkout", {"items": items})
        expected = round(
            beats[0]["wavLeasePrice"]
            + beats[1]["trackoutLeasePrice"]
            + beats[2]["unlimitedLeasePrice"],
            2,
        )
        return self._pay(session, expected)

    def _buy_one(self, beat: dict[str, Any]) -> dict[str, Any]:
        self._account.part("A single beat")
        body = {"priceId": beat["stripeTrackoutPriceId"], "beatTitle": beat["title"]}
        with self._timed("the payment page is open"):
            session = self._shopper.check_out("create-checkout", body)
        return self._pay(session, beat["trackoutLeasePrice"])

    def _pay(self, session: Session, expected: float) -> dict[str, Any]:
        order = self._shopper.order(session.id)
        self._account.tell(f"order {order['id']}, {order['totalAmount']} {order['currency']}")
        self._account.tell(f"workflow: {self._workflow(order['id'])}")
        held = order["status"] == "PENDING" and order["totalAmount"] == expected
        self._account.check("it is PENDING, at the catalogue's prices", held=held)
        returned = self._shopper.pay(session, PAYING_CARD)
        self._account.check("paid with a test card; back in the shop", held=returned == session.id)
        with self._timed("paid to COMPLETED, by Stripe's signed webhook"):
            order = self._shopper.wait_for(session.id, "COMPLETED")
        held = order["customerEmail"] == EMAIL and order["paidAt"] is not None
        self._account.check(f"it is COMPLETED, paid by {order['paymentMethod']}", held=held)
        return order

    def _download(self, order: dict[str, Any]) -> None:
        self._account.part(f"The files of {order['id']}")
        granted = self._shopper.downloads(order["id"]).json()["data"]
        for beat in granted["beats"]:
            urls = beat["downloadUrls"]
            for kind in ("master", "stems"):
                if kind in urls:
                    self._fetch(beat, kind, urls[kind])
        licensed = {item["beatId"]: item["hasStems"] for item in order["items"]}
        given = {beat["beatId"]: "stems" in beat["downloadUrls"] for beat in granted["beats"]}
        self._account.check("every beat is there, stems where licensed", held=given == licensed)

    def _fetch(self, beat: dict[str, Any], kind: str, url: str) -> None:
        published = sha256_of(self._beats / beat["beatId"] / FILES[kind])
        sizes: list[int] = []
        got = self._shopper.fetch(url, sizes.append)
        what = f"{beat['beatTitle']}, {kind}: {sum(sizes) / 1e6:.1f} MB, SHA-256 {got[:12]}…"
        self._account.check(f"{what} as published", held=got == published)

    def _try_what_must_fail(self, order: dict[str, Any], wav_beat: dict[str, Any]) -> None:
        self._account.part("What must not work")
        stems = self._shopper.stems(wav_beat["id"], order["id"]).status_code
        self._account.check(f"stems of the WAV lease: {stems}", held=stems == 403)
        wrong = self._shopper.downloads(order["id"], "someone@else.example").status_code
        self._account.check(f"downloads with another e-mail address: {wrong}", held=wrong == 403)

    def _be_declined(self, beat: dict[str, Any]) -> None:
        body = {"priceId": beat["stripeWavPriceId"], "beatTitle": beat["title"]}
        session = self._shopper.check_out("create-checkout", body)
        declined = self._shopper.pay(session, DECLINED_CARD) is None
        self._account.check("a declined card: the payment page says so", held=declined)
        order = self._shopper.order(session.id)
        ungranted = self._shopper.downloads(order["id"]).status_code
        held = order["status"] == "PENDING" and ungranted == 409
        self._account.check(f"its order is {order['status']}, downloads: {ungranted}", held=held)

    def _workflow(self, order_id: str) -> str:
        at = self._addresses
        return f"{at.temporal_ui}/namespaces/{at.temporal_namespace}/workflows/{order_id}"

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._account.tell(f"{what}: {(time.perf_counter() - started) * 1000:.0f} ms")
