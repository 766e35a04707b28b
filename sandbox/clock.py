"""A clock that tests may set ahead or back."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The wall clock plus an offset that only tests and chaos runs change."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def timestamp(self) -> int:
        """Whole seconds since the epoch."""
        return int(self.now().timestamp())
