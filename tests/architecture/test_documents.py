"""Documents that name tests name tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from domain.webhook import SUBSCRIBED

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("docs/security.md", "tests/end_to_end/README.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_exists(document: str) -> None:
    named = NAMED.findall((ROOT / document).read_text("utf-8"))
    assert len(named) > 30
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert name in names_in(path), f"{path}::{name}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_every_test_by_its_whole_path(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert len(re.findall(r"test_\w+`", text)) == len(NAMED.findall(text))


def test_the_readme_names_every_event_that_an_endpoint_is_to_be_told_of() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (listed,) = re.findall(r"Subscribe a webhook endpoint.*?\n\n", text, re.DOTALL)
    kinds = re.compile(r"`((?:checkout|charge|payment_intent|refund)[a-z_.]+)`")
    assert set(kinds.findall(listed)) == SUBSCRIBED
