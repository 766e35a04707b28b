"""Products and prices."""

import pytest
import stripe

from tests.sandbox.stripe.shop import Shop


async def test_a_product_may_bring_its_own_id_but_only_once(shop: Shop) -> None:
    made = await shop.client.v1.products.create_async({"id": "beat_1", "name": "Night Drive"})
    assert (made.id, made.name, made.active) == ("beat_1", "Night Drive", True)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.client.v1.products.create_async({"id": "beat_1", "name": "Another"})
    assert refusal.value.code == "resource_already_exists"
    kept = await shop.client.v1.products.retrieve_async("beat_1")
    assert kept.name == "Night Drive"


async def test_a_product_is_changed_in_the_named_fields_alone(shop: Shop) -> None:
    products = shop.client.v1.products
    made = await products.create_async({"name": "A", "metadata": {"kept": "1", "gone": "2"}})
    await products.update_async(made.id, {"active": False, "metadata": {"gone": "", "new": "3"}})
    changed = await products.retrieve_async(made.id)
    assert (changed.name, changed.active) == ("A", False)
    assert changed.metadata.to_dict() == {"kept": "1", "new": "3"}
    assert [each.id for each in (await products.list_async({"active": False})).data] == [made.id]


async def test_products_are_listed_by_id(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        await shop.client.v1.products.create_async({"id": name, "name": name})
    listed = await shop.client.v1.products.list_async({"ids": ["a", "c"]})
    assert [each.id for each in listed.data] == ["c", "a"]


async def test_a_lookup_key_belongs_to_one_price_until_it_is_transferred(shop: Shop) -> None:
    first = await shop.price(lookup_key="beat_1:WAV_LEASE")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.price(lookup_key="beat_1:WAV_LEASE")
    assert refusal.value.param == "lookup_key"
    second = await shop.price(lookup_key="beat_1:WAV_LEASE", transfer_lookup_key=True)
    prices = shop.client.v1.prices
    found = await prices.list_async({"lookup_keys": ["beat_1:WAV_LEASE", "other"]})
    assert [each.id for each in found.data] == [second]
    assert (await prices.retrieve_async(first)).lookup_key is None


async def test_prices_are_listed_by_product_and_activity(shop: Shop) -> None:
    product = await shop.client.v1.products.create_async({"name": "Night Drive"})
    prices = shop.client.v1.prices
    kept, withdrawn = [
        await prices.create_async(
            {"product": product.id, "unit_amount": amount, "currency": "eur", "nickname": "WAV"}
        )
        for amount in (1999, 3999)
    ]
    await shop.price()
    await prices.update_async(withdrawn.id, {"active": False, "nickname": ""})
    listed = await prices.list_async({"product": product.id, "active": True})
    assert [each.id for each in listed.data] == [kept.id]
    assert (await prices.retrieve_async(withdrawn.id)).nickname is None


async def test_lists_are_walked_in_both_directions(shop: Shop) -> None:
    made = [await shop.price(amount) for amount in range(100, 107)]
    newest_first = made[::-1]
    prices = shop.client.v1.prices
    page = await prices.list_async({"limit": 3})
    assert ([each.id for each in page.data], page.has_more) == (newest_first[:3], True)
    assert [each.id async for each in page.auto_paging_iter()] == newest_first
    before = await prices.list_async({"limit": 3, "ending_before": newest_first[5]})
    assert ([each.id for each in before.data], before.has_more) == (newest_first[2:5], True)
    last = await prices.list_async({"limit": 3, "starting_after": newest_first[3]})
    assert ([each.id for each in last.data], last.has_more) == (newest_first[4:], False)


async def test_a_cursor_that_does_not_exist_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.client.v1.prices.list_async({"starting_after": "price_gone"})
    assert refusal.value.param == "starting_after"
