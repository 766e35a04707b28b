"""Short runs of everything at once, on a seed that stays and on one that never came before.

What they print repeats them.
"""

import secrets
from pathlib import Path

import pytest

from tests.chaos.plan import Scenario, plan
from tests.chaos.run import Run
from tests.chaos.world import world
from tests.system import free_base

FIXED = 20261123
ORDERS = 8
SPAN = 5.0  # seconds over which buyers come and blows fall


@pytest.mark.timeout(400)  # on a busy machine
async def test_whatever_fails_who_paid_gets_the_files_and_nobody_else(tmp_path: Path) -> None:
    async with world(tmp_path, free_base()) as up:
        for seed in (FIXED, secrets.randbelow(10**6)):
            planned = plan(Scenario.EVERYTHING, ORDERS, seed, SPAN)
            options = f"--orders {ORDERS} --span {SPAN:g} --seed {seed}"
            print(f"make chaos ARGS='{options}'")
            result = await Run(planned, up, print).result()
            assert result.held, "\n".join(result.lines())
            print(result.line())


def test_a_seed_gives_the_same_plan_and_another_seed_another() -> None:
    def planned(seed: int) -> object:
        return plan(Scenario.EVERYTHING, 50, seed)

    assert planned(1) == planned(1)
    assert planned(1) != planned(2)
