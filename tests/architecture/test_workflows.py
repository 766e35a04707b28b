"""Every activity is registered and has its step and its limits; histories bear ids alone."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest

import activities
import temporal
import worker
import workflows
from activities.wiring import activities_of, clients_of
from database.engine import Database
from gateways.stripe_client import CALLS_WITHIN, stripe_client
from gateways.stripe_pace import LONGEST_QUEUE
from tests.cloud import EveryFile
from worker import WORKFLOWS
from workflows import options, steps

PRIVATE = ("email", "phone", "name", "secret", "key", "token", "password", "address")

# What begins a workflow, and the words for what `StartOptions` requires of each.
STARTS = r"\b(start(_child)?_workflow|WithStartWorkflowOperation|ScheduleActionStartWorkflow)$"
OPTIONS = ("start_options", "self._options()")


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{found.name}")


def defined_activities() -> set[str]:
    """Every function of activities/ that Temporal knows as one."""
    return {
        f"{kind.__name__}.{name}"
        for module in modules(activities)
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind.__module__ == module.__name__
        for name, function in vars(kind).items()
        if hasattr(function, "__temporal_activity_definition")
    }


def executed_activities() -> list[str]:
    """What workflows/steps.py executes, in its own words."""
    tree = ast.parse(Path(inspect.getfile(steps)).read_text())
    return [
        ast.unparse(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and re.search("execute_(local_)?activity", ast.unparse(call.func))
    ]


async def test_every_activity_is_registered() -> None:
    async with stripe_client("sk_test_1") as stripe:
        database = Database("postgresql://nobody@127.0.0.1:1/none")
        day = timedelta(days=1)
        clients = clients_of(database, stripe, EveryFile(), "development", day, day)
        registered = activities_of(clients)
        await database.aclose()
    assert {function.__qualname__ for function in registered} == defined_activities()
    assert len(registered) == len(defined_activities()) >= 5


def test_every_activity_has_one_step() -> None:
    steps_of = Counter(executed_activities())
    assert steps_of.keys() == defined_activities()
    # Tried at once within the workflow's own task, and then as a step of its own.
    twice = {"OrderActivities.place_order", "DownloadActivities.issue_downloads"}
    assert {name for name, count in steps_of.items() if count != 1} == twice


def test_steps_alone_execute_activities() -> None:
    for module in modules(workflows):
        source = Path(inspect.getfile(module)).read_text()
        assert ("execute_activity" in source) == (module is steps)


def policies() -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(options).items()
        if name.isupper() and isinstance(value, dict) and not name.endswith("AT_ONCE")
    }


@pytest.mark.parametrize("name", policies())
def test_every_policy_notices_a_dead_worker_and_backs_off(name: str) -> None:
    policy = policies()[name]
    noticed_after = policy.get("heartbeat_timeout") or policy["start_to_close_timeout"]
    assert timedelta(seconds=1) < noticed_after <= timedelta(minutes=1)
    assert policy["retry_policy"].backoff_coefficient > 1
    assert policy["retry_policy"].maximum_interval is not None
    assert policy["retry_policy"].maximum_attempts == 0  # by time, if at all, never by number
    assert not policy["retry_policy"].non_retryable_error_types  # refusals say so themselves


def test_a_worker_that_dies_at_a_workflows_task_is_missed_as_one_at_a_step_is() -> None:
    begun = [
        {each.arg: ast.unparse(each.value) for each in call.keywords}
        for room in (temporal, workflows)
        for module in modules(room)
        for call in ast.walk(ast.parse(Path(inspect.getfile(module)).read_text()))
        if isinstance(call, ast.Call) and re.search(STARTS, ast.unparse(call.func))
    ]
    assert len(begun) == 8
    for given in begun:
        assert given.get("task_timeout") == "MISSED_AFTER" or given[None] in OPTIONS


def test_what_is_tried_at_once_ends_before_its_task_must_be_prolonged() -> None:
    limit = options.DATABASE_ROW_AT_ONCE["start_to_close_timeout"]
    assert limit is not None
    assert limit < 0.8 * options.MISSED_AFTER  # when the SDK prolongs a task


@pytest.mark.parametrize("name", [name for name in policies() if "MUST_SUCCEED" in name])
def test_what_must_succeed_is_never_given_up(name: str) -> None:
    assert "schedule_to_close_timeout" not in policies()[name]


@pytest.mark.parametrize("name", ["VENDOR_CALL_FOR_BUYER", "VENDOR_CALL_MUST_SUCCEED"])
def test_what_asks_stripe_has_time_for_the_answer_its_turn_and_the_books(name: str) -> None:
    needed = CALLS_WITHIN + LONGEST_QUEUE + timedelta(seconds=1)
    assert policies()[name]["start_to_close_timeout"] >= needed


def definitions() -> Iterator[Any]:
    """Temporal's own view of every workflow, signal, update, query and activity."""
    for kind in WORKFLOWS:
        workflow = kind.__temporal_workflow_definition
        yield workflow
        for handlers in (workflow.signals, workflow.updates, workflow.queries):
            yield from handlers.values()
    for name in defined_activities():
        owner, function = name.split(".")
        for module in modules(activities):
            if hasattr(module, owner):
                yield getattr(getattr(module, owner), function).__temporal_activity_definition


def values_in_histories() -> set[type[Any]]:
    """Every dataclass that any of these takes or gives, and those within them."""
    found = set[type[Any]]()
    pending = [
        each
        for definition in definitions()
        for each in (*(definition.arg_types or ()), getattr(definition, "ret_type", None))
    ]
    while pending:
        each = pending.pop()
        pending += get_args(each)  # of a union, a list
        if inspect.isclass(each) and dataclasses.is_dataclass(each) and each not in found:
            found.add(each)
            pending += get_type_hints(each).values()
    return found


def test_what_a_history_keeps_bears_no_name_address_or_secret() -> None:
    found = values_in_histories()
    assert {kind.__name__ for kind in found} >= {
        "Checkout",
        "PaymentReported",
        "CheckoutSession",
        "Closing",
        "Receipt",
        "Traced",  # by a union
        "UnsentReceipt",
    }
    for kind in found:
        for field in dataclasses.fields(kind):
            assert not any(word in field.name for word in PRIVATE), f"{kind.__name__}.{field.name}"


def test_every_workflow_has_a_name_that_outlives_its_class() -> None:
    names = [workflow.__temporal_workflow_definition.name for workflow in WORKFLOWS]
    assert names == ["Checkout", "PaymentReview", "Refund", "Reconciliation", "Receipt"]


@pytest.mark.parametrize("module", [options, worker])
def test_every_limit_says_why_it_is_what_it_is(module: ModuleType) -> None:
    source = Path(inspect.getfile(module)).read_text()
    lines = source.splitlines()
    limits = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and re.search(r"timedelta|Policy|= \d", ast.unparse(node))
    ]
    assert len(limits) >= 6
    explained = {node.end_lineno for node in limits if lines[node.lineno - 2].startswith("# ")}
    for node in limits:
        follows = node.lineno - 1 in explained  # the two share a comment
        assert node.end_lineno in explained or follows, ast.unparse(node.targets[0])
