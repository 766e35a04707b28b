"""`list` and `inbox`: which orders there are, and which events nobody has taken."""

from dataclasses import replace
from datetime import UTC, datetime

from rich.text import Text

from cli.orders import printing, words
from cli.orders.office import Office
from cli.orders.printing import cell
from cli.orders.views import BacklogView, InboxCount, ListedOrderView, OrderListView
from database import backlog, order_list, reconciling
from database.backlog import Backlog, Pile
from database.order_list import ListedOrder, OrderFilter

SHOWN_EVENTS = 20


async def show_list(
    office: Office, wanted: OrderFilter, limit: int, *, emails: bool, as_json: bool
) -> None:
    now = datetime.now(UTC)
    async with office.database.reading() as reader:
        found = await order_list.find(reader, wanted, limit, now)
        inbox = await backlog.find(reader, now, limit=0)
    if not emails:
        found = [replace(each, customer_email=words.masked(each.customer_email)) for each in found]
    if as_json:
        counts = InboxCount(
            undelivered=inbox.undelivered.count,
            failing=inbox.failing.count,
            unknown=inbox.unknown.count,
        )
        views = [ListedOrderView.model_validate(each) for each in found]
        printing.as_json(OrderListView(orders=views, inbox=counts))
        return
    columns = ("order", "status", "total", "buyer", "placed", "why it is stuck")
    rows = [_row(each, now) for each in found]
    printing.console().print(printing.table("", columns, rows))
    _tell_counts(found, inbox)


async def show_inbox(office: Office, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    async with office.database.reading() as reader:
        inbox = await backlog.find(reader, now, SHOWN_EVENTS)
        swept_at = await reconciling.last_sweep(reader)
    if as_json:
        swept = {"last_reconciliation": swept_at}
        printing.as_json(BacklogView.model_validate(vars(inbox) | swept))
        return
    undelivered = "events wait to be delivered: Temporal is away, or no API runs"
    _print_pile(inbox.undelivered, undelivered, "Every event is delivered.")
    if inbox.failing.count:
        _print_pile(inbox.failing, "events fail again and again", "")
    unknown = "events are about orders that we never made"
    _print_pile(inbox.unknown, unknown, "Every event is about an order of ours.")
    _tell_sweep(swept_at, now)


def _tell_sweep(began_at: datetime | None, now: datetime) -> None:
    """What makes up for events that never came: nobody would miss it, either."""
    if began_at is None:
        printing.say("No reconciliation has come to its end yet.")
    else:
        ago = words.span(now - began_at)
        printing.say(f"The last reconciliation that came to its end began {ago} ago.")


def _print_pile(pile: Pile, title: str, nothing: str) -> None:
    if not pile.count:
        printing.say(nothing)
        return
    rows = [
        (
            words.instant(event.received_at),
            event.type,
            event.id,
            event.order_id,
            f"{event.failure} ({event.attempts} times)" if event.failure else "",
        )
        for event in pile.oldest
    ]
    columns = ("received (UTC)", "type", "event", "order", "failure")
    printing.console().print(printing.table(f"{pile.count} {title}", columns, rows))


def _row(order: ListedOrder, now: datetime) -> tuple[object, ...]:
    why = Text()
    if order.standstill is not None:
        since = words.span(now - order.standstill.since)
        why = cell(f"{words.STUCK[order.standstill.why]} ({since})", "yellow")
    return (
        order.id,
        order.status,
        words.amount(order.total, order.refunded),
        order.customer_email,
        f"{words.span(now - order.created_at)} ago",
        why,
    )


def _tell_counts(found: list[ListedOrder], inbox: Backlog) -> None:
    stuck = sum(order.standstill is not None for order in found)
    printing.say(f"{len(found)} orders, {stuck} of them stuck.")
    if inbox.undelivered.count:
        printing.say(f"{inbox.undelivered.count} webhook events wait in the inbox.")
    if inbox.failing.count:
        printing.say(f"{inbox.failing.count} webhook events fail again and again.")
    if inbox.unknown.count:
        printing.say(f"{inbox.unknown.count} webhook events name orders that we never made.")
