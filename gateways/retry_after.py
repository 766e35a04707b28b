"""How long a vendor asks to be left alone."""

from collections.abc import Mapping
from datetime import timedelta

LONGEST_WAIT = timedelta(hours=1)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """What `Retry-After` says, where it says so in whole seconds; an hour at the most."""
    by_name = {name.lower(): value for name, value in headers.items()}
    seconds = by_name.get("retry-after", "")
    if not (seconds.isascii() and seconds.isdigit()) or len(seconds) > 9:
        return None
    return min(timedelta(seconds=int(seconds)), LONGEST_WAIT)
