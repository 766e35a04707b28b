"""What a soak makes of its samples."""

from pathlib import Path

import pytest

from tests.chaos.fleet import Fleet
from tests.chaos.soak import LOOK, Sample, Watch

MEMORY = 150 * 2**20


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(Fleet([], tmp_path))


def sampled(watch: Watch, memory: float, connections: float, pid: int = 7, count: int = 60) -> None:
    """Samples that begin alike and grow by so much at each look."""
    for number in range(count):
        held = Sample(
            at=number * LOOK,
            memory=round(MEMORY + number * memory),
            connections=round(9 + number * connections),
        )
        watch.samples["worker-1", pid].append(held)


def test_what_stays_the_same_is_nothing_to_find(watch: Watch) -> None:
    sampled(watch, memory=0, connections=0)
    assert list(watch.findings()) == []
    assert list(watch.lines()) == [
        "worker-1: memory 150 to 150 MiB, connections 9 to 9, over 180 s"
    ]


def test_memory_that_grows_is_found(watch: Watch) -> None:
    sampled(watch, memory=2**20, connections=0)
    assert [each.words for each in watch.findings()] == ["the memory of worker-1 grows"]


def test_connections_that_grow_are_found(watch: Watch) -> None:
    sampled(watch, memory=0, connections=0.2)
    assert [each.words for each in watch.findings()] == ["the connections of worker-1 grow"]


def test_the_longest_of_a_parts_lives_counts_and_a_short_one_does_not(watch: Watch) -> None:
    sampled(watch, memory=2**20, connections=0, pid=1, count=20)
    assert list(watch.findings()) == []
    sampled(watch, memory=0, connections=0, pid=2)
    assert list(watch.findings()) == []
