"""What counts as an order's recovery."""

from dataclasses import replace

import pytest

from tests.chaos.plan import plan
from tests.chaos.recovery import Course
from tests.chaos.result import Result
from tests.chaos.vocabulary import Scenario

SMOOTH = Course(order_id="ord_1", paid=100.0, heard=100.0, cleared=None, done=107.0)


def result(*courses: Course, swept_at: float) -> Result:
    return Result(
        plan=plan(Scenario.CLEAN, 0, 1),
        placed=0,
        faults=0,
        paid=0,
        persisted=0,
        findings=[],
        courses=list(courses),
        swept_at=swept_at,
    )


@pytest.mark.parametrize(
    ("heard", "cleared", "seconds"),
    [(100.5, None, 6.5), (102.0, None, 5.0), (102.0, 106.0, 1.0), (105.0, 103.0, 2.0)],
)
def test_it_counts_from_what_last_stood_in_the_way(
    heard: float, cleared: float | None, seconds: float
) -> None:
    assert replace(SMOOTH, heard=heard, cleared=cleared).recovery == seconds


def test_it_never_counts_from_before_the_payment() -> None:
    assert replace(SMOOTH, heard=99.0, cleared=98.0).recovery == 7.0


def test_an_order_that_nobody_asked_for_counts_from_the_sweep_or_not_at_all() -> None:
    silent = replace(SMOOTH, heard=None)
    assert result(silent, swept_at=105.0).recoveries == [2.0]
    assert result(silent, swept_at=200.0).recoveries == []
