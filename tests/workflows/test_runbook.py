"""What the runbook tells operators to paste and type is understood."""

import re
import shlex
from pathlib import Path

import pytest
from temporalio.client import Client
from typer.main import get_command

from cli.main import app

TEXT = (Path(__file__).parents[2] / "docs/runbook.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
QUERIES = [
    text.strip()
    for language, text in BLOCKS
    if not language and re.match(r"\w+ (=|IS|IN|STARTS_WITH) ", text)
]
COMMANDS = [
    line.partition("#")[0].strip()
    for language, text in BLOCKS
    if language == "sh"
    for line in text.splitlines()
]


@pytest.mark.parametrize("query", QUERIES)
async def test_temporal_understands_the_query(dev_client: Client, query: str) -> None:
    count = await dev_client.count_workflows(query)  # raises RPCError
    found = [each async for each in dev_client.list_workflows(query, limit=1)]
    assert len(found) <= count.count


def test_there_is_a_query_for_each_kind_that_temporal_shows() -> None:
    assert len(QUERIES) >= 8


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_is_understood(line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "beatline"
    command, name = get_command(app), ""
    while commands := getattr(command, "commands", None):
        name = arguments.pop(0)
        command = commands[name]
    command.make_context(name, arguments)  # raises UsageError


def test_every_part_that_it_leads_to_is_there() -> None:
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", TEXT)) <= anchors
    for image in re.findall(r"\]\((images/[^)]*)\)", TEXT):
        assert (Path(__file__).parents[2] / "docs" / image).stat().st_size < 200_000
