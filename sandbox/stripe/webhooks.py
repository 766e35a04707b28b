"""Decides when events go out: at once, held back, or as the faults in force have it."""

from collections.abc import Iterable

from sandbox.stripe.courier import Courier
from sandbox.stripe.faults import Faults, WebhookFault
from sandbox.stripe.ledger import Ledger
from sandbox.stripe.outbox import Delivery, Outbox


class Webhooks:
    """The way from a committed event to the courier."""

    def __init__(self, courier: Courier, ledger: Ledger, outbox: Outbox, faults: Faults) -> None:
        self._courier = courier
        self._ledger = ledger
        self._outbox = outbox
        self._faults = faults
        self._gathered: list[Delivery] = []
        self._kept: list[tuple[Delivery, float]] = []
        self.held = False

    def resume(self, wall: float) -> None:
        """Take up what was owed when the process last ended; `wall` in seconds since the epoch."""
        for delivery in self._outbox.pending():
            if delivery.due <= wall:
                self._send(delivery)
            else:
                self._send_in(delivery.due - wall, delivery)

    def dispatch(self, deliveries: Iterable[Delivery]) -> None:
        """Send new deliveries."""
        for delivery in deliveries:
            event = self._ledger.find("event", delivery.event) if self._faults.webhooks else None
            fault = self._faults.on_webhook(event["type"]) if event else None
            if fault is None:
                self._send(delivery)
            else:
                self._strike(fault, delivery)

    def release(self) -> None:
        """Let go of what was held."""
        self.held = False
        kept, self._kept = self._kept, []
        for delivery, skew in kept:
            self._send(delivery, skew)

    def forget(self) -> None:
        """Drop everything under way."""
        self._courier.forget()
        self._gathered.clear()
        self._kept.clear()
        self.held = False

    async def stop(self) -> None:
        await self._courier.stop()

    def _strike(self, fault: WebhookFault, delivery: Delivery) -> None:
        match fault.effect:
            case "drop":
                delivery.state = "dropped"
                self._outbox.save(delivery)
            case "double":
                self._send(delivery)
                self._send(delivery)
            case "delay":
                self._send_in(fault.delay, delivery)
            case "shuffle":
                self._gather(fault, delivery)
            case "skew":
                self._send(delivery, fault.skew)

    def _gather(self, fault: WebhookFault, delivery: Delivery) -> None:
        """Collect what comes within the window, then send it in another order, one by one."""
        self._gathered.append(delivery)
        if len(self._gathered) > 1:
            return

        def scatter() -> None:
            gathered, self._gathered = self._gathered, []
            for each in fault.shuffled(gathered):
                self._send(each, lane="shuffled")

        self._courier.later(fault.delay, scatter)

    def _send_in(self, seconds: float, delivery: Delivery) -> None:
        self._courier.later(seconds, lambda: self._send(delivery))

    def _send(self, delivery: Delivery, skew: float = 0.0, lane: str | None = None) -> None:
        if self.held:
            self._kept.append((delivery, skew))
        else:
            self._courier.send(delivery, skew, lane)
