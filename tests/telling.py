"""What tests have to tell whoever runs them, though they hold: printed when all have run."""

import pytest

TOLD = "told"  # the property of a test that holds a line of it


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [each for of_kind in terminalreporter.stats.values() for each in of_kind]
    for report in reports:
        if isinstance(report, pytest.TestReport) and report.when == "call":
            for name, line in report.user_properties:
                if name == TOLD:
                    terminalreporter.write_line(str(line))
