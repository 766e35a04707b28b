"""Attempts to collect a payment intent's money, and how they end."""

from dataclasses import dataclass

from sandbox.stripe import disputing, refunding
from sandbox.stripe.errors import Json
from sandbox.stripe.means import BankAccount, Means
from sandbox.stripe.objects import charges, intent_shape
from sandbox.stripe.outcomes import Claim, Decline
from sandbox.stripe.work import Work

SETTLEMENT = "settle debit"  # the timer; its subject is the payment intent
_DEBIT = "sandbox.intent_debit"  # our own record of how a debit will end: no answer shows it


@dataclass(frozen=True)
class Attempt:
    """What came of an attempt: the intent and the charge as they are now."""

    intent: Json
    charge: Json
    decline: Decline | None = None
    claim: Claim | None = None  # what the buyer's bank is about to say


def attempt(work: Work, intent: Json, method: Json, means: Means) -> Attempt:
    """Charge a card at once, or begin a debit, which settles later."""
    outcome = means.outcome
    if isinstance(means, BankAccount):
        return _debit(work, intent, method, means)
    if outcome.decline is not None:
        charge = charges.create(work, intent, method, "failed", outcome)
        work.emit("charge.failed", charge)
        return _failed(work, intent, method, charge, outcome.decline)
    captured = intent["capture_method"] != "manual"
    charge = charges.create(work, intent, method, "succeeded", outcome, captured=captured)
    refunding.expect(work, charge, outcome.refunds)
    work.emit("charge.succeeded", charge)
    if not captured:
        return Attempt(_authorized(work, intent, charge), charge, claim=outcome.claim)
    return Attempt(_succeeded(work, intent, charge), charge, claim=outcome.claim)


def settle(work: Work, intent_id: str, outcome: str | None = None) -> Attempt | None:
    """End a debit under way, as its account or `outcome` (`succeeded`, `failed`) has it.

    None when the intent has no debit under way.
    """
    debit = work.find(_DEBIT, intent_id)
    if debit is None or debit["status"] != "processing":
        return None
    work.timers.cancel(SETTLEMENT, intent_id)
    work.save(debit | {"status": "settled"})
    intent = work.get(intent_shape.KIND, intent_id)
    charge = work.get(charges.KIND, intent["latest_charge"])
    means = BankAccount(debit["iban"])
    decline = _refusal(means, outcome)
    charge = charges.settled(work, charge, decline)
    if decline is None:
        work.emit("charge.succeeded", charge)
        return Attempt(_succeeded(work, intent, charge), charge, claim=means.outcome.claim)
    work.emit("charge.failed", charge)
    method = work.get("payment_method", intent["payment_method"])
    return _failed(work, intent, method, charge, decline)


def capture(work: Work, intent: Json) -> Json:
    """Take the money that was authorized."""
    charge = charges.captured(work, work.get(charges.KIND, intent["latest_charge"]))
    work.emit("charge.captured", charge)
    return _succeeded(work, intent | {"amount_capturable": 0}, charge)


def dispute(work: Work, attempted: Attempt) -> None:
    """Open the dispute that the means of payment stands for, once everybody knows it paid."""
    if attempted.claim is not None:
        claim = attempted.claim
        disputing.open_on(work, attempted.charge, claim.reason, inquiry=claim.inquiry)


def _refusal(account: BankAccount, outcome: str | None) -> Decline | None:
    if outcome is None:
        return account.outcome.decline
    refused = Decline("payment_intent_payment_attempt_failed", "The bank did not allow the debit.")
    return refused if outcome == "failed" else None


def _debit(work: Work, intent: Json, method: Json, account: BankAccount) -> Attempt:
    charge = charges.create(work, intent, method, "pending", account.outcome)
    work.emit("charge.pending", charge)
    processing = work.save(intent | _tried(charge) | {"status": "processing"})
    work.emit("payment_intent.processing", processing)
    record = {"id": intent["id"], "object": _DEBIT, "created": work.now, "status": "processing"}
    work.save(record | {"iban": account.iban})
    work.timers.set(SETTLEMENT, intent["id"], work.now + work.config.settle_after)
    return Attempt(processing, charge)


def _authorized(work: Work, intent: Json, charge: Json) -> Json:
    held = {"amount_capturable": intent["amount"], "status": "requires_capture"}
    waiting = work.save(intent | _tried(charge) | held)
    work.emit("payment_intent.amount_capturable_updated", waiting)
    return waiting


def _succeeded(work: Work, intent: Json, charge: Json) -> Json:
    received = {"amount_received": intent["amount"], "status": "succeeded"}
    succeeded = work.save(intent | _tried(charge) | received)
    work.emit("payment_intent.succeeded", succeeded)
    return succeeded


def _failed(work: Work, intent: Json, method: Json, charge: Json, decline: Decline) -> Attempt:
    error: Json = {
        "charge": charge["id"],
        "code": decline.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        "payment_method_type": method["type"],
        "type": "card_error" if method["type"] == "card" else "invalid_request_error",
    }
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    changes = {
        "last_payment_error": error,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    failed = work.save(intent | _tried(charge) | changes)
    work.emit("payment_intent.payment_failed", failed)
    return Attempt(failed, charge, decline)


def _tried(charge: Json) -> Json:
    """What every attempt changes about an intent."""
    return {
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "payment_method": charge["payment_method"],
    }
