"""Webhook calls: what is provably Stripe's and an event is read, everything else is refused."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import example, given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from domain.errors import EventRefused
from domain.webhook import SUBSCRIBED, WebhookEvent
from gateways.stripe_webhook import read_event

SECRET, OLDER = "whsec_of_the_tests", "whsec_older"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OBJECT = {
    "id": "cs_1",
    "client_reference_id": "ord_1",
    "metadata": {"order_id": "ord_1", "environment": "development"},
}


def event(**changes: Any) -> dict[str, Any]:
    sound = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "created": 1_700_000_000,
        "data": {"object": OBJECT},
        "livemode": False,
    }
    return sound | changes


def of_object(**changes: Any) -> dict[str, Any]:
    return event(data={"object": OBJECT | changes})


def signed(payload: bytes, secret: str = SECRET, at: datetime = NOW) -> str:
    sign = stripe.WebhookSignature.generate_signature_header
    return str(sign(payload.decode(), secret, int(at.timestamp())))


def taken(payload: Any, secrets: list[str] | None = None) -> WebhookEvent | None:
    """What is read of a call that Stripe made."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read_event(body, signed(body), secrets or [SECRET], NOW)


def read(payload: Any, secrets: list[str] | None = None) -> WebhookEvent:
    """The same, of a kind that we know."""
    event = taken(payload, secrets)
    assert event is not None
    return event


BODY = json.dumps(event()).encode()


def test_a_signed_event_is_read_with_its_order_and_environment() -> None:
    created = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    completed = WebhookEvent(
        "evt_1", "checkout.session.completed", "cs_1", "ord_1", None, created, "development"
    )
    assert read(event()) == completed


@pytest.mark.parametrize(
    ("secrets", "told"), [([OLDER, SECRET], [2]), ([SECRET, OLDER], []), (["", SECRET], [2])]
)
def test_any_active_secret_may_have_signed_and_which_is_told(
    secrets: list[str], told: list[int]
) -> None:
    with capture_logs() as lines:
        assert read(event(), secrets).id == "evt_1"
    assert [line["place"] for line in lines] == told


@pytest.mark.parametrize("secrets", [[], [""], [" "], [OLDER], [SECRET[:-1]]])
def test_without_the_secret_that_signed_nothing_is_read(secrets: list[str]) -> None:
    with pytest.raises(EventRefused):
        read_event(BODY, signed(BODY), secrets, NOW)


def test_nobody_signs_with_an_empty_secret() -> None:
    with pytest.raises(EventRefused):
        read_event(BODY, signed(BODY, ""), [""], NOW)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_a_call_is_fresh_for_five_minutes_on_either_side(seconds: int) -> None:
    header = signed(BODY, at=NOW + timedelta(seconds=seconds))
    assert read_event(BODY, header, [SECRET], NOW) == read(event())


@pytest.mark.parametrize("seconds", [-(10**9), -301, 301, 10 * 365 * 86_400])
def test_a_stale_call_is_refused_and_so_is_one_from_the_future(seconds: int) -> None:
    header = signed(BODY, at=NOW + timedelta(seconds=seconds))
    with pytest.raises(EventRefused) as refused:
        read_event(BODY, header, [SECRET], NOW)
    assert refused.value.reason == "the signature's time is too far from ours"


STAMP = int(NOW.timestamp())
MAC = signed(BODY).partition("v1=")[2]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=1,v1=é",
        f"t={STAMP},v1=é",
        f"t={STAMP},v1=\udce9",
        f"t={STAMP}",
        f"v1={MAC}",
        f"t=,v1={MAC}",
        f"t=now,v1={MAC}",
        f"t=-{STAMP},v1={MAC}",
        f"t={STAMP}.0,v1={MAC}",
        f"t=²,v1={MAC}",
        f"t={'9' * 5000},v1={MAC}",
        f"t={STAMP},t={STAMP},v1={MAC}",
        f"t=1,t={STAMP},v1={MAC}",
        f"t={STAMP},v0={MAC}",
        f"t={STAMP},v1={MAC[:-1]}",
        f"t={STAMP + 1},v1={MAC}",
        f"t={STAMP},v1",
        f"t={STAMP}" + ",v1=0" * 10_000,
        f"T={STAMP},V1={MAC}",
    ],
)
def test_a_header_that_proves_nothing_is_refused(header: str | None) -> None:
    with pytest.raises(EventRefused):
        read_event(BODY, header, [SECRET, OLDER], NOW)


def test_one_true_signature_among_false_ones_is_enough() -> None:
    header = f"t={STAMP},v1=0,v0=1,v1={MAC}"
    assert read_event(BODY, header, [SECRET], NOW) == read(event())


@pytest.mark.parametrize("altered", [BODY + b" ", BODY.replace(b"ord_1", b"ord_2"), b""])
def test_an_altered_body_is_refused(altered: bytes) -> None:
    with pytest.raises(EventRefused):
        read_event(altered, signed(BODY), [SECRET], NOW)


def test_a_body_that_is_no_text_is_refused() -> None:
    with pytest.raises(EventRefused):
        read_event(b"\xff\xfe", signed(BODY), [SECRET], NOW)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"7",
        b'"evt_1"',
        b"{}",
        b"{" * 10,
        b"[" * 2000 + b"]" * 2000,
        b'{"data":' * 2000 + b"{}" + b"}" * 2000,
        BODY.replace(b'"cs_1"', b"[" * 2000 + b"]" * 2000),
        b'{"id": "\\ud800"}',
        b" " * 2**20,
        b"x" * 2**20,
        event(id=7),
        event(id="evt_"),
        event(id="evt_\u0000"),
        event(id="evt_" + "x" * 255),
        event(id="in_1"),
        event(type=None),
        event(created="1700000000"),
        event(created=-1),
        event(created=1.5),
        event(created=2**40),
        event(created=10**400),
        event(data=[]),
        event(data={}),
        event(data={"object": None}),
        event(data={"object": "cs_1"}),
        of_object(id=7),
        of_object(id="cs\u0000"),
        of_object(metadata=[]),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(payload: Any) -> None:
    with pytest.raises(EventRefused) as refused:
        read(payload)
    assert refused.value.reason == "no event of Stripe's shape"


@pytest.mark.parametrize(
    "payload",
    [
        {  # a "thin" event, of Stripe's second API
            "id": "evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0",
            "object": "v2.core.event",
            "type": "v1.billing.meter.error_report_triggered",
            "created": "2026-11-23T12:00:00.000Z",
            "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters"},
        },
        event(type="v2.core.account[requirements].updated"),
        event(type="Payment Done", id=None, created=None, data=None),
    ],
)
def test_a_signed_event_of_a_kind_that_is_new_to_us_is_no_business_of_ours(payload: Any) -> None:
    assert taken(payload) is None


@pytest.mark.parametrize(
    ("found", "order_id", "environment"),
    [
        (of_object(metadata={}), "ord_1", None),
        (of_object(metadata=None), "ord_1", None),
        (of_object(metadata=None, client_reference_id=None), None, None),
        (of_object(metadata={"order_id": 7, "environment": 8}), None, None),
        (of_object(metadata={"order_id": None}), "ord_1", None),
        (of_object(metadata={"order_id": ""}), "ord_1", None),
        (of_object(metadata={"order_id": "ord_2"}), "ord_2", None),
        (of_object(metadata={"order_id": ["ord_2"], "environment": {}}), None, None),
        (of_object(metadata={"order_id": "ord_2", "environment": "other"}), "ord_2", "other"),
        (of_object(metadata={"order_id": "ord\u0000"}), None, None),
        (of_object(metadata={"order_id": "x" * 256}), None, None),
        (event(data={"object": {}}), None, None),
        (of_object(id=None), "ord_1", "development"),
    ],
)
def test_odd_metadata_is_no_reason_to_refuse(
    found: dict[str, Any], order_id: str | None, environment: str | None
) -> None:
    told = read(found)
    assert (told.order_id, told.environment) == (order_id, environment)


@pytest.mark.parametrize(
    ("payment_intent", "payment_id"),
    [("pi_1", "pi_1"), (None, None), (7, None), ("pi\u0000", None), ({"id": "pi_1"}, None)],
)
def test_an_event_bears_the_payment_that_it_is_about(
    payment_intent: Any, payment_id: str | None
) -> None:
    dispute = of_object(metadata={}, client_reference_id=None, payment_intent=payment_intent)
    told = read(dispute)
    assert (told.order_id, told.payment_id) == (None, payment_id)


def test_a_large_event_is_read() -> None:
    big = of_object(description="x" * 2**20)
    assert read(big).object_id == "cs_1"


@given(st.binary(max_size=200), st.none() | st.text(max_size=80))
@example(b"", f"t={STAMP},v1=")
def test_no_stranger_is_believed_and_no_nonsense_breaks_the_reader(
    payload: bytes, header: str | None
) -> None:
    with pytest.raises(EventRefused):
        read_event(payload, header, [SECRET, ""], NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["id", "type", "created", "data"]


@given(st.dictionaries(st.sampled_from(FIELDS), json_values), st.none() | json_values)
def test_whatever_is_signed_is_read_left_or_refused(changes: dict[str, Any], subject: Any) -> None:
    payload = event(data={"object": subject}) | changes
    try:
        told = taken(payload)
    except EventRefused:
        return
    if told is None:
        assert payload["type"] not in SUBSCRIBED
    else:
        assert isinstance(told.order_id, str | None)
        assert "\x00" not in f"{told.id}{told.type}{told.object_id}{told.order_id}"
