"""Stripe's official command-line tool sets off events on the emulator, as developers do."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import KEY, Shop, eventually

PACKAGE = "@stripe/cli@1.52.0"
CATALOG = ["product.created", "price.created"]
PAYING = ["payment_intent.created", "charge.succeeded"]
PAID = [*PAYING, "payment_intent.succeeded"]
FAILED = ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
BEGUN = ["payment_intent.created", "charge.pending", "payment_intent.processing"]
REFUNDED = [*PAID, "refund.created", "charge.refunded"]
INQUIRED = [*PAID, "charge.dispute.created"]

# What each trigger brings about, in order.
TRIGGERS = {
    "checkout.session.completed": [*CATALOG, *PAID, "checkout.session.completed"],
    "checkout.session.expired": [*CATALOG, "checkout.session.expired"],
    "payment_intent.created": ["payment_intent.created"],
    "payment_intent.succeeded": PAID,
    "payment_intent.payment_failed": FAILED,
    "payment_intent.processing": BEGUN,
    "payment_intent.canceled": ["payment_intent.created", "payment_intent.canceled"],
    "payment_intent.amount_capturable_updated": [
        *PAYING,
        "payment_intent.amount_capturable_updated",
    ],
    "charge.succeeded": PAID,
    "charge.failed": FAILED,
    "charge.captured": [
        *PAYING,
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ],
    "charge.refunded": REFUNDED,
    "charge.refund.updated": [*REFUNDED, "refund.updated", "charge.refund.updated"],
    "charge.dispute.created": INQUIRED,
    "charge.dispute.updated": [*INQUIRED, "charge.dispute.updated"],
    "charge.dispute.closed": [*INQUIRED, "charge.dispute.closed"],
    "product.updated": ["product.created", "product.updated"],
    "product.deleted": ["product.created", "product.deleted"],
    "price.updated": [*CATALOG, "price.updated"],
}
DEBITED = [*CATALOG, *BEGUN, "checkout.session.completed"]
SETTLING = {
    "checkout.session.async_payment_succeeded": [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ],
    "checkout.session.async_payment_failed": [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ],
}


@dataclass(frozen=True)
class CommandLine:
    """The tool, at home in a folder of its own."""

    program: Path
    home: Path

    async def trigger(self, event: str, api: str) -> str:
        """What it said; fails unless it was content."""
        environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "STRIPE_API_KEY": KEY,
            "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
        }
        command = [str(self.program), "trigger", event, "--api-base", api]
        status, told = await _run(command, environment)
        assert status == 0, told
        return told


@pytest.fixture(scope="module")
async def command_line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    folder = tmp_path_factory.mktemp("stripe-cli")
    npm = shutil.which("npm")
    if npm is None:
        _missing("npm is not installed")
    options = "--no-save --no-package-lock --ignore-scripts --no-audit --no-fund".split()
    options += ["--fetch-retries=1", "--fetch-timeout=20000"]  # milliseconds
    command = [str(npm), "install", "--prefix", str(folder), *options, PACKAGE]
    status, told = await _run(command, os.environ)
    if status != 0:
        _missing(f"{PACKAGE} cannot be had here: {told}")
    return CommandLine(folder / "node_modules" / ".bin" / "stripe", folder)


@pytest.mark.parametrize("event", TRIGGERS)
async def test_a_trigger_brings_about_its_event(
    shop: Shop, receiver: Receiver, command_line: CommandLine, event: str
) -> None:
    assert "Trigger succeeded" in await command_line.trigger(event, shop.url)
    await eventually(lambda: len(receiver.types) >= len(TRIGGERS[event]))
    assert sorted(receiver.types) == sorted(TRIGGERS[event])
    assert of_payment(receiver) == [each for each in TRIGGERS[event] if each not in CATALOG]


@pytest.mark.parametrize("event", SETTLING)
async def test_a_triggered_debit_settles_later(
    shop: Shop, receiver: Receiver, command_line: CommandLine, event: str
) -> None:
    await command_line.trigger(event, shop.url)
    await eventually(lambda: len(receiver.types) >= len(DEBITED))
    assert sorted(receiver.types) == sorted(DEBITED)
    await shop.switch("clock", offset=2 * 60 * 60)  # past the hour that settling takes here
    await eventually(lambda: receiver.of_type(event))
    assert of_payment(receiver)[-len(SETTLING[event]) :] == SETTLING[event]


def of_payment(receiver: Receiver) -> list[str]:
    """The events but those of the catalogue, which come side by side with them."""
    return [name for name in receiver.types if name not in CATALOG]


async def _run(command: list[str], environment: Mapping[str, str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=dict(environment),
        stderr=asyncio.subprocess.STDOUT,
        stdout=asyncio.subprocess.PIPE,
    )
    told = (await process.communicate())[0].decode()
    return process.returncode, told


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
