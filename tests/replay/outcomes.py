"""One checkout for each way that one can go: what its stand-ins answer and what it is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from temporalio.client import WorkflowHandle

from domain.beat import AssetKind
from domain.errors import (
    AssetNotFound,
    CartProblem,
    CartReason,
    CartRefused,
    CheckoutRefused,
    Unavailable,
)
from domain.payment import PaymentOutcome
from tests.workflows.stand_ins import StandIns
from workflows.checkout import CheckoutResult, CheckoutWorkflow, PaymentReported

Handle = WorkflowHandle[CheckoutWorkflow, CheckoutResult]
Tell = Callable[[Handle, StandIns], Awaitable[None]]
REPORT = PaymentReported("evt_1", "checkout.session.completed")


async def _left_alone(_: Handle, __: StandIns) -> None:
    """Nobody asks for anything."""


async def _unreported(handle: Handle, _: StandIns) -> None:
    """The buyer gets the page, and nobody hears of them again."""
    await handle.execute_update(CheckoutWorkflow.checkout_session)


async def _reported(handle: Handle, _: StandIns) -> None:
    """The buyer gets the page, and Stripe reports."""
    await handle.execute_update(CheckoutWorkflow.checkout_session)
    await handle.signal(CheckoutWorkflow.payment_reported, REPORT)


def _looked_at_again_after(step: str) -> Tell:
    """Stripe reports, and after a step an operator has the order looked at again."""

    async def told(handle: Handle, stand_ins: StandIns) -> None:
        await _reported(handle, stand_ins)
        await stand_ins.begun[step].wait()
        await handle.execute_update(CheckoutWorkflow.retry)

    return told


@dataclass(frozen=True)
class Outcome:
    """How one recorded checkout goes."""

    result: CheckoutResult
    payments: tuple[PaymentOutcome, ...] = (PaymentOutcome.PAID,)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    told: Tell = _reported


def outcomes() -> dict[str, Outcome]:
    """The recorded outcomes, by the names of their files."""
    withdrawn = CartRefused((CartProblem(0, CartReason.BEAT_WITHDRAWN, "Dusk"),))
    unpaid = (PaymentOutcome.WAITING, PaymentOutcome.EXPIRED)
    return {
        "completed": Outcome(CheckoutResult.COMPLETED),
        "cancelled": Outcome(CheckoutResult.CANCELLED, unpaid, told=_unreported),
        "failed": Outcome(CheckoutResult.FAILED, (PaymentOutcome.FAILED,)),
        "held": Outcome(
            CheckoutResult.COMPLETED,
            (PaymentOutcome.HELD, PaymentOutcome.PAID),
            told=_looked_at_again_after("confirm_payment"),
        ),
        "file_missing": Outcome(
            CheckoutResult.COMPLETED,
            failures={"issue_downloads": [AssetNotFound("dusk", AssetKind.STEMS)]},
            told=_looked_at_again_after("issue_downloads"),
        ),
        "cart_refused": Outcome(
            CheckoutResult.REFUSED, failures={"place_order": [withdrawn]}, told=_left_alone
        ),
        "page_refused": Outcome(
            CheckoutResult.REFUSED,
            failures={
                "place_order": [Unavailable("PostgreSQL")],
                "open_checkout_session": [CheckoutRefused("customer_email")],
            },
            told=_left_alone,
        ),
    }
