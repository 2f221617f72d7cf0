"""Followers who come, leave, return and comment by themselves, by the seed and the clock alone."""

from desktop.sandbox.chance import long_word
from desktop.sandbox.wechat.account import Account
from desktop.sandbox.wechat.press import Press
from desktop.sandbox.world.followers import SCENES

DAY = 86_400
_WORDS = ("刚收到,真香", "老板在吗", "这个多少钱一斤?", "已下单两份")


class Life:
    """How far the account's life was lived; another rate starts another one."""

    def __init__(self) -> None:
        self.run = 0


def begin(account: Account) -> None:
    """Live at the rate of the switch from now on."""
    life = account.shelf(Life)
    life.run += 1
    if account.settings.life_per_day > 0:
        _book(account, account.seconds(), 0, life.run)


def _book(account: Account, after: float, number: int, run: int) -> None:
    gap = DAY / account.settings.life_per_day
    bits = account.chance.roll(b"oa-life", run * 1_000_000 + number)
    at = after + gap * (0.5 + bits[0] / 256)

    def live() -> None:
        if account.shelf(Life).run == run:
            _act(account, bits)
            _book(account, at, number + 1, run)

    account.later(at, live)


def _act(account: Account, bits: bytes) -> None:
    followers, kind = account.followers, bits[1] % 10
    who = long_word(bits, 2) % followers.count if followers.count else -1
    if kind < 5 or who < 0:
        followers.add(account.now(), list(SCENES)[bits[6] % len(SCENES)])
    elif kind < 7:
        followers.leave(who, account.now())
    elif kind == 7:
        followers.come_back(who, account.now())
    else:
        talks = [talk for row in account.shelf(Press).rows[-3:] for talk in row.talks if talk.is_open]
        if talks and followers.follows(who):
            talks[bits[7] % len(talks)].add(who, account.now(), _WORDS[bits[8] % len(_WORDS)])
