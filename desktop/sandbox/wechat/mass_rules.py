"""Mass messages that were accepted: repeated keys, and how many the account may still send."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wechat.account import Account, china_date
from desktop.sandbox.wechat.articles import Article
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.press import Publication
from desktop.sandbox.wechat.settings import SUBSCRIPTION, TEST

DAY = 86_400
KEY_LIFE_S = DAY
RETRY_APART_S = 60
PER_FOLLOWER_A_MONTH = 4
SENDING, FAILED = "SENDING", "SEND_FAIL"


@dataclass(slots=True)
class Mass:
    """One accepted mass message."""

    msg_id: int
    msg_data_id: int | None
    at: int
    audience: str
    msgtype: str
    media_id: str
    key: str
    articles: list[Article] | None
    listed: bool  # to a tag or to listed followers, not to all
    numbers: list[int] | None  # followers it goes to; None: all
    received: str
    status: str = SENDING
    waits_for_admin: bool = False
    sent_count: int = 0
    publication: Publication | None = None
    deleted: set[int] = field(default_factory=set)

    def publication_urls(self) -> list[str]:
        """Addresses of its articles."""
        held = self.publication
        return [held.url(position + 1) for position in range(len(held.articles))] if held else []


class MassBook:
    """All mass messages, previews and the keys of the last day."""

    def __init__(self) -> None:
        self.rows: list[Mass] = []
        self.previews: list[dict[str, Any]] = []
        self.speed = 0
        self._keys: dict[str, tuple[Mass, float, float]] = {}  # key -> message, accepted at, last asked at

    def find(self, msg_id: str) -> Mass:
        """The message with this id; 40059 otherwise."""
        row = next((row for row in self.rows if str(row.msg_id) == msg_id), None)
        if row is None:
            raise Refusal(40059)
        return row

    def keep(self, account: Account, row: Mass) -> None:
        """Remember an accepted message and its key."""
        self.rows.append(row)
        self._keys[row.key] = (row, account.seconds(), account.seconds())

    def refuse_known(self, account: Account, key: str) -> None:
        """45066 within a minute of the last try with this key, then 45065 with the message's id, for a day."""
        row, accepted, asked = self._keys.get(key, (None, 0.0, 0.0))
        now = account.seconds()
        if row is None or now - accepted >= KEY_LIFE_S:
            return
        self._keys[key] = (row, accepted, now)
        if now - asked < RETRY_APART_S:
            raise Refusal(45066)
        raise Refusal(45065, msg_id=row.msg_id)


def own_key(audience: str, kind: str, body: dict[str, Any]) -> str:
    """The key the platform makes of audience and content when the caller gave none."""
    content = {name: body.get(name) for name in (kind, "images") if name in body}
    words = json.dumps([audience, kind, content], ensure_ascii=False, sort_keys=True)
    return "auto:" + hashlib.sha256(words.encode()).hexdigest()


def require_quota(account: Account, numbers: list[int] | None) -> list[int] | None:
    """Whom the message may still reach (None: all); 45028 when that is nobody."""
    kind = account.settings.account_type
    today = china_date(account.seconds())
    rows = [row for row in account.shelf(MassBook).rows if row.status != FAILED]
    if kind == TEST:
        raise Refusal(45028)
    if numbers == []:
        return numbers
    if kind == SUBSCRIPTION:
        if any(china_date(row.at) == today for row in rows):
            raise Refusal(45028)
        return numbers
    month = [row for row in rows if china_date(row.at).replace(day=1) == today.replace(day=1)]
    to_all = [row for row in month if row.numbers is None]
    if numbers is None:
        if len(to_all) >= PER_FOLLOWER_A_MONTH or any(china_date(row.at) == today for row in to_all):
            raise Refusal(45028)
        return None
    had = Counter(number for row in month for number in row.numbers or ())
    left = [number for number in numbers if len(to_all) + had[number] < PER_FOLLOWER_A_MONTH]
    if not left:
        raise Refusal(45028)
    return left
