"""What the activities work with, and all of them wired to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.decisions import DecisionActivities
from activities.downloads import DownloadActivities
from activities.orders import OrderActivities
from activities.payments import PaymentActivities
from activities.receipts import ReceiptActivities
from activities.reconciliation import ReconciliationActivities
from activities.refunds import RefundActivities
from database.engine import Database
from gateways.cloudinary_assets import CloudinaryAssets
from gateways.mail import Mailer
from gateways.stripe_checkout import StripeCheckout
from gateways.stripe_client import StripeClient
from gateways.stripe_events import StripeEvents
from gateways.stripe_payments import StripePayments


@dataclass(frozen=True)
class Clients:
    """What the activities work with."""

    database: Database
    checkout: StripeCheckout
    payments: StripePayments
    events: StripeEvents
    cloudinary: CloudinaryAssets
    asset_check_every: timedelta
    environment: str
    mailer: Mailer | None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def clients_of(
    database: Database,
    stripe: StripeClient,
    cloudinary: CloudinaryAssets,
    environment: str,
    session_lifetime: timedelta,
    asset_check_every: timedelta,
    mailer: Mailer | None = None,
) -> Clients:
    """Every gateway, those to Stripe on one client."""
    return Clients(
        database,
        StripeCheckout(stripe, environment, session_lifetime),
        StripePayments(stripe, environment),
        StripeEvents(stripe),
        cloudinary,
        asset_check_every,
        environment,
        mailer,
    )


def activities_of(clients: Clients) -> list[Callable[..., Any]]:
    """Every activity, wired to its clients."""
    database, stripe = clients.database, clients.payments
    orders = OrderActivities(database, clients.clock)
    payments = PaymentActivities(database, clients.checkout, stripe)
    downloads = DownloadActivities(
        database, clients.cloudinary, clients.asset_check_every, clients.clock
    )
    refunds = RefundActivities(database, stripe)
    decisions = DecisionActivities(database, stripe)
    reconciliation = ReconciliationActivities(database, clients.events, stripe, clients.environment)
    receipts = ReceiptActivities(database, clients.mailer, clients.clock)
    return [
        orders.place_order,
        orders.close_unopened_order,
        orders.close_order,
        orders.find_status,
        payments.open_checkout_session,
        payments.confirm_payment,
        payments.find_order_of_payment,
        payments.trace_payment,
        downloads.issue_downloads,
        refunds.refund_payment,
        refunds.settle_other_session,
        decisions.carry_out,
        reconciliation.find_window,
        reconciliation.record_sweep,
        reconciliation.collect_missed_events,
        reconciliation.requeue_differences,
        receipts.send_receipt,
        receipts.record_unsent_receipt,
    ]
