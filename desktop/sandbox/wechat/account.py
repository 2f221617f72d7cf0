"""The official account as a whole: followers, clock, switches and every store the endpoints share."""

import datetime
import fnmatch
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.imitation import Imitation
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.settings import SERVICE, TEST, Settings
from desktop.sandbox.world.followers import Followers
from desktop.sandbox.world.people import People
from desktop.sandbox.world.size import WorldSize
from desktop.sandbox.world.staff import hire

CHINA = datetime.timezone(datetime.timedelta(hours=8))
FIRST_MSG_ID, FIRST_MSG_DATA_ID, FIRST_PUBLISH_ID = 3_147_494_522, 2_455_891_298, 2_247_503_051
WIDE = 2**53


class Account(Imitation):
    """One official account."""

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        super().__init__(size, clock)
        self.settings = Settings()
        people = People(self.chance, size.origin, size.fans, hire(size.staff), [], [])
        self.followers = Followers(self.chance, size.origin, size.fans, people)
        self.appid = "wx" + self.chance.roll(b"oa-appid", 0).hex()[:16]
        self._numbers: dict[str, int] = {}

    def next_number(self, kind: str, first: int, step: int = 1) -> int:
        """The next id of a kind, from `first` on, or beyond what a double holds with wide ids."""
        count = self._numbers[kind] = self._numbers.get(kind, -1) + 1
        return first + count * step + (WIDE if self.settings.wide_ids else 0)

    def follower(self, openid: str, unknown: int = 40003) -> int:
        """The number behind an openid of this account, whether it follows now or not."""
        number = self.followers.number_of(openid)
        if number is None:
            raise Refusal(unknown)
        return number

    def openids_page(self, numbers: list[int], last: int | None = None) -> dict[str, Any]:
        """The part of an openid listing that all of them share; an empty page has no `data`."""
        if not numbers:
            return {"count": 0, "next_openid": ""}
        rows = [self.followers.openid(number) for number in numbers]
        return {"count": len(rows), "data": {"openid": rows}, "next_openid": rows[-1]}

    def start_after(self, next_openid: str) -> int:
        """The number from which a page after `next_openid` starts."""
        return self.follower(next_openid) + 1 if next_openid else 0

    def listed(self, made_at: float) -> bool:
        """False while something is too new to stand in its listing."""
        return made_at + self.settings.listing_lag_s <= self.seconds()

    def require_permission(self, path: str, needs: str) -> None:
        """48001 when the account's type or certification does not allow a call.

        `needs` is "" (everybody), "current" (certification not expired), "verified" or "service".
        """
        settings = self.settings
        held, kind = settings.certification, settings.account_type
        allowed = {
            "": True,
            "current": held != "expired",
            "verified": held == "verified" or (kind == TEST and held != "expired"),
            "service": (held == "verified" and kind == SERVICE) or (kind == TEST and held != "expired"),
        }[needs]
        barred = any(fnmatch.fnmatchcase(path, "*" + glob.lstrip("/")) for glob in settings.forbidden)
        if not allowed or barred:
            raise Refusal(48001)


def china_date(at: float) -> datetime.date:
    """The day in China at a time in seconds."""
    return datetime.datetime.fromtimestamp(at, CHINA).date()


def day_start(day: datetime.date) -> int:
    """When a day begins in China, in seconds."""
    return int(datetime.datetime.combine(day, datetime.time(), CHINA).timestamp())


Handler = Callable[[Account, Arguments], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of the platform."""

    path: str
    handler: Handler
    verb: str = "POST"  # POST, GET, ANY or FILE (multipart)
    write: bool = False
    bare: bool = False  # a good answer carries no errcode
    needs: str = ""  # see Account.require_permission
    may_be_empty: bool = False  # a POST without a body is taken as {}
