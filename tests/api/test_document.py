"""The OpenAPI document: committed, true to the code, and clean of what we never answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.app import document

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def test_the_committed_document_is_the_codes() -> None:
    committed = json.loads(COMMITTED.read_text("utf-8"))
    assert committed == document(), "the document has drifted: run `make openapi`"


@pytest.mark.parametrize("name", operations())
def test_every_endpoint_declares_its_errors_in_the_one_shape(name: str) -> None:
    responses = operations()[name]["responses"]
    failures = {status: answer for status, answer in responses.items() if int(status) >= 400}
    assert {"500", "503"} <= set(failures)
    assert "422" not in failures
    for answer in failures.values():
        schema = answer["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Failure"}


def test_an_orders_fields_are_all_there_always() -> None:
    for name in ("OrderView", "OrderItemView", "BeatView", "LicenseView"):
        schema = document()["components"]["schemas"][name]
        assert set(schema["required"]) == set(schema["properties"])
