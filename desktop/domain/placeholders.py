"""Placeholders of posts and drops: a closed list, replaced once; values are never looked into."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NICKNAME = "昵称"
SHOP = "店名"
ITEM = "福利"
PRICE = "价格"
NORMAL_PRICE = "原价"
STOCK = "库存"
CAP = "限购"
OPENS = "开始时间"
CLOSES = "结束时间"
GROUP = "群名"
DATE = "日期"

ALL = (NICKNAME, SHOP, ITEM, PRICE, NORMAL_PRICE, STOCK, CAP, OPENS, CLOSES, GROUP, DATE)
OF_POSTS = (NICKNAME, SHOP, DATE)
OF_MOMENTS = (SHOP, DATE)
OF_DROPS = (SHOP, ITEM, PRICE, NORMAL_PRICE, STOCK, CAP, OPENS, CLOSES, GROUP, DATE)

_KNOWN = re.compile(r"\{(" + "|".join(ALL) + r")\}")
_BRACED = re.compile(r"\{([^{}\n]{1,30})\}")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u3164\u115f\u1160\u00ad]+")


@dataclass(frozen=True, slots=True)
class Filled:
    """The text with values in place; `missing` are the placeholders without a value, in order."""

    text: str
    missing: tuple[str, ...] = ()


def used(template: str) -> tuple[str, ...]:
    """The known placeholders of a text, each once, in order of appearance."""
    return tuple(dict.fromkeys(_KNOWN.findall(template)))


def unknown(template: str) -> tuple[str, ...]:
    """Words in braces that are no placeholder; they are sent exactly as typed."""
    return tuple(dict.fromkeys(word for word in _BRACED.findall(template) if word not in ALL))


def is_blank(value: str | None) -> bool:
    """Whether nothing of a value could be seen on a phone."""
    return value is None or not _INVISIBLE.sub("", value)


def fill(template: str, values: Mapping[str, str | None]) -> Filled:
    """Replace every known placeholder in one pass. A value is text only: braces in it stay braces."""
    missing: dict[str, None] = {}

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        value = values.get(name)
        if value is None or is_blank(value):
            missing[name] = None
            return match.group(0)
        return value

    return Filled(_KNOWN.sub(value_of, template), tuple(missing))
