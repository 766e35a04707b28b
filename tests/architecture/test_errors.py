"""Every way of saying no is worded, and survives its journey through Temporal."""

import dataclasses
import string
from datetime import timedelta
from typing import Any, get_type_hints

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, DefaultPayloadConverter
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.refusals import from_application_error, refusal_behind, to_application_error
from api.wording import CART_PROBLEMS, ERRORS
from domain import errors
from domain.errors import BeatlineError, CartProblem, CartReason, Refusal, Unavailable

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, BeatlineError)
    and kind not in (BeatlineError, Refusal)
]
SAMPLES: dict[Any, Any] = {
    str: "a word",
    str | None: "parameter",
    bool: False,
    tuple[CartProblem, ...]: (
        CartProblem(0, CartReason.UNKNOWN_PRICE, "price_1"),
        CartProblem(7, CartReason.BEAT_WITHDRAWN, "Dusk"),
    ),
    timedelta | None: timedelta(seconds=7),
}


def made(kind: type[BeatlineError]) -> Any:
    """An error with something in each of its fields."""
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: SAMPLES[hints[name]] for name in names})


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_there_are_errors_to_look_at() -> None:
    assert len(KINDS) >= 18


def test_every_error_has_its_row_and_every_row_its_error() -> None:
    assert set(ERRORS) == set(KINDS)


def test_every_error_has_a_code_of_its_own() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rows_sentence_names_only_what_the_error_has(kind: type[BeatlineError]) -> None:
    assert placeholders(ERRORS[kind].sentence) <= vars(made(kind)).keys()


def test_every_reason_against_a_cart_has_its_sentence() -> None:
    assert set(CART_PROBLEMS) == set(CartReason)
    for field, sentence in CART_PROBLEMS.values():
        assert field in ("priceId", "beatId", "licenseType")
        assert placeholders(sentence) <= {"subject"}


def travelled(error: ApplicationError) -> BaseException:
    """An error as it comes out at the other end, by way of Temporal's own form of it."""
    converter, failure = DefaultFailureConverter(), Failure()
    converter.to_failure(error, DefaultPayloadConverter(), failure)
    sent = Failure.FromString(failure.SerializeToString())
    return converter.from_failure(sent, DefaultPayloadConverter())


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_arrives_as_it_was_sent(kind: type[BeatlineError]) -> None:
    sent = made(kind)
    arrived = from_application_error(travelled(to_application_error(sent)))
    assert type(arrived) is kind
    if isinstance(sent, Unavailable):  # its delay is Temporal's to keep, and over by then
        assert to_application_error(sent).next_retry_delay == sent.retry_after
        sent.retry_after = None
    assert vars(arrived) == vars(sent)


@pytest.mark.parametrize("kind", KINDS)
def test_refusals_are_final_and_absences_are_not(kind: type[BeatlineError]) -> None:
    error = to_application_error(made(kind))
    final = issubclass(kind, Refusal)
    assert error.non_retryable == final
    assert (error.category is ApplicationErrorCategory.BENIGN) == final


def test_an_error_is_found_behind_others_and_a_strangers_is_not() -> None:
    inner = to_application_error(errors.CheckoutRefused("customer_email"))
    outer = RuntimeError("the activity failed")
    outer.__cause__ = inner
    found = refusal_behind(outer)
    assert isinstance(found, errors.CheckoutRefused)
    assert found.parameter == "customer_email"
    assert refusal_behind(RuntimeError()) is None
    assert refusal_behind(ApplicationError("no", type="CardDeclined")) is None


def test_an_error_of_a_newer_release_is_read_as_far_as_it_is_known() -> None:
    fields = {"parameter": "customer_email", "added_later": 7}
    newer = ApplicationError("checkout_refused", fields, type="CheckoutRefused")
    found = from_application_error(newer)
    assert isinstance(found, errors.CheckoutRefused)
    assert found.parameter == "customer_email"
