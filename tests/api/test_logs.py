"""What a program's log holds: one line for each thing that happened, each an object of JSON."""

import json
import subprocess
import sys
from typing import Any

import pytest

CONFIGURED = """
import logging, structlog, logs
from settings import LogSettings
logs.configure(LogSettings(LOG_FORMAT="json"))
"""


def lines(program: str) -> list[dict[str, Any]]:
    """What a program logs that is set up as ours are."""
    command = [sys.executable, "-c", CONFIGURED + program]
    done = subprocess.run(  # noqa: S603 - a command of our own
        command, capture_output=True, text=True, check=True, timeout=60
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize(
    "speaker", ["structlog.get_logger()", "logging.getLogger('temporalio.worker')"]
)
def test_our_lines_and_the_libraries_are_alike(speaker: str) -> None:
    (line,) = lines(f"{speaker}.warning('said')")
    assert (line["event"], line["level"]) == ("said", "warning")
    assert line["timestamp"].endswith("Z")


def test_warnings_of_python_are_lines_as_well() -> None:
    (line,) = lines("import warnings\nwarnings.warn('said')")
    assert "UserWarning: said" in line["event"]
    assert line["logger"] == "py.warnings"


def test_a_failed_attempt_is_told_once() -> None:
    """By the activities' interceptor; what else Temporal's library says of activities stays."""
    told = lines(
        "speaker = logging.getLogger('temporalio.activity')\n"
        "speaker.warning('failed', extra={'__temporal_error_identifier': 'ActivityFailure'})\n"
        "speaker.warning('reset', extra={'__temporal_error_identifier': 'ActivityReset'})\n"
        "speaker.warning('paused')"
    )
    assert [line["event"] for line in told] == ["reset", "paused"]


def test_a_traceback_quotes_no_local_variables() -> None:
    (line,) = lines(
        "def called(address):\n"
        "    raise ValueError('broken')\n"
        "try:\n"
        "    called('buyer@example.com')\n"
        "except ValueError:\n"
        "    logging.getLogger('anybody').exception('failed')"
    )
    assert line["exception"][0]["exc_value"] == "broken"
    assert "buyer@example.com" not in json.dumps(line)
