"""Starts a program that does not outlive its parent: guard.py PARENT UID:GID PROGRAM ARGUMENT…

Run by path, isolated and without site, it costs some 10 ms: less than a fork of a threaded parent
with `preexec_fn`, and without that one's deadlocks.
"""

import ctypes
import os
import signal
import sys
from typing import NamedTuple

# linux/prctl.h and linux/capability.h
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


class User(NamedTuple):
    """Whom a program runs as."""

    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"

    @classmethod
    def parse(cls, text: str) -> "User":
        uid, gid = text.split(":")
        return cls(int(uid), int(gid))

    @classmethod
    def current(cls) -> "User":
        return cls(os.geteuid(), os.getegid())


def die_with(parent: int, last_signal: signal.Signals = signal.SIGKILL) -> None:
    """Has Linux send us `last_signal` when the thread of `parent` that started us ends.

    A change of user clears this, so it comes after `become`. Elsewhere only a parent that is gone
    already is noticed.
    """
    if sys.platform == "linux":
        _system_call("prctl", PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent has ended")


def become(user: User, reach: list[str]) -> None:
    """Gives up root for good; exits with a sentence if `user` could not get at all of `reach`.

    Files below a folder closed to others (a root-only home, say) are reached by one capability
    that Linux lets us keep: to read past permissions, or where containers withhold that, to pass
    them.
    """
    if user == User.current():
        return
    if sys.platform == "linux":
        _system_call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
    barred = [path for path in reach if not os.access(path, os.R_OK | os.X_OK)]
    if barred and not (sys.platform == "linux" and _keep_passage()):
        sys.exit(f"user {user.uid} may not enter {barred[0]}")


def _keep_passage() -> bool:
    """Keeps across exec a capability that opens closed folders; false if there is none."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable of 0…31, then of 32…63
    _system_call("capget", header, sets)
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        bit = 1 << capability
        if sets[1] & bit:
            _system_call("capset", header, (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0))
            _system_call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)
            return True
    return False


def _system_call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    wide = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    if getattr(libc, name)(*wide) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def main() -> None:
    """Becomes the program that the command line names, which ends when its parent does."""
    parent, user, *command = sys.argv[1:]
    become(User.parse(user), [part for part in command if part.startswith("/")])
    die_with(int(parent))
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):  # ignored ones would stay so
        signal.signal(number, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
