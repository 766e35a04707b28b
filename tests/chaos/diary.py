"""What one buyer did and saw."""

import time
from dataclasses import dataclass, field

from tests.chaos.vocabulary import Buyer

MAIL_DOMAIN = "chaos.example"
NAME = "Somebody Buying"


@dataclass
class Diary:
    """What one buyer did and saw; moments in seconds since the epoch."""

    buyer: Buyer
    wanted: list[tuple[str, int]] = field(default_factory=list)  # price ids and quantities
    sessions: set[str] = field(default_factory=set)
    session: str | None = None
    url: str = ""
    order: str | None = None
    paid_at: float | None = None
    looked_at: float | None = None  # first, after that, with an answer
    has_paid_own_page: bool = False  # not, or not only, another that names the same order
    seen: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  # of files, as the shop gave them
    surprises: list[str] = field(default_factory=list)

    @property
    def email(self) -> str:
        return f"Buyer.{self.buyer.number}@{MAIL_DOMAIN}"

    def saw(self, status: str) -> None:
        if self.looked_at is None and self.paid_at is not None:
            self.looked_at = time.time()
        if self.seen[-1:] != [status]:
            self.seen.append(status)
