"""Spares a server the libraries that others would load for it because they are installed.

Our commands print with rich, our tests ask with httpx. Where these are installed, structlog would
load the one and Stripe's library the other, each with all that it needs, for uses that a server
makes of neither: some 10 MB, and a fifth of the time that its imports take.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

# structlog frames tracebacks with rich, which our logs don't have it do; Stripe's library looks for
# a client of its own choice with the others, and is given ours (`gateways/stripe_pace.py`).
OPTIONAL = frozenset({"httpx", "requests", "rich"})


class _Absent:
    """Finds modules as if these libraries were not installed."""

    def __init__(self, libraries: frozenset[str]) -> None:
        self._libraries = libraries

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in self._libraries:
            raise ModuleNotFoundError(f"{name} is spared", name=name)
        return None


@contextmanager
def spared(*others: str) -> Iterator[None]:
    """Within this block imports do without these libraries; later ones find them."""
    finder = _Absent(OPTIONAL | {*others})
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
