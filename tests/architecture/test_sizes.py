"""No room grows crowded: a file or function that is too long wants to be two."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = "activities api cli database domain gateways sandbox temporal workflows".split()
LONGEST_FILE = 300  # lines
LONGEST_FUNCTION = 40  # lines, its docstring not counted


def files() -> Iterator[Path]:
    yield from ROOT.glob("*.py")
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")


def is_a_migration(file: Path) -> bool:
    return file.parent.name == "versions"


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = ast.get_docstring(function, clean=False)
    lines = len(docstring.splitlines()) if docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - lines


FILES = [file for file in files() if not is_a_migration(file)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_neither_the_file_nor_any_of_its_functions_is_too_long(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    functions = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert {each.name: length(each) for each in functions if length(each) > LONGEST_FUNCTION} == {}
