"""What notes and messages name: phone numbers, order numbers, platform ids; and the town of an address."""

from __future__ import annotations

import re
from collections.abc import Iterator

PHONE = re.compile(r"(?<![0-9A-Za-z])(1[3-9]\d{9})(?![0-9A-Za-z])")
NUMBER = re.compile(r"(?<![0-9A-Za-z_-])([0-9A-Za-z_-]{8,64})(?![0-9A-Za-z_-])")
TOWN = re.compile(r"^(?:.{2,8}?(?:省|自治区|特别行政区))?(.{2,10}?(?:市|自治州|地区|盟))")
# A number next to such a word is somebody else's.
OTHERS = (
    r"(?:介绍|推荐|转介|代收|代付|代买|帮|妈|爸|爹|娘|老公|老婆|丈夫|妻|儿子|女儿|孩子|姐|妹|哥|弟|爷|奶|外婆|外公|朋友|闺蜜|同事|邻居"
    r"|收货人|送给)"
)
BEFORE = re.compile(OTHERS + r"[^0-9，。；,;\n]{0,8}$")
AFTER = re.compile(r"^[^0-9，。；,;\n]{0,6}" + OTHERS)
LOOKED_AROUND = 16


def phones_in(text: str) -> Iterator[str]:
    """Plain phone numbers that a note gives as this person's own."""
    return _own(PHONE, text)


def numbers_in(text: str) -> Iterator[str]:
    """What may be this person's order number or platform id: eight or more letters and digits, with a digit."""
    for word in _own(NUMBER, text):
        if any(sign.isdigit() for sign in word) and not PHONE.fullmatch(word):
            yield word


def _own(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for found in pattern.finditer(text):
        before = text[max(0, found.start() - LOOKED_AROUND) : found.start()]
        after = text[found.end() : found.end() + LOOKED_AROUND]
        if not BEFORE.search(before) and not AFTER.match(after):
            yield found.group(1)


def town_of(address: str) -> str:
    """The town an address begins with, '' where it does not tell."""
    found = TOWN.match(address.replace(" ", ""))
    return found.group(1) if found else ""
