"""`refund`: money sent back, after it was shown what will happen."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import typer

from activities.refunds import Refund
from cli.orders import printing
from cli.orders.office import Office
from cli.orders.printing import table
from cli.orders.views import RefundView
from cli.orders.words import Failed
from database import orders
from domain.errors import Unavailable
from domain.money import Money
from domain.order import Order, OrderStatus
from domain.payment import Payment, PaymentOutcome, PaymentState
from domain.standing import DisputeState, RefundSeen, unmet
from workflows.decisions import Said


@dataclass(frozen=True)
class Wanted:
    """How much is to go back, all that is left without an amount; `nth` of those of as much."""

    amount: Decimal | None
    nth: int = 1


@dataclass(frozen=True)
class Plan:
    """What a refund will do to a payment."""

    id: str
    payment_id: str
    paid: Money
    refunded: Money
    amount: Money
    is_all: bool  # whatever is left, by the time that Stripe is asked

    @property
    def rest(self) -> Money:
        left = self.paid.minor - self.refunded.minor - self.amount.minor
        return Money(left, self.paid.currency)


async def refund(
    office: Office,
    reference: str,
    wanted: Wanted,
    said: Said,
    *,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Sends money back through Stripe, once somebody has said yes to what will happen."""
    order = await office.order(reference)
    plan = await _plan(office, order, reference, wanted)
    if not is_sure:
        _show(order, plan)
        typer.confirm("Send this money back?", abort=True, err=True)
    minor = None if plan.is_all else plan.amount.minor
    outcome = await _made(office, Refund(order.id, plan.id, said.by, said.reason, minor))
    async with office.database.reading() as reader:
        status = await orders.status_of(reader, order.id) or order.status
    if as_json:
        printing.as_json(_view(order, plan, outcome, status))
    else:
        printing.say(f"{order.id}: {plan.amount} sent back. It is {status} now.")


def _view(order: Order, plan: Plan, payment: PaymentOutcome, status: OrderStatus) -> RefundView:
    return RefundView(
        order_id=order.id,
        refund_id=plan.id,
        amount=plan.amount.major,
        currency=plan.amount.currency,
        payment=payment,
        status=status,
    )


async def _plan(office: Office, order: Order, reference: str, wanted: Wanted) -> Plan:
    """Refuses what Stripe would refuse, and what nobody can have meant, before anybody is asked."""
    if order.session_id is None:
        raise Failed(f"{order.id} has no payment page: no money was received.")
    payment = await (await office.payments()).find(order.session_id)
    if payment.state is not PaymentState.PAID or payment.payment_intent_id is None:
        raise Failed(f"No money was received for {order.id}: its payment is {payment.state}.")
    if reference not in (order.id, order.session_id, payment.payment_intent_id):
        raise Failed(
            f"{reference} is not {order.id}'s own payment, {payment.payment_intent_id}: name the "
            "order to send that one back. A second payment goes back by itself."
        )
    if any(dispute.state is not DisputeState.WON for dispute in payment.disputes):
        raise Failed(f"The payment of {order.id} is in dispute: its money is with the bank.")
    plan = _planned(order, payment, payment.payment_intent_id, wanted)
    if plan.amount.minor <= 0:
        raise Failed(f"All of {plan.paid} that was paid for {order.id} has gone back.")
    if plan.rest.minor < 0:
        left = Money(plan.paid.minor - plan.refunded.minor, plan.paid.currency)
        raise Failed(f"Of {plan.paid} that was paid for {order.id}, {left} is left.")
    return plan


def _planned(order: Order, payment: Payment, payment_id: str, wanted: Wanted) -> Plan:
    """The id says what had been sent before: asked again, it is the same refund or the next one.

    One that failed is made anew first, under its own id, where it was for as much.
    """
    paid = payment.amount
    refunded = payment.refunded
    left = Money(paid.minor - refunded.minor, paid.currency)
    is_all = wanted.amount is None
    try:
        amount = Money.from_major(wanted.amount, paid.currency) if wanted.amount else left
    except ValueError as error:
        raise Failed(f"{error}.") from None
    sent = sum(refund.minor for refund in payment.refunds)  # with those that failed: it never falls
    start, end = f"refund:{order.id}:", f":{'rest' if is_all else amount.minor}"

    def alike(refunds: Iterable[RefundSeen]) -> list[str]:
        wishes = dict.fromkeys(refund.wish or "" for refund in refunds)
        return [wish for wish in wishes if wish.startswith(start) and wish.endswith(end)]

    again = alike(unmet(payment.refunds))
    if not again and not is_all:
        _require_nth(order, amount, len(alike(payment.refunds)), wanted.nth)
    refund_id = next(iter(again), f"{start}{sent}{end}")
    return Plan(refund_id, payment_id, paid, refunded, amount, is_all=is_all)


def _require_nth(order: Order, amount: Money, made: int, nth: int) -> None:
    """Takes a command that is repeated for what it is, and not for another refund of as much."""
    if made >= nth:
        raise Failed(
            f"{amount} was sent back for {order.id} already; --nth {made + 1} sends as much "
            "once more."
        )
    if made < nth - 1:
        raise Failed(f"Refunds of {amount} for {order.id} so far: {made}. Give --nth {made + 1}.")


async def _made(office: Office, wish: Refund) -> PaymentOutcome:
    try:
        return await (await office.operations()).refund(wish)
    except Unavailable as error:
        raise Failed(
            f"{error}. The refund may be under way, as workflow {wish.id}; the same command again "
            "makes no second one."
        ) from error


def _show(order: Order, plan: Plan) -> None:
    rows = [
        ("payment", plan.payment_id),
        ("paid", plan.paid),
        ("gone back so far", plan.refunded),
        ("to go back now", plan.amount),
        ("left after that", plan.rest),
    ]
    title = f"{order.id}, {order.status}"
    printing.console(err=True).print(table(title, ("", ""), rows))
    if not plan.rest.minor:
        printing.console(err=True).print("The buyer can fetch nothing any more once it is done.")
