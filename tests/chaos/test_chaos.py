"""A short run of everything at once; `make chaos` runs longer ones, on any seed."""

from pathlib import Path

import pytest

from tests.chaos.plan import plan
from tests.chaos.run import Run
from tests.chaos.vocabulary import Scenario
from tests.chaos.world import world
from tests.system import free_base

SEED = 20261123
ORDERS = 8
SPAN = 5.0  # seconds over which buyers come and blows fall


@pytest.mark.timeout(400)  # on a busy machine
async def test_whatever_fails_who_paid_gets_the_files_and_nobody_else(tmp_path: Path) -> None:
    planned = plan(Scenario.EVERYTHING, ORDERS, SEED, SPAN)
    async with world(tmp_path, free_base()) as up:
        result = await Run(planned, up, print).result()
    assert result.held, "\n".join(result.lines())


def test_a_seed_gives_the_same_plan_and_another_seed_another() -> None:
    def planned(seed: int) -> object:
        return plan(Scenario.EVERYTHING, 50, seed)

    assert planned(1) == planned(1)
    assert planned(1) != planned(2)
