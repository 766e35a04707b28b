"""Where a checkout leads its buyer."""

import pytest

from domain.checkout import success_page


@pytest.mark.parametrize(
    ("success_url", "page"),
    [
        (
            "https://s.example/ok?session={CHECKOUT_SESSION_ID}&a=b",
            "https://s.example/ok?session=cs_1&a=b",
        ),
        ("https://s.example/{CHECKOUT_SESSION_ID}#top", "https://s.example/cs_1#top"),
        ("https://s.example/ok", "https://s.example/ok?session_id=cs_1"),
        ("https://s.example/ok?a=%20b#top", "https://s.example/ok?a=%20b&session_id=cs_1#top"),
    ],
)
def test_buyers_come_back_to_the_page_of_their_order(success_url: str, page: str) -> None:
    assert success_page(success_url, "cs_1") == page
