"""The cart of the shop, filled, changed and emptied by hand."""

import re

from playwright.async_api import expect

from tests.browser.buyer import Buyer


async def test_licenses_are_added_changed_and_counted_to_the_cent(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Mango Season")
    await buyer.add("Mango Season", "Trackout")
    await buyer.add("Midnight Drive", "Unlimited")
    await buyer.add("Slow Tide")
    await buyer.add("Slow Tide")  # once more is one more of the same
    await buyer.sees_count(5)
    beats = {beat["title"]: beat for beat in await buyer.shop.beats()}
    cents = [
        beats["Mango Season"]["wavLeasePrice"],
        beats["Mango Season"]["trackoutLeasePrice"],
        beats["Midnight Drive"]["unlimitedLeasePrice"],
        *[beats["Slow Tide"]["wavLeasePrice"]] * 2,
    ]
    await buyer.open_cart()
    await buyer.sees_total(f"€{sum(round(price * 100) for price in cents) / 100:.2f}")


async def test_quantities_licenses_and_removals_change_the_total_at_once(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Terrazzo")
    await buyer.add("Velvet Hours", "Unlimited")
    await buyer.open_cart()
    await buyer.sees_total("€99.98")
    await buyer.button("One more").first.click()
    await buyer.sees_total("€119.97")
    await buyer.button("One less").first.click()
    await buyer.items.first.get_by_role("combobox").select_option("TRACKOUT_LEASE")
    await buyer.sees_total("€119.98")
    await buyer.button(re.compile("^Remove Velvet Hours")).click()
    await buyer.sees_total("€39.99")
    await buyer.button("Put it back").click()
    await buyer.sees_total("€119.98")
    await buyer.page.reload()
    await buyer.sees_total("€119.98")
    await buyer.button("Empty the cart").click()
    await expect(buyer.says("Nothing in your cart")).to_be_visible()
    await buyer.button("Undo the removal").click()
    await buyer.sees_total("€119.98")


async def test_a_removal_is_told_and_taken_back_within_the_drawer_by_keyboard(
    buyer: Buyer,
) -> None:
    await buyer.browse()
    titles = ["Terrazzo", "Overpass", "Slow Tide"]
    for title in titles:
        await buyer.add(title)
    await buyer.page.locator(".nav__cart").click()
    drawer = buyer.page.get_by_role("dialog")
    for title, focused in (
        ("Overpass", "Remove Slow Tide, WAV Lease"),
        ("Slow Tide", "Remove Terrazzo, WAV Lease"),
    ):
        await drawer.get_by_role("button", name=f"Remove {title}").press("Enter")
        await expect(drawer.get_by_role("button", name=focused)).to_be_focused()
    await expect(drawer.get_by_role("status").filter(has_text="Slow Tide")).to_be_visible()
    for _ in range(12):
        await buyer.page.keyboard.press("Tab")
        if await buyer.page.evaluate("document.activeElement.textContent") == "Put it back":
            break
    await expect(drawer.get_by_role("button", name="Put it back")).to_be_focused()
    await buyer.page.keyboard.press("Enter")
    await expect(drawer.get_by_role("heading", level=3)).to_have_text(["Terrazzo", "Slow Tide"])
    await drawer.get_by_role("button", name="Remove Terrazzo").press("Enter")
    await drawer.get_by_role("button", name="Remove Slow Tide").press("Enter")
    await expect(drawer.get_by_role("heading", name="Cart")).to_be_focused()


async def test_two_tabs_show_one_cart(buyer: Buyer) -> None:
    await buyer.browse()
    other = await buyer.another_tab("/cart")
    await buyer.add("Overpass")
    await other.sees_count(1)
    await other.button("One more").click()
    await buyer.sees_count(2)
    await other.button("Empty the cart").click()
    await buyer.sees_count(0)


async def test_stems_are_offered_only_where_the_beat_has_them(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.choose("Glass Harbor")
    await expect(buyer.page.locator(".pad__price")).to_have_text(
        [re.compile("€"), "No stems", "No stems"]
    )
    for license_name in ("Trackout", "Unlimited"):
        radio = buyer.page.get_by_role("radio", name=re.compile(license_name))
        await expect(radio).to_be_disabled()


async def test_the_license_dialog_works_by_keyboard_alone(buyer: Buyer) -> None:
    await buyer.browse()
    opener = buyer.button("License Terrazzo")
    await opener.focus()
    await buyer.page.keyboard.press("Enter")
    await expect(buyer.page.get_by_role("radio", name=re.compile("WAV"))).to_be_focused()
    await buyer.page.keyboard.press("ArrowDown")
    await expect(buyer.page.get_by_role("dialog").locator(".readout")).to_have_text("€39.99")
    within = (
        "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
    )
    for _ in range(6):
        await buyer.page.keyboard.press("Tab")
        assert await buyer.page.evaluate(within), "the focus has left the dialog"
    await buyer.page.keyboard.press("Escape")
    await expect(buyer.page.get_by_role("dialog")).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_what_has_changed_since_is_shown_and_kept_out_of_the_checkout(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Rust and Chrome")
    await buyer.add("Velvet Hours")
    dearer = (
        "UPDATE beat_prices SET amount_minor = amount_minor + %s "
        "WHERE beat_id = 'velvet-hours' AND license_type = 'WAV_LEASE'"
    )
    on_sale = "UPDATE beats SET is_active = %s WHERE id = 'rust-and-chrome'"
    await buyer.shop.database.execute(dearer, (500,))
    await buyer.shop.database.execute(on_sale, (False,))
    try:
        await buyer.open_cart()
        await expect(buyer.says("has been withdrawn since")).to_be_visible()
        await expect(buyer.says("The price has changed since")).to_be_visible()
        await buyer.sees_total("€24.99")
    finally:
        await buyer.shop.database.execute(dearer, (-500,))
        await buyer.shop.database.execute(on_sale, (True,))
    await buyer.page.reload()
    await buyer.sees_total("€39.98")


async def test_a_cart_that_cannot_be_read_is_an_empty_one(buyer: Buyer) -> None:
    await buyer.browse()
    for text in ('{"items": [', "7", '{"version": 99}'):
        await buyer.page.evaluate("text => localStorage.setItem('beatline.cart', text)", text)
        await buyer.page.reload()
        await buyer.sees_count(0)
    await buyer.add("Terrazzo")
    await buyer.sees_count(1)
