"""What must hold when all is quiet, whatever went wrong before: each that does not is a finding."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from temporalio.client import WorkflowExecutionStatus

from domain.webhook import SWEPT
from tests.chaos.diary import Diary
from tests.chaos.evidence import Books, Execution, Ledger, Row

STANDING = ("COMPLETED", "REFUNDED", "DISPUTED")

# What a buyer may see next after each status; money that comes wins over an order given up.
_GIVEN_UP = {"CANCELLED", "FAILED"}
_PAID = {"PAID", *STANDING}
NEXT = {
    "PENDING": _GIVEN_UP | _PAID,
    "CANCELLED": {"FAILED"} | _PAID,
    "FAILED": _PAID,
    "PAID": set(STANDING),
    "COMPLETED": {"REFUNDED", "DISPUTED"},
    "DISPUTED": {"PAID", "COMPLETED", "REFUNDED"},
    "REFUNDED": set[str](),
}

# What an order's history tells once at most.
_ONCE = ("placed", "paid", "completed", "refunded")


class Kind(StrEnum):
    LOST = "lost"  # paid at Stripe, and not delivered
    DOUBLED = "doubled"  # done twice
    FORGED = "forged"  # in our books, and not at Stripe
    WRONG = "wrong"  # anything else


@dataclass(frozen=True)
class Finding:
    kind: Kind
    words: str


class Comparison:
    """Our books held against Stripe's ledger."""

    def __init__(self, books: Books, ledger: Ledger) -> None:
        self._books = books
        self._ledger = ledger
        self.orders = {order["id"]: order for order in books.orders}
        self._sessions = defaultdict[str, list[Row]](list)
        for session in ledger.sessions:
            self._sessions[session["client_reference_id"]].append(session)

    def findings(self) -> Iterator[Finding]:
        yield from self._payments()
        yield from self._money_out_of_nowhere()
        yield from self._statuses()
        yield from self._grants()
        yield from self._sessions_made()
        yield from self._inbox()

    def paid_sessions(self, order_id: str) -> list[Row]:
        return [each for each in self._sessions[order_id] if each["payment_status"] == "paid"]

    @property
    def paid_orders(self) -> set[str]:
        """Orders with money at Stripe, whatever became of it."""
        return {
            order_id for order_id in self._sessions if order_id and self.paid_sessions(order_id)
        }

    def _payments(self) -> Iterator[Finding]:
        """Paid sessions and paid orders, one to one; a second payment has gone back."""
        for order_id in self.paid_orders:
            order, paid = self.orders.get(order_id), self.paid_sessions(order_id)
            if order is None or order["status"] not in STANDING:
                status = order["status"] if order else "nowhere"
                yield Finding(Kind.LOST, f"{order_id} is paid at Stripe, and {status}")
                continue
            own = [each for each in paid if each["id"] == order["session_id"]]
            if not own or own[0]["payment_intent"] != order["payment_id"]:
                yield Finding(Kind.WRONG, f"{order_id} is not paid by its own session")
            received = {(each["amount_total"], each["currency"].upper()) for each in own}
            if received != {(order["total_minor"], order["currency"])}:
                yield Finding(Kind.WRONG, f"{order_id}: paid {received}, quoted otherwise")
            for other in paid:
                charge = self._charge(other["payment_intent"])
                if other not in own and not charge["refunded"]:
                    yield Finding(Kind.DOUBLED, f"{order_id}: a second payment was kept")

    def _money_out_of_nowhere(self) -> Iterator[Finding]:
        paid = self.paid_orders
        for order in self._books.orders:
            if order["paid_at"] is not None and order["id"] not in paid:
                yield Finding(Kind.FORGED, f"{order['id']} is paid in our books alone")

    def _statuses(self) -> Iterator[Finding]:
        """Each status, and what has gone back, is what Stripe's facts give."""
        for order_id in self.paid_orders & self.orders.keys():
            order = self.orders[order_id]
            if order["payment_id"] not in self._ledger.intents:
                continue  # told above
            charge = self._charge(order["payment_id"])
            expected = self._expected(order["payment_id"], charge)
            if order["status"] != expected:
                yield Finding(Kind.WRONG, f"{order_id} is {order['status']}, not {expected}")
            if order["refunded_minor"] != charge["amount_refunded"]:
                yield Finding(Kind.WRONG, f"{order_id}: refunds differ from Stripe's")
        for order in self._books.orders:
            sessions = {each["id"]: each for each in self._sessions[order["id"]]}
            own = sessions.get(order["session_id"])
            is_over = own is not None and own["status"] == "expired"
            if order["paid_at"] is None and is_over and order["status"] != "CANCELLED":
                yield Finding(Kind.WRONG, f"{order['id']} is {order['status']}, its page expired")
            if order["attention"] is not None:
                yield Finding(Kind.WRONG, f"{order['id']} waits for an operator")

    def _expected(self, payment_id: str, charge: Row) -> str:
        if charge["refunded"]:
            return "REFUNDED"
        disputes = [each for each in self._ledger.disputes if each["payment_intent"] == payment_id]
        is_open = any(each["status"] not in ("won", "warning_closed") for each in disputes)
        return "DISPUTED" if is_open else "COMPLETED"

    def _grants(self) -> Iterator[Finding]:
        """The very files that were licensed, for what was granted; nothing for the unpaid."""
        licensed = defaultdict[str, Counter[tuple[str, str]]](Counter)
        for item in self._books.items:
            files = ("master", "stems") if item["has_stems"] else ("master",)
            licensed[item["order_id"]].update((item["id"], file) for file in files)
        granted = defaultdict[str, Counter[tuple[str, str]]](Counter)
        for grant in self._books.grants:
            granted[grant["order_id"]][grant["order_item_id"], grant["asset"]] += 1
        for order in self._books.orders:
            order_id = order["id"]
            if not granted[order_id] and order["granted_at"] is None:
                continue
            if order["paid_at"] is None:
                yield Finding(Kind.FORGED, f"{order_id} has files and is not paid")
            elif granted[order_id] != licensed[order_id]:
                yield Finding(Kind.WRONG, f"{order_id} has not the files that were sold")

    def _sessions_made(self) -> Iterator[Finding]:
        """One session of our own an order and attempt."""
        for order_id, sessions in self._sessions.items():
            own = [each for each in sessions if "second" not in (each["metadata"] or {})]
            order = self.orders.get(order_id)
            attempts = order["checkout_attempt"] if order else 0
            if len(own) > attempts:
                words = f"{order_id}: {len(own)} sessions in {attempts} attempts"
                yield Finding(Kind.DOUBLED, words)

    def _inbox(self) -> Iterator[Finding]:
        """Every event once, delivered, and none that Stripe did not send, but for our own."""
        kept = {event["id"]: event for event in self._books.inbox}
        sent = {event["id"] for event in self._ledger.events}
        ours = {event["id"] for event in self._books.inbox if event["type"] == SWEPT}
        for event_id in sent - kept.keys():
            yield Finding(Kind.LOST, f"{event_id} is not in the inbox")
        for event_id in kept.keys() - sent - ours:
            yield Finding(Kind.FORGED, f"{event_id} is not Stripe's")
        for event in kept.values():
            if event["delivered_at"] is None or event["outcome"] == "unknown_order":
                yield Finding(Kind.LOST, f"{event['id']}: {event['outcome'] or 'undelivered'}")

    def _charge(self, payment_id: str) -> Row:
        charge: Row = self._ledger.intents[payment_id]["latest_charge"]
        return charge


def lost_acknowledgements(books: Books, acknowledged: set[str]) -> Iterator[Finding]:
    """Events that were acknowledged and are not kept."""
    for event_id in acknowledged - {event["id"] for event in books.inbox}:
        yield Finding(Kind.LOST, f"{event_id} was acknowledged and is not kept")


def unfinished(executions: list[Execution], comparison: Comparison) -> Iterator[Finding]:
    """Workflows that failed, or run though every page has expired: there is nothing to wait for."""
    for each in executions:
        if each.status is WorkflowExecutionStatus.RUNNING:
            yield Finding(Kind.WRONG, f"{each.kind} {each.id} still runs")
        elif each.status is not WorkflowExecutionStatus.COMPLETED:
            yield Finding(Kind.WRONG, f"{each.kind} {each.id} is {each.status}")
    for order in comparison.orders.values():
        if order["status"] == "PENDING":
            yield Finding(Kind.WRONG, f"{order['id']} is pending, and nobody can pay it any more")


def backward_steps(diaries: list[Diary]) -> Iterator[Finding]:
    """What buyers saw of their orders that cannot follow from what they saw before."""
    for diary in diaries:
        for before, after in pairwise(diary.seen):
            if after not in NEXT[before]:
                yield Finding(Kind.WRONG, f"{diary.order}: {after} after {before}")


def contradictions(books: Books) -> Iterator[Finding]:
    """Orders whose histories tell of a thing twice, or of one before what it follows from."""
    lines = defaultdict[str, list[str]](list)
    for line in books.history:
        lines[line["order_id"]].append(line["type"])
    for order_id, told in lines.items():
        twice = [each for each in _ONCE if told.count(each) > 1]
        if twice:
            yield Finding(Kind.DOUBLED, f"{order_id}: {', '.join(twice)} twice")
        if "paid" in told and _GIVEN_UP & {each.upper() for each in told[told.index("paid") :]}:
            yield Finding(Kind.WRONG, f"{order_id} was given up after it was paid")
        if "completed" in told and "paid" not in told[: told.index("completed")]:
            yield Finding(Kind.WRONG, f"{order_id} was completed before it was paid")
        if "refunded" in told and "completed" in told[told.index("refunded") :]:
            yield Finding(Kind.WRONG, f"{order_id} was given its files after its money went back")


def surprises(diaries: list[Diary]) -> Iterator[Finding]:
    """Answers that no storefront need expect."""
    for diary in diaries:
        for words in diary.surprises:
            yield Finding(Kind.WRONG, f"buyer {diary.buyer.number}: {words}")


def unfit_answers(deliveries: list[Row]) -> Iterator[Finding]:
    """Answers to Stripe's calls but: taken, refused for its time, not now."""
    for each in deliveries:
        if each["last_status"] not in (None, 200, 400, 503):
            yield Finding(Kind.WRONG, f"{each['event']} was answered by {each['last_status']}")
