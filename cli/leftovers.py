"""What a killed launcher leaves running where the system doesn't end children with their parent."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from sandbox.process import write_private

PROCESSES = "processes.json"
GRACE = 5.0  # seconds that a leftover has to end by itself


def record(data: Path, pids: Iterable[int]) -> None:
    """Remembers our children by id and birth, since ids are used again."""
    born = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            born[pid] = psutil.Process(pid).create_time()
    write_private(data / PROCESSES, json.dumps(born))


def end(data: Path) -> int:
    """Ends recorded processes that still run, and theirs; says how many there were."""
    path = data / PROCESSES
    if not path.exists():
        return 0
    left: list[psutil.Process] = []
    for pid, born in json.loads(path.read_text()).items():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid))
            if abs(process.create_time() - born) < 1:
                left += [process, *process.children(recursive=True)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + GRACE
    while running := [process for process in left if _runs(process)]:
        if time.monotonic() > deadline:
            for process in running:
                process.kill()
        psutil.wait_procs(running, timeout=0.05)
    path.unlink()
    return len(left)


def _runs(process: psutil.Process) -> bool:
    """A zombie doesn't; where nobody collects them they stay for good."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
