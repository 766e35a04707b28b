"""The OpenAPI document is true: thousands of calls find no answer that it does not name."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.shop import Shop

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
EMAIL = "buyer@beatline.example"


async def run_schemathesis(folder: Path, api: str, examples: int) -> tuple[int, str]:
    """How many calls were made; fails with the whole report if one was answered wrongly."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", str(DOCUMENT), "--url", api, "--checks", CHECKS, "--no-color"),
        # CPython 3.11 cannot parse in two threads at once, as the tool would.
        *("--max-examples", str(examples), "--workers", "1"),
        *("--seed", "1"),  # with some others, the tool's own generator breaks off
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    summary = re.search(r"(\d+) generated, (\d+) passed", output)
    assert summary is not None, output
    assert summary[1] == summary[2], output
    return int(summary[1]), output


@pytest.mark.timeout(400)  # to think of so many calls takes a minute of a processor's time
async def test_calls_of_any_shape_are_answered_as_declared(shop: Shop, tmp_path: Path) -> None:
    calls, _ = await run_schemathesis(tmp_path, shop.addresses.api, examples=100)
    assert calls > 2_000


@pytest.mark.timeout(400)
async def test_calls_about_a_real_order_are_answered_as_declared(
    shop: Shop, tmp_path: Path
) -> None:
    beat, *_ = await shop.full_beats()
    order = await shop.bought({"priceId": beat["stripeTrackoutPriceId"]})
    known: dict[str, Any] = {
        "path.sessionId": order["sessionId"],
        "path.orderId": order["id"],
        "path.beatId": beat["id"],
        "query.orderId": order["id"],
        "query.customerEmail": EMAIL,
    }
    lines = [f'"{name}" = "{value}"' for name, value in known.items()]
    lines += [
        '"body.orderId" = { dictionary = "orders", probability = 1 }',
        '"body.customerEmail" = { dictionary = "emails", probability = 1 }',
    ]
    words = ["[dictionaries]", f'orders.values = ["{order["id"]}"]', f'emails.values = ["{EMAIL}"]']
    config = "\n".join([*words, "[parameters]", *lines, ""])
    (tmp_path / "schemathesis.toml").write_text(config, "utf-8")
    calls, output = await run_schemathesis(tmp_path, shop.addresses.api, examples=30)
    assert calls > 300
    assert "404 Not Found" not in output


@pytest.mark.parametrize("path", ["/api/stripe/create-checkout", "/api/beats", "/docs/x"])
async def test_methods_that_are_not_declared_are_refused(shop: Shop, path: str) -> None:
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        answer = await shop.http.request(method, path)
        assert answer.status_code == (404 if path == "/docs/x" else 405)
        assert answer.json()["success"] is False
