"""Download grants: timed, signed, readable while any active secret made them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.grant_tokens import GrantTokens
from domain.errors import GrantExpired, GrantInvalid

NEW, OLD, OTHER = "n" * 32, "o" * 32, "x" * 32
LIFETIME = timedelta(minutes=30)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def tokens(*secrets: str, clock: Clock | None = None) -> GrantTokens:
    return GrantTokens(list(secrets), LIFETIME, clock or Clock())


def test_a_token_names_its_grant_until_its_time_is_over() -> None:
    clock = Clock()
    made = tokens(NEW, clock=clock)
    token, expiry = made.issue(42), made.expiry()
    clock.now += LIFETIME
    assert made.read(token) == (42, expiry)
    clock.now += timedelta(seconds=1)
    with pytest.raises(GrantExpired):
        made.read(token)


def test_a_rotated_secret_still_reads_and_no_longer_signs() -> None:
    token = tokens(OLD).issue(7)
    assert tokens(NEW, OLD).read(token)[0] == 7
    with pytest.raises(GrantInvalid):
        tokens(OLD).read(tokens(NEW, OLD).issue(7))


def test_another_secret_reads_nothing() -> None:
    with pytest.raises(GrantInvalid):
        tokens(NEW).read(tokens(OTHER).issue(7))


@given(st.text(max_size=200))
def test_whatever_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(GrantInvalid):
        tokens(NEW).read(text)


@given(st.integers(min_value=0, max_value=60), st.characters())
def test_an_altered_token_is_refused(position: int, char: str) -> None:
    made = tokens(NEW)
    token = made.issue(123)
    altered = token[:position] + char + token[position + 1 :]
    if altered == token:
        return
    with pytest.raises((GrantInvalid, GrantExpired)):
        made.read(altered)
