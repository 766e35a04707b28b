"""A soak: whether what our programs hold, and what an order leaves behind, stays the same."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

import psutil

from tests.chaos.evidence import Execution
from tests.chaos.fleet import Fleet
from tests.chaos.invariants import Finding, Kind
from tests.chaos.vocabulary import PROGRAMS

WATCHED = (*PROGRAMS, "postgres", "temporal", "stripe")
LOOK = 5.0  # seconds between two samples
WARMING_UP = 60.0  # seconds of a process's life that count for nothing
LONG_ENOUGH = 90.0  # seconds of samples, at least
GROWTH, ROOM = 1.10, 8 * 2**20  # of memory: this much in all, or so many bytes, is flat
MORE_CONNECTIONS = 3
MORE_HISTORY = 1.05


@dataclass(frozen=True)
class Sample:
    """What one process held at a moment; memory in bytes, its children's included."""

    at: float
    memory: int
    connections: int


@dataclass
class Watch:
    """Samples of every process, by part and process id."""

    fleet: Fleet
    samples: defaultdict[tuple[str, int], list[Sample]] = field(
        default_factory=lambda: defaultdict(list)
    )

    async def run(self) -> None:
        """Looks, for ever."""
        while True:
            for part in WATCHED:
                pid = self.fleet.pid(part)
                sample = await asyncio.to_thread(_sample, pid) if pid is not None else None
                if pid is not None and sample is not None:
                    self.samples[part, pid].append(sample)
            await asyncio.sleep(LOOK)

    def lines(self) -> Iterator[str]:
        for part, (early, late) in self._held().items():
            yield (
                f"{part}: memory {early.memory / 2**20:.0f} to {late.memory / 2**20:.0f} MiB, "
                f"connections {early.connections} to {late.connections}, "
                f"over {late.at - early.at:.0f} s"
            )

    def findings(self) -> Iterator[Finding]:
        """What grew in one of our own programs."""
        held = self._held()
        for part in PROGRAMS:
            if part not in held:
                continue  # it never lived for long
            early, late = held[part]
            if late.memory > max(early.memory * GROWTH, early.memory + ROOM):
                yield Finding(Kind.WRONG, f"the memory of {part} grows")
            if late.connections > early.connections + MORE_CONNECTIONS:
                yield Finding(Kind.WRONG, f"the connections of {part} grow")

    def _held(self) -> dict[str, tuple[Sample, Sample]]:
        """Early and late in the longest life of each part; the middle of a quarter each."""
        found: dict[str, tuple[Sample, Sample]] = {}
        for (part, _), samples in self.samples.items():
            warm = [each for each in samples if each.at - samples[0].at >= WARMING_UP]
            if len(warm) * LOOK < LONG_ENOUGH:
                continue
            quarter = len(warm) // 4
            ends = _middle(warm[:quarter]), _middle(warm[-quarter:])
            known = found.get(part)
            if known is None or ends[1].at - ends[0].at > known[1].at - known[0].at:
                found[part] = ends
        return found


def history_sizes(executions: list[Execution]) -> tuple[float, float]:
    """Bytes of a checkout's history in the middle: of the first third, and of the last."""
    checkouts = sorted(
        (each for each in executions if each.kind == "Checkout"), key=lambda each: each.began
    )
    third = len(checkouts) // 3
    sizes = [float(each.history_bytes) for each in checkouts]
    return median(sizes[:third]), median(sizes[-third:])


def history_findings(executions: list[Execution]) -> Iterator[Finding]:
    early, late = history_sizes(executions)
    if late > early * MORE_HISTORY:
        yield Finding(Kind.WRONG, f"histories grow: {early:.0f} to {late:.0f} bytes")


def _middle(samples: list[Sample]) -> Sample:
    return Sample(
        at=median(each.at for each in samples),
        memory=round(median(each.memory for each in samples)),
        connections=round(median(each.connections for each in samples)),
    )


def _sample(pid: int) -> Sample | None:
    """None where the process has just ended."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        memory = sum(each.memory_info().rss for each in family)
        connections = sum(
            connection.status == psutil.CONN_ESTABLISHED
            for each in family
            for connection in each.net_connections("tcp")
        )
    except psutil.Error:
        return None
    return Sample(time.time(), memory, connections)
