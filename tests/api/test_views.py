"""Views of domain values: what does not fit is told without what it holds."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from api.schemas.order import OrderView
from tests.making import TRACKOUT, order, price_id


def test_an_order_that_does_not_fit_is_told_without_its_buyer() -> None:
    """Such an error would be a bug of ours, and its words would reach the log."""
    sound = order(price_id("dusk", TRACKOUT), customer_email="a@private.example")
    broken = replace(sound, customer_email=b"a@private.example", paid_at="a@private.example")  # type: ignore[arg-type]
    with pytest.raises(ValidationError) as error:
        OrderView.model_validate(broken)
    assert "paidAt" in str(error.value) or "paid_at" in str(error.value)
    assert "private.example" not in str(error.value)
