"""Buyers are sent back to the operator's sites and to nobody else's."""

import pytest

from api.errors import InvalidInput
from api.origins import AllowedOrigins

ALLOWED = AllowedOrigins(["https://shop.example", "http://localhost:3000/"])


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example/success?session_id={CHECKOUT_SESSION_ID}",
        "https://SHOP.example:443/a/b#c",
        "http://localhost:3000/cart",
    ],
)
def test_the_operators_own_sites_are_allowed(url: str) -> None:
    ALLOWED.require(successUrl=url)


def test_a_host_in_letters_is_told_how_browsers_spell_it() -> None:
    with pytest.raises(ValueError, match="xn--"):
        AllowedOrigins(["https://größer.example"])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/success",
        "//shop.example/",
        "https:shop.example",
        "https:///shop.example",
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://shop.example.evil.example/",
        "https://evil.example/https://shop.example",
        "https://shop.example@evil.example/",
        "https://user:secret@shop.example/",
        "https://shop.example\\@evil.example/",
        "https://shop.example\t/",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example/ path",
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://shop.example/",
        "https://shop.example:99999/",
        "https://shop.example:0/",
        "http://localhost:0/",
        "https://shop.example./",
        "https://shop%2eexample/",
        "https://shop.example%2f@evil.example/",
        "https://shop.example\u3002/",
        "https://shop\u00ad.example/",
        "https://shop.exam\u2028ple/",
        "https://shop.example;@evil.example/",
        "http://localhost:3000.evil.example/",
        "http://[::ffff:127.0.0.1]:3000/",
        "http://127.1:3000/",
        "http://2130706433:3000/",
        "HTTPS://evil.example#https://shop.example/",
        "https://shop.example:443@evil.example/",
        "\x00https://shop.example/",
        " https://shop.example/",
        "https://shop.example:port/",
        "https://[shop.example/",
        "https://ѕhop.example/",
    ],
)
def test_every_other_address_is_refused_by_its_field(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ALLOWED.require(successUrl=url)
    assert [problem.field for problem in refused.value.problems] == ["successUrl"]
