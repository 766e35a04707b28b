"""`beatline setup`: what Temporal must know before the first order."""

from settings import ReconciliationSettings, TemporalSettings, load
from temporal.connection import connect_now
from temporal.setup import register_search_attributes, schedule_reconciliation


async def set_up() -> list[str]:
    """Prepares the namespace; returns what was done, line by line. Raises Unavailable."""
    temporal, sweep = load(TemporalSettings), load(ReconciliationSettings)
    client = await connect_now(temporal.payload_keys, temporal.environment)
    is_new = await schedule_reconciliation(
        client, temporal.temporal_task_queue, sweep.reconcile_every, sweep.reconcile_hours
    )
    # Last: a cluster that does not let us, such as Temporal Cloud, has its schedule all the same.
    added = await register_search_attributes(client)
    minutes = round(sweep.reconcile_every.total_seconds() / 60)
    outcome = "scheduled" if is_new else "updated"
    return [
        f"Search attributes: {', '.join(added) or 'all there already'}.",
        f"Reconciliation every {minutes} min, at most {sweep.reconcile_hours} h back: {outcome}.",
    ]
