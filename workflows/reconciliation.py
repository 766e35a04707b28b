"""Reconciliation: Stripe's word compared with our books, on a schedule and when asked for."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from workflows import steps, visibility

with workflow.unsafe.imports_passed_through():
    from activities.reconciliation import Differences, Missed, Sweep, Window


@dataclass(frozen=True)
class Reconciliation:
    """How far back to look; if `since_last`, no further than nobody has looked yet."""

    hours: int
    since_last: bool = False


@dataclass(frozen=True)
class Report:
    """What was looked at, and what was put right."""

    missed: Missed
    differences: Differences


@workflow.defn(name="Reconciliation")
class ReconciliationWorkflow:
    """One sweep; a second one finds nothing more to do."""

    @workflow.run
    async def run(self, reconciliation: Reconciliation) -> Report:
        began_at = workflow.now()
        window = Window(began_at - timedelta(hours=reconciliation.hours))
        if reconciliation.since_last:
            window = await steps.find_window(window)
        visibility.tell(f"Asking Stripe what happened since {window.since:%Y-%m-%d %H:%M} UTC.")
        missed = await steps.collect_missed_events(window)
        differences = await steps.requeue_differences(window)
        if reconciliation.since_last:  # by hand, any stretch of time may be looked at
            await steps.record_sweep(Sweep(began_at))
        visibility.tell(
            f"{missed.missed} of {missed.seen} events had never reached us; "
            f"{differences.events_requeued} were delivered once more."
        )
        return Report(missed, differences)
