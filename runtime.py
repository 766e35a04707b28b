"""A long-lived process of ours: how it loads, settles once it is ready, and ends."""

import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

# How many objects may be made between two looks at the youngest ones. An order makes some thousand
# that reference counting frees by itself; Python's own 700 has it look several times an order.
YOUNG_OBJECTS = 5_000


@contextmanager
def loading() -> Iterator[None]:
    """Within this block the garbage collector rests, for what imports make is there to stay.

    It would look at all of it again and again, for a tenth of the time that imports take.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle() -> None:
    """Takes what start-up made out of the garbage collector's sight: to be called once ready.

    Modules, classes and compiled statements live as long as the process does. Each full collection
    looked at all of them, and whoever was being served waited for it, 90 to 180 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def end_process(code: int) -> NoReturn:
    """Ends a process that has used Temporal's client, with all that was written written.

    Python sometimes aborts while it takes down that client's threads, with all work long done.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads any more
            stream.flush()
    os._exit(code)
