"""The emulator as a process: it remembers, and it ends when asked."""

import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import httpx

from tests.sandbox.serving import answers, free_port, started, wait_until
from tests.sandbox.stripe.receiver import SECRET, receiving
from tests.sandbox.stripe.shop import KEY, SETTLES, Shop, eventually

ENVIRONMENT = {"SANDBOX_STRIPE_SECRET_KEY": KEY, "SANDBOX_STRIPE_WEBHOOK_SECRET": SECRET}


@contextmanager
def emulator(data: Path, port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    arguments = ("--port", str(port), "--data", str(data), *options)
    with started("sandbox.stripe", *arguments, environment=ENVIRONMENT) as process:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}"))
        yield process


@asynccontextmanager
async def shop_at(port: int) -> AsyncIterator[Shop]:
    shop = Shop(f"http://127.0.0.1:{port}")
    try:
        yield shop
    finally:
        await shop.close()


async def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    port, receiver_port = free_port(), free_port()
    hook = ("--webhook-url", f"http://127.0.0.1:{receiver_port}/webhook", "--settle-after", "0.1")
    async with shop_at(port) as shop:
        with emulator(tmp_path, port, *hook) as process:
            session = await shop.session()
            keyed = await shop.client.v1.products.create_async(
                {"name": "A"}, {"idempotency_key": "key-1"}
            )
            expiring = await shop.session(expires_at=int(time.time()) + 31 * 60)
            settling = await shop.session()
            await shop.pay_by_debit(settling, SETTLES)
            await shop.pay_by_card(session)
            await shop.switch("clock", offset=32 * 60)
            process.kill()
            process.wait()
        async with receiving(receiver_port) as receiver:
            with emulator(tmp_path, port, *hook):
                assert (await shop.again(session)).payment_status == "paid"
                again = await shop.client.v1.products.create_async(
                    {"name": "A"}, {"idempotency_key": "key-1"}
                )
                assert again.id == keyed.id
                for event in (
                    "checkout.session.completed",
                    "checkout.session.async_payment_succeeded",
                    "checkout.session.expired",
                ):
                    await eventually(partial(receiver.of_type, event))
                assert (await shop.again(settling)).payment_status == "paid"
                assert (await shop.again(expiring)).status == "expired"


async def test_it_ends_within_a_second_though_work_is_pending(tmp_path: Path) -> None:
    port = free_port()
    hook = (
        "--webhook-url",
        f"http://127.0.0.1:{free_port()}/nobody",
        "--webhook-events",
        "price.*",
    )
    with emulator(tmp_path, port, *hook) as process:
        async with shop_at(port) as shop:
            await shop.price()
            assert len(await shop.deliveries("pending")) == 1
            process.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            assert process.wait(5) == 0
            assert time.monotonic() - begun < 1


def test_a_second_process_on_the_same_folder_says_why_it_will_not_start(tmp_path: Path) -> None:
    with emulator(tmp_path, free_port()):
        command = [sys.executable, "-m", "sandbox.stripe", "--data", str(tmp_path)]
        second = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)  # noqa: S603
    assert second.returncode == 1
    assert b"does another emulator use this folder?" in second.stderr


def test_it_will_not_start_without_its_key_or_with_a_live_one(tmp_path: Path) -> None:
    for environment, complaint in (
        ({}, b"SANDBOX_STRIPE_SECRET_KEY is not set"),
        ({"SANDBOX_STRIPE_SECRET_KEY": "sk_live_x"}, b"must begin with sk_test_"),
    ):
        command = [sys.executable, "-m", "sandbox.stripe", "--data", str(tmp_path)]
        ended = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603
        assert ended.returncode == 1
        assert complaint in ended.stderr


def test_it_is_ready_when_its_health_says_so(tmp_path: Path) -> None:
    port = free_port()
    with emulator(tmp_path, port):
        assert httpx.get(f"http://127.0.0.1:{port}/_health").text == "ok"
