import json
import subprocess
import sys

from cli.sparing import OPTIONAL

LOADED = """
import importlib, json, sys
from cli.sparing import spared
with spared(*sys.argv[2:]):
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


def loaded(server: str, *spared: str) -> set[str]:
    libraries = set(json.loads(python(LOADED, server, *spared)))
    assert {"sqlalchemy", "stripe", "structlog", "temporalio"} <= libraries
    return libraries


def test_servers_load_nothing_that_only_commands_and_tests_need() -> None:
    needless = {*OPTIONAL, "alembic", "sandbox", "typer"}
    assert not loaded("worker") & needless
    assert not loaded("api.app", "aiohttp") & {*needless, "aiohttp", "jinja2"}


def test_what_was_spared_is_found_afterwards() -> None:
    assert python(FOUND) == "spared\n"
