"""The arithmetic of a run."""

import asyncio
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from bench.figures import Spread, each_of, middle_of, percentile, spent
from bench.histories import actions_in
from bench.purchases import Purchase, made_by
from bench.result import Readings, Report, Result
from bench.stage import cpu_seconds
from bench.systems import BEATLINE, FLOOR
from bench.table import BEGIN, END, markdown, placed
from bench.targets import judged
from tests.replay.record import HISTORIES

MACHINE = {"processor": "2 x some"}
BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0, 2.0], 0.5) == 1.5
    assert percentile([float(number) for number in range(101)], 0.99) == 99.0
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_is_never_outside_what_was_timed(values: list[float], share: float) -> None:
    assert min(values) <= percentile(values, share) <= max(values) + 1e-6


def test_what_programs_have_used_is_shared_by_the_orders() -> None:
    used = spent({"api": 1.0, "worker": 2.0}, {"api": 1.5, "worker": 4.0})
    assert each_of(used, 10) == {"api": 0.05, "worker": 0.2}
    assert middle_of([{"api": 1.0}, {"api": 9.0}, {"api": 2.0}]) == {"api": 2.0}


def test_a_program_s_processor_time_is_what_it_has_used() -> None:
    command = [sys.executable, "-c", BUSY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as busy:  # noqa: S603
        assert busy.stdout is not None
        busy.stdout.readline()
        assert 0.2 < cpu_seconds(busy.pid) < 5
        busy.communicate(b"\n")


def test_the_actions_of_a_completed_checkout_are_counted() -> None:
    history = WorkflowHistory.from_json("completed", (HISTORIES / "completed.json").read_text())
    actions = actions_in(history.events)
    assert actions["start"] == actions["update"] == actions["signal"] == 1
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    kinds = [event.event_type for event in history.events]
    assert actions["activities"] == kinds.count(scheduled) > 0


async def test_so_many_buyers_make_so_many_purchases() -> None:
    at_once, most = 0, 0

    async def buy() -> Purchase:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return Purchase(str(time.perf_counter()), 0.1, 0.01, 0.05)

    assert len(await made_by(3, 10, buy)) == 10
    assert most == 3


def result(system: str, buyers: int, checkout: float) -> Result:
    purchases = [Purchase("ord_1", checkout, 0.01, 0.05)] * 4
    before = Readings({"worker": 1.0, "api": 1.0, "floor": 1.0, "driver": 0.0}, 0, 0)
    after = Readings({"worker": 1.2, "api": 1.2, "floor": 1.2, "driver": 0.2}, 40, 8)
    return Result.of(system, buyers, purchases, 2.0, before, after)


def test_a_result_is_told_per_order() -> None:
    told = result(BEATLINE, 10, 0.03)
    assert told.orders_per_second == 2.0
    assert told.checkout == Spread(30.0, 30.0)
    assert told.cpu_of("api", "worker") == pytest.approx(100)
    assert (told.statements, told.stripe_calls) == (10, 2)
    assert Result.middle([told, told, result(BEATLINE, 10, 9.0)]).checkout.p50 == 30.0


def test_a_target_that_is_missed_is_told_as_missed() -> None:
    results = [result(FLOOR, buyers, 0.03) for buyers in (1, 10)]
    slow = [result(BEATLINE, 1, 0.9), result(BEATLINE, 10, 0.03)]
    histories = {BEATLINE: {"events": 40.0, "bytes": 9000.0, "actions": 11.0}}
    report = Report(MACHINE, 5.0, (*results, *slow), histories)
    missed = [target.name for target in judged(report) if not target.is_met]
    assert missed == ["checkout p50 alone: bare workflow + emulator + 15 ms"]
    assert "✗" in markdown(report)


def test_a_part_of_a_run_has_no_targets() -> None:
    report = Report(MACHINE, 5.0, (result(BEATLINE, 10, 0.03),), {})
    assert judged(report) == []
    assert "✓" not in markdown(report)


def test_a_document_gets_the_newest_tables_in_the_place_of_the_last() -> None:
    once = placed("old", f"Before.\n{BEGIN}{END}\nAfter.\n")
    again = placed("new", once)
    assert again == f"Before.\n{BEGIN}\n\nnew\n{END}\nAfter.\n"


def test_a_run_on_a_busy_machine_says_so() -> None:
    results = (result(BEATLINE, 10, 0.03),)
    quiet, busy = (Report({"load before": load}, 5.0, results, {}) for load in ("0.10", "3.20"))
    assert "busy" not in markdown(quiet)
    assert "busy" in markdown(busy)
