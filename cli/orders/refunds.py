"""`refund`: money sent back, after it was shown what will happen."""

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
from domain.standing import DisputeState, unmet
from workflows.decisions import Said


@dataclass(frozen=True)
class Plan:
    """What a refund will do to a payment."""

    id: str
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
    amount: Decimal | None,
    said: Said,
    *,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Sends money back through Stripe, once somebody has said yes to what will happen."""
    order = await office.order(reference)
    plan = await _plan(office, order, amount)
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


async def _plan(office: Office, order: Order, amount: Decimal | None) -> Plan:
    """Refuses what Stripe would refuse, before anybody is asked."""
    if order.session_id is None:
        raise Failed(f"{order.id} has no payment page: no money was received.")
    payment = await (await office.payments()).find(order.session_id)
    if payment.state is not PaymentState.PAID:
        raise Failed(f"No money was received for {order.id}: its payment is {payment.state}.")
    if any(dispute.state is not DisputeState.WON for dispute in payment.disputes):
        raise Failed(f"The payment of {order.id} is in dispute: its money is with the bank.")
    plan = _planned(order, payment, amount)
    if plan.amount.minor <= 0:
        raise Failed(f"All of {plan.paid} that was paid for {order.id} has gone back.")
    if plan.rest.minor < 0:
        left = Money(plan.paid.minor - plan.refunded.minor, plan.paid.currency)
        raise Failed(f"Of {plan.paid} that was paid for {order.id}, {left} is left.")
    return plan


def _planned(order: Order, payment: Payment, amount: Decimal | None) -> Plan:
    """The id says what had been sent before: asked again, it is the same refund or the next one.

    One that failed is made anew first, under its own id, where it was for as much.
    """
    paid = payment.amount
    refunded = payment.refunded
    left = Money(paid.minor - refunded.minor, paid.currency)
    try:
        wanted = left if amount is None else Money.from_major(amount, paid.currency)
    except ValueError as error:
        raise Failed(f"{error}.") from None
    sent = sum(refund.minor for refund in payment.refunds)  # with those that failed: it never falls
    start, end = f"refund:{order.id}:", f":{'rest' if amount is None else wanted.minor}"
    failed = (refund.wish or "" for refund in unmet(payment.refunds))
    again = (wish for wish in failed if wish.startswith(start) and wish.endswith(end))
    refund_id = next(again, f"{start}{sent}{end}")
    return Plan(refund_id, paid, refunded, wanted, is_all=amount is None)


async def _made(office: Office, wish: Refund) -> PaymentOutcome:
    try:
        return await (await office.operations()).refund(wish)
    except Unavailable as error:
        raise Failed(
            f"{error}. The refund may be under way, as workflow {wish.id}; the same command again "
            "asks for the same refund."
        ) from error


def _show(order: Order, plan: Plan) -> None:
    rows = [
        ("paid", plan.paid),
        ("gone back so far", plan.refunded),
        ("to go back now", plan.amount),
        ("left after that", plan.rest),
    ]
    title = f"{order.id}, {order.status}"
    printing.console(err=True).print(table(title, ("", ""), rows))
    if not plan.rest.minor:
        printing.console(err=True).print("The buyer can fetch nothing any more once it is done.")
