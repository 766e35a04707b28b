"""The rate limits as dependencies of routes."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from api.dependencies import Desks, DesksHere
from api.limits import Scope
from api.schemas.receipt import ReceiptRequest
from domain.errors import EmailMismatch, EventRefused, SiteNotAllowed


def client_address(request: Request) -> str:
    """Whom to count: an IPv4 address, or the network of an IPv6 one, of which clients have many."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


async def limit_checkouts(request: Request, here: DesksHere) -> None:
    await here.limits.spend(Scope.CHECKOUT, client_address(request))


async def limit_lookups(request: Request, here: DesksHere) -> None:
    await here.limits.spend(Scope.ORDERS, client_address(request))


async def limit_downloads(request: Request, here: DesksHere) -> AsyncIterator[None]:
    """Counts downloads by address; and by order, whenever its buyer's e-mail address was wrong."""
    await here.limits.spend(Scope.DOWNLOADS, client_address(request))
    order_id = request.path_params.get("orderId") or request.query_params.get("orderId", "")
    async with _guesses_counted(here, order_id):
        yield


async def limit_events(request: Request, here: DesksHere) -> None:
    await here.limits.spend(Scope.EVENTS, client_address(request))


async def require_known_site(request: Request, here: DesksHere) -> None:
    """Raises SiteNotAllowed where a page of another site has its visitors' browsers call.

    Some calls browsers make without asking first, and only keep the answer from the page.
    """
    origin = request.headers.get("origin")
    if origin is not None and not here.origins.allow(origin):
        raise SiteNotAllowed


async def limit_receipts(wanted: ReceiptRequest, here: DesksHere) -> AsyncIterator[None]:
    """Counts wrong e-mail addresses by order, and lets no order's mailbox be flooded."""
    await here.limits.require(Scope.RECEIPTS, wanted.order_id)
    async with _guesses_counted(here, wanted.order_id):
        yield


async def limit_rejects(request: Request, here: DesksHere) -> AsyncIterator[None]:
    """Counts webhook calls that were not Stripe's; Stripe's own are taken however many there are.

    Behind a proxy that nobody told us to trust, whoever forges calls has Stripe's address.
    """
    try:
        yield
    except EventRefused:
        await here.limits.spend(Scope.WEBHOOK_REJECTS, client_address(request))
        raise


@asynccontextmanager
async def _guesses_counted(here: Desks, order_id: str) -> AsyncIterator[None]:
    """Counts wrong e-mail addresses by order.

    Guesses made at once would all pass a look at the beginning: a right one among them is told
    from the wrong ones only while there are not too many of those.
    """
    await here.limits.require(Scope.WRONG_EMAILS, order_id)
    try:
        yield
    except EmailMismatch:
        await here.limits.spend(Scope.WRONG_EMAILS, order_id)
        raise
    await here.limits.require(Scope.WRONG_EMAILS, order_id)
