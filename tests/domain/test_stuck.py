"""Whatever asks for a person's attention is among the reasons that operators are told."""

import pytest

from cli.orders.words import STUCK
from domain.order import Attention
from domain.stuck import Stuck


@pytest.mark.parametrize("attention", Attention)
def test_every_call_for_attention_is_a_reason_to_be_stuck(attention: Attention) -> None:
    assert Stuck(attention.value) in STUCK


def test_every_reason_has_its_words() -> None:
    assert STUCK.keys() == set(Stuck)
