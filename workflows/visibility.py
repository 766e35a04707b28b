"""What the Temporal UI can search orders by. No names, no addresses: everybody reads these."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from domain.order import OrderStatus, OrderSummary

ORDER_STATUS = SearchAttributeKey.for_keyword("OrderStatus")
STRIPE_SESSION = SearchAttributeKey.for_keyword("StripeSession")
LICENSE_TYPES = SearchAttributeKey.for_keyword_list("LicenseTypes")
TOTAL_MINOR = SearchAttributeKey.for_int("TotalMinor")  # in minor units of the order's currency
NEEDS_ATTENTION = SearchAttributeKey.for_bool("NeedsAttention")

# Everything that a namespace must know before an order is placed in it.
SEARCH_ATTRIBUTES = (ORDER_STATUS, STRIPE_SESSION, LICENSE_TYPES, TOTAL_MINOR, NEEDS_ATTENTION)


def opened(summary: OrderSummary, session_id: str) -> None:
    """Makes an order whose payment page is open findable."""
    _upsert(
        ORDER_STATUS.value_set(OrderStatus.PENDING),
        STRIPE_SESSION.value_set(session_id),
        LICENSE_TYPES.value_set(summary.license_types),
        TOTAL_MINOR.value_set(summary.total.minor),
    )


def now(status: OrderStatus) -> None:
    _upsert(ORDER_STATUS.value_set(status))


def needs_attention(needed: bool) -> None:
    _upsert(NEEDS_ATTENTION.value_set(needed))


def held(status: OrderStatus) -> None:
    """Says of an order which waits for a person where it stands until then."""
    _upsert(ORDER_STATUS.value_set(status), NEEDS_ATTENTION.value_set(True))


def tell(details: str) -> None:
    """One sentence for whoever opens the workflow: what it waits for."""
    workflow.set_current_details(details)


def clock() -> str:
    """The time of the current step, as operators read it."""
    return f"{workflow.now():%Y-%m-%d %H:%M} UTC"


def _upsert(*updates: SearchAttributeUpdate[Any]) -> None:
    workflow.upsert_search_attributes(updates)
