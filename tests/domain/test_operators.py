"""Who may read what is encrypted."""

import base64

import pytest

from domain.operators import Operators

TOKEN, OTHER = "t" * 32, "o" * 40
OPERATORS = Operators.parse(f" one:{TOKEN}, two:{OTHER}")


def basic(name: str, token: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{token}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("authorization", "name"),
    [
        (f"Bearer {TOKEN}", "one"),
        (f"bearer  {OTHER} ", "two"),
        (basic("one", TOKEN), "one"),
        (basic("two", TOKEN), None),  # another's token
        (basic("one", ""), None),
        (basic("", TOKEN), None),
        (f"Bearer {TOKEN}x", None),
        ("Bearer ", None),
        ("Bearer tökén", None),
        (f"Digest {TOKEN}", None),
        (TOKEN, None),
        ("Basic ***", None),
        ("Basic /w==", None),
        ("", None),
    ],
)
def test_an_operator_is_known_by_a_token(authorization: str, name: str | None) -> None:
    assert OPERATORS.identify(authorization) == name


def test_switched_off_everybody_is_let_in() -> None:
    assert Operators.parse(" OFF ").identify("") == "anybody"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no token"),
        (TOKEN, "entry 1 is not of the form"),
        (f"one:{TOKEN},{OTHER}", "entry 2 is not of the form"),
        (f"one:{TOKEN},off", "entry 2 is not of the form"),
        (f"o ne:{TOKEN}", "entry 1 is not of the form"),
        (f"one:{TOKEN[1:]}", "one's token needs 32 or more"),
        (f"one:{TOKEN} x", "one's token needs"),
        (f"one:{TOKEN},one:{OTHER}", "two tokens are one's"),
    ],
)
def test_tokens_that_are_unfit_are_refused_without_being_shown(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        Operators.parse(text)
    assert "ttt" not in str(refused.value)
    assert "ooo" not in str(refused.value)
    assert "ttt" not in repr(OPERATORS)
