import json
import subprocess
import sys

from cli.sparing import OPTIONAL

LOADED = """
import importlib, json, sys
from cli.sparing import spared
with spared():
    importlib.import_module(sys.argv[1])
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""
FOUND = """
from cli.sparing import spared
with spared():
    try:
        import rich
    except ModuleNotFoundError:
        print("spared")
import rich
"""


def python(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return answer.stdout


def test_servers_load_nothing_that_only_commands_and_tests_need() -> None:
    for server in ("worker", "api.app"):
        loaded = set(json.loads(python(LOADED, server)))
        assert {"sqlalchemy", "stripe", "structlog", "temporalio"} <= loaded
        assert not loaded & {*OPTIONAL, "alembic", "sandbox", "typer"}, server


def test_what_was_spared_is_found_afterwards() -> None:
    assert python(FOUND) == "spared\n"
