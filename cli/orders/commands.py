"""The `beatline orders` group: each command reads its options and has something done."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.orders.options import (
    Amount,
    AsJson,
    By,
    Data,
    Dismissal,
    Reason,
    Reference,
    Since,
    operator,
)
from domain.order import OrderStatus

if TYPE_CHECKING:
    from activities.decisions import Act

orders = typer.Typer(
    name="orders",
    help="See and steer orders: what is stuck, why, and what to do about it (docs/runbook.md).",
    no_args_is_help=True,
)


@orders.command("list")
def list_orders(
    status: Annotated[
        list[OrderStatus] | None, typer.Option(help="Those in this status; may be repeated.")
    ] = None,
    attention: Annotated[
        bool, typer.Option("--attention", help="Those that wait for a person alone.")
    ] = False,
    stuck: Annotated[bool, typer.Option("--stuck", help="Those that are stuck alone.")] = False,
    email: Annotated[str | None, typer.Option(help="Those of a buyer.")] = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 50,
    emails: Annotated[bool, typer.Option("--emails", help="Show whole addresses.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List orders: those that are stuck first, then the newest."""
    from cli.orders.listing import show_list
    from cli.orders.office import perform
    from database.order_list import OrderFilter

    wanted = OrderFilter(
        statuses=tuple(status or ()),
        email=email,
        since=since,
        needs_attention=attention,
        is_stuck=stuck,
    )
    perform(data, lambda office: show_list(office, wanted, limit, emails=emails, as_json=as_json))


@orders.command()
def show(order: Reference, data: Data = None, as_json: AsJson = False) -> None:
    """Show an order: its history, events, downloads and workflows, with Stripe's word beside it."""
    from cli.orders.office import perform
    from cli.orders.sheet import show as show_sheet

    perform(data, lambda office: show_sheet(office, order, as_json=as_json))


@orders.command()
def inbox(data: Data = None, as_json: AsJson = False) -> None:
    """Show webhook events that no workflow has taken, and those about orders we never made."""
    from cli.orders.listing import show_inbox
    from cli.orders.office import perform

    perform(data, lambda office: show_inbox(office, as_json=as_json))


@orders.command()
def retry(
    order: Reference, reason: Reason, by: By = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Look again now; a checkout that was lost or terminated is started again."""
    from activities.decisions import Act

    _decide(Act.RETRY, order, reason, by, data, as_json)


@orders.command()
def approve(
    order: Reference, reason: Reason, by: By = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Take what was paid for what was quoted, and grant the files of an order held for that."""
    from activities.decisions import Act

    _decide(Act.APPROVE, order, reason, by, data, as_json)


@orders.command()
def cancel(
    order: Reference, reason: Reason, by: By = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Close the payment page of an order that nobody has paid, and the order with it."""
    from activities.decisions import Act

    _decide(Act.CANCEL, order, reason, by, data, as_json)


@orders.command()
def refund(
    order: Reference,
    reason: Reason,
    amount: Amount = None,
    nth: Annotated[
        int, typer.Option(min=1, help="Which refund of this very amount it is: 2 for the second.")
    ] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: By = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Send money back through Stripe: all that is left of a payment, or a part of it."""
    from cli.orders.office import perform
    from cli.orders.refunds import Wanted
    from cli.orders.refunds import refund as send_back
    from workflows.decisions import Said

    said, wanted = Said(operator(by), reason), Wanted(amount, nth)
    perform(
        data,
        lambda office: send_back(office, order, wanted, said, is_sure=yes, as_json=as_json),
    )


@orders.command()
def resend(
    order: Reference, reason: Reason, by: By = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Send an order's receipt once more, to the order's own address."""
    from cli.orders.acts import resend as send_again
    from cli.orders.office import perform
    from workflows.decisions import Said

    said = Said(operator(by), reason)
    perform(data, lambda office: send_again(office, order, said, as_json=as_json))


@orders.command()
def dismiss(
    order: Reference,
    reason: Reason,
    what: Annotated[
        Dismissal | None, typer.Option(help="Which, where both wait to be seen to.")
    ] = None,
    by: By = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Note that money was sent back in another way, where a refund came back or was refused."""
    from cli.orders.acts import dismiss as let_go
    from cli.orders.office import perform
    from workflows.decisions import Said

    said = Said(operator(by), reason)
    perform(data, lambda office: let_go(office, order, said, what, as_json=as_json))


@orders.command()
def reconcile(
    hours: Annotated[int, typer.Option(min=1, max=24 * 30, help="How far to look back.")] = 24,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Compare what Stripe knows with the orders, and make up for what we missed. Repeatable."""
    from cli.orders.acts import reconcile as compare
    from cli.orders.office import perform

    perform(data, lambda office: compare(office, hours, as_json=as_json))


def _decide(act: "Act", order: str, reason: str, by: str | None, data: Data, as_json: bool) -> None:
    from cli.orders.acts import decide
    from cli.orders.office import perform
    from workflows.decisions import Said

    said = Said(operator(by), reason)
    perform(data, lambda office: decide(office, order, act, said, as_json=as_json))
