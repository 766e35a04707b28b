"""`show`: one order on one page, our books and Stripe's word side by side."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from api.schemas.order import OrderView
from cli.orders import printing, words
from cli.orders.office import Office
from cli.orders.printing import cell, table
from cli.orders.record import Record, gather
from cli.orders.views import PaymentView, RecordView
from database.order_record import GrantedFile
from domain.stuck import Stuck
from temporal.inspection import WorkflowState


async def show(office: Office, reference: str, *, as_json: bool) -> None:
    record = await gather(office, await office.order(reference))
    if as_json:
        printing.as_json(view_of(record))
    else:
        _print(record, printing.console())


def view_of(record: Record) -> RecordView:
    payment = record.payment
    views = {
        "order": OrderView.model_validate(record.order),
        "stuck": record.standstill,
        "stripe": PaymentView.model_validate(payment) if payment is not None else None,
        "differences": record.differences,
    }
    return RecordView.model_validate(vars(record) | views)


def _print(record: Record, show: Console) -> None:
    _print_head(record, show)
    _print_items(record, show)
    _print_books(record, show)
    _print_sides(record, show)
    for workflow in filter(None, [record.workflow, *record.related]):
        _print_workflow(workflow, show)
    if record.workflow is None and "workflow" not in record.missing:
        show.print(cell("Temporal knows of no checkout of it: retry starts one.", "yellow"))
    for name, why in record.missing.items():
        show.print(cell(f"Without {_ASKED[name]}: {why}.", "yellow"))


_ASKED = {"workflow": "its workflows", "stripe": "Stripe's word"}


def _print_head(record: Record, show: Console) -> None:
    order = record.order
    buyer = [order.customer_email, order.customer_name, order.customer_phone]
    show.print(
        cell(
            f"{order.id}  {order.status}  {words.amount(order.total, order.refunded)}  "
            f"{order.kind}, placed {words.instant(order.created_at)} UTC",
            "bold",
        )
    )
    show.print(cell(f"Buyer: {', '.join(filter(None, buyer)) or 'not known yet'}"))
    if record.standstill is not None:
        since = words.span(datetime.now(UTC) - record.standstill.since)
        why = words.STUCK[record.standstill.why]
        show.print(cell(f"Stuck for {since}: {why}.", "bold yellow"))
    for other in sorted(order.waits_for - {order.attention}):
        show.print(cell(f"Then: {words.STUCK[Stuck(other.value)]}.", "yellow"))


def _print_items(record: Record, show: Console) -> None:
    rows = [
        (item.beat.title, item.license_type, item.quantity, item.unit_price, item.total)
        for item in record.order.items
    ]
    _print_table(show, "Items", ("beat", "license", "quantity", "price", "total"), rows)


def _print_books(record: Record, show: Console) -> None:
    history = [
        (words.instant(line.at), line.event, ", ".join(f"{k}: {v}" for k, v in line.detail.items()))
        for line in record.history
    ]
    _print_table(show, "History", ("at (UTC)", "what", "more"), history)
    events = [
        (words.instant(event.received_at), event.type, event.id, event.outcome or "not delivered")
        for event in record.events
    ]
    titles = ("received (UTC)", "type", "event", "outcome")
    _print_table(show, "Stripe's events", titles, events)
    files = [
        (file.title, file.license_type, file.asset, words.instant(file.granted_at), _links(file))
        for file in record.downloads
    ]
    columns = ("beat", "license", "file", "granted (UTC)", "links handed out")
    _print_table(show, "Downloads", columns, files)


def _links(file: GrantedFile) -> str:
    if file.last_link_at is None:
        return "none"
    return f"{file.links}, the last at {words.instant(file.last_link_at)}"


def _print_table(
    show: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    if rows:
        show.print(table(title, columns, rows))
    else:
        show.print(cell(f"{title}: none"))


def _print_sides(record: Record, show: Console) -> None:
    """Our books and Stripe's word; lines that do not agree are marked."""
    order, payment = record.order, record.payment
    if payment is None:
        return
    differences = record.differences
    ours = ", ".join(f"{id_} {state}" for id_, state in record.disputes.items())
    theirs = ", ".join(f"{each.dispute_id} {each.state}" for each in payment.disputes)
    paid_at = words.instant(order.paid_at), words.instant(payment.paid_at)
    lines = [
        ("state", order.status, payment.state),
        ("amount", order.total, payment.amount),
        ("refunded", order.refunded, payment.refunded),
        ("disputes", ours or "none", theirs or "none"),
        ("paid at", *paid_at),
        ("payment", order.payment_id, payment.payment_intent_id),
        ("session", order.session_id, payment.session_id),
    ]
    rows = [
        [cell(value, "bold red" if name in differences else "") for value in (sign, name, *sides)]
        for name, *sides in lines
        for sign in ("≠" if name in differences else "",)
    ]
    show.print(table("Our books and Stripe", ("", "", "our books", "Stripe"), rows))


def _print_workflow(workflow: WorkflowState, show: Console) -> None:
    ended = f" to {words.instant(workflow.closed_at)}" if workflow.closed_at else ""
    show.print(
        cell(
            f"{workflow.type} {workflow.id}: {workflow.status}, "
            f"{words.instant(workflow.started_at)}{ended} UTC",
            "bold",
        )
    )
    if workflow.details:
        show.print(cell(f"  {workflow.details}"))
    elif workflow.is_running:
        show.print(cell("  No worker says what it waits for.", "yellow"))
    for step in workflow.steps:
        when = f", again at {words.instant(step.next_attempt_at)}" if step.next_attempt_at else ""
        show.print(cell(f"  {step.name}: attempt {step.attempt}{when}", "yellow"))
        if step.failure:
            show.print(cell(f"    {step.failure}", "red"))
    if workflow.task is not None:
        since = words.span(datetime.now(UTC) - workflow.task.since)
        show.print(cell(f"  Waits {since} for a worker, attempt {workflow.task.attempt}", "yellow"))
        if workflow.task.failure:
            show.print(cell(f"    {workflow.task.failure}", "red"))
