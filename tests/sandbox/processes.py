"""Whether processes have ended, for tests that kill their parents."""

import time
from collections.abc import Iterable

import psutil


def all_ended(processes: Iterable[psutil.Process], within: float = 5.0) -> bool:
    """Waits at most `within` seconds; a zombie has ended, whenever its new parent notices."""
    deadline = time.monotonic() + within
    while left := [process for process in processes if _runs(process)]:
        if time.monotonic() > deadline:
            return False
        psutil.wait_procs(left, timeout=0.05)
    return True


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
