"""Short runs of everything at once; `make chaos` runs longer ones, on any seed."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.plan import plan
from tests.chaos.run import Run
from tests.chaos.vocabulary import Scenario
from tests.chaos.world import world
from tests.system import free_base
from tests.telling import TOLD

FIXED = 20261123
FRESH = secrets.randbelow(10**6)
ORDERS = 8
SPAN = 5.0  # seconds over which buyers come and blows fall


@pytest.mark.timeout(400)  # on a busy machine
@pytest.mark.parametrize("seed", [FIXED, FRESH], ids=["a fixed seed", "a fresh seed"])
async def test_whatever_fails_who_paid_gets_the_files_and_nobody_else(
    seed: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property(TOLD, f"chaos on seed {seed}")  # one that fails, or hangs, can be had again
    planned = plan(Scenario.EVERYTHING, ORDERS, seed, SPAN)
    async with world(tmp_path, free_base()) as up:
        result = await Run(planned, up, print).result()
    record_property(TOLD, result.line())
    assert result.held, "\n".join(result.lines())


@pytest.mark.parametrize("scenario", Scenario)
def test_a_seed_gives_the_same_plan_and_another_seed_another(scenario: Scenario) -> None:
    def planned(seed: int) -> object:
        return plan(scenario, 50, seed)

    assert planned(1) == planned(1)
    assert planned(1) != planned(2)
