"""The demo's own purchases, as `make demo` makes them."""

from io import StringIO

from rich.console import Console

from cli.demo import Account, Demo
from cli.shopper import Shopper
from cli.state import Addresses


def test_every_check_of_the_demo_holds(shopper: Shopper, addresses: Addresses) -> None:
    told = StringIO()
    account = Account(Console(file=told, width=120))
    shopper.email = "Buyer@Beatline.example"
    Demo(shopper, addresses, account).run()
    assert account.close() == 0, told.getvalue()
    assert told.getvalue().count("as published") == 7  # three masters, two stems; one of each
