"""Buying in the shop, from the cart to the files, on the real system."""

import hashlib
import re
from pathlib import Path

from playwright.async_api import Request, expect

from tests.browser.buyer import DECLINED, Buyer
from tests.waiting import until

FILES = {"WAV master": "master.wav", "Stems, ZIP": "stems.zip"}


async def test_a_declined_card_then_a_paying_one_then_the_very_files(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Mango Season")
    await buyer.add("Midnight Drive", "Trackout")
    await buyer.add("Corner Store Gospel", "Unlimited")
    await buyer.open_cart()
    await buyer.check_out()
    await buyer.pay(DECLINED)
    await expect(buyer.page.get_by_role("alert").first).to_contain_text("declined")
    await buyer.pay()
    await buyer.sees_order("It’s yours.")
    await buyer.sees_count(0)
    wav, stems = list(FILES)
    licensed = {
        "Mango Season": [wav],
        "Midnight Drive": [wav, stems],
        "Corner Store Gospel": [wav, stems],
    }
    assert await offered(buyer) == licensed
    for title, kinds in licensed.items():
        for kind in kinds:
            assert await fetched(buyer, title, kind) == published(buyer, title, kind)
    await buyer.page.reload()
    await expect(buyer.button(re.compile("^WAV master")).first).to_be_visible()
    assert await offered(buyer) == licensed


async def offered(buyer: Buyer) -> dict[str, list[str]]:
    """Which files the page has a button for, by the titles of their beats."""
    rows = buyer.page.locator(".downloads__beat")
    await expect(rows.first).to_be_visible()
    found = {}
    for row in await rows.all():
        texts = await row.get_by_role("button").all_inner_texts()
        kinds = [kind for text in texts for kind in FILES if text.strip().startswith(kind)]
        found[await row.get_by_role("heading").inner_text()] = kinds
    return found


async def fetched(buyer: Buyer, title: str, kind: str) -> str:
    """The digest of what the browser saves when the file's button is pressed."""
    async with buyer.page.expect_download() as saving:
        await buyer.button(f"{kind} of {title}").click()
    saved = await saving.value
    assert title.split()[0] in saved.suggested_filename
    return hashlib.sha256(Path(await saved.path()).read_bytes()).hexdigest()  # noqa: ASYNC240


def published(buyer: Buyer, title: str, kind: str) -> str:
    folder = Path(buyer.shop.addresses.data) / "beats" / title.lower().replace(" ", "-")
    return hashlib.sha256((folder / FILES[kind]).read_bytes()).hexdigest()


async def test_however_often_and_wherever_it_is_pressed_one_page_opens(buyer: Buyer) -> None:
    keys = set()

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("create-multi-checkout"):
            keys.add(request.headers["idempotency-key"])

    buyer.page.context.on("request", note)
    await buyer.browse()
    await buyer.add("Terrazzo", "Trackout")
    await buyer.open_cart()
    await buyer.button("Check out").evaluate(
        "button => { for (let i = 0; i < 6; i++) button.click(); }"
    )
    await buyer.page.wait_for_url("**/c/pay/**")
    first = buyer.session
    await buyer.open_cart()
    await buyer.page.reload()
    other = await buyer.another_tab("/cart")
    assert [await buyer.check_out(), await other.check_out()] == [first, first]
    assert len(keys) == 1


async def test_a_buyer_who_turns_back_finds_the_cart_as_it_was(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Terrazzo", "Trackout")
    await buyer.open_cart()
    first = await buyer.check_out()
    await buyer.page.get_by_role("link", name="Cancel and go back").click()
    await expect(buyer.says("nothing was charged")).to_be_visible()
    await buyer.sees_count(1)
    await buyer.button("One more").click()
    assert await buyer.check_out() != first  # another cart, another page


async def test_a_buyer_who_never_came_back_is_told_on_the_next_visit(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Overpass")
    await buyer.open_cart()
    session = await buyer.check_out()
    await buyer.shop.pay(buyer.page.url)
    await buyer.shop.order_in("COMPLETED", session)
    await buyer.go("/")
    await expect(buyer.says("Your payment has come through.")).to_be_visible()
    await buyer.sees_count(0)
    await buyer.button("See your order").click()
    await buyer.sees_order("It’s yours.")


async def test_what_visitors_did_is_counted(buyer: Buyer) -> None:
    async def counted(kind: str) -> int:
        query = "SELECT coalesce(sum(count), 0)::int FROM metrics_daily WHERE type = %s"
        return await buyer.shop.count(query, kind)

    kinds = ("add_to_cart", "remove_from_cart", "checkout_started", "download_finished")
    before = [await counted(kind) for kind in kinds]
    await buyer.browse()
    await buyer.add("Overpass")
    await buyer.open_cart()
    await buyer.button(re.compile("^Remove")).click()
    await buyer.button("Put it back").click()
    await buyer.check_out()
    await buyer.pay()
    await buyer.sees_order("It’s yours.")
    await fetched(buyer, "Overpass", "WAV master")

    async def all_told() -> bool:
        now = [await counted(kind) for kind in kinds]
        return all(later > earlier for earlier, later in zip(before, now, strict=True))

    await until(all_told)
