"""How a name can be typed to be found: full pinyin and initials, in small letters without blanks."""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, cast

MAX_CHARACTERS = 64  # no name is looked up by its 65th character
FIRST, LAST = "\u4e00", "\u9fff"


@lru_cache(maxsize=16_384)
def spellings(name: str) -> tuple[str, str]:
    """(pinyin, initials) of a name: `林小满` gives `linxiaoman`, `lxm`.

    Latin letters and digits stay, in small letters; emoji, blanks and signs are left out.
    """
    text = unicodedata.normalize("NFKC", name)[:MAX_CHARACTERS]
    full: list[str] = []
    first: list[str] = []
    for syllable in _syllables(text):
        word = "".join(ch for ch in syllable.casefold() if ch.isalnum())
        if word:
            full.append(word)
            first.append(word[0])
    return "".join(full), "".join(first)


def _syllables(text: str) -> Sequence[str]:
    """What the library says; character by character where no phrase could sway it."""
    starts = _phrase_starts()
    if all(FIRST <= ch <= LAST for ch in text) and not any(a + b in starts for a, b in pairwise(text)):
        alone = [_alone(ch) for ch in text]
        if all(alone):
            return alone
    return cast(Sequence[str], _pypinyin().lazy_pinyin(text, errors=_words))


@cache
def _alone(character: str) -> str:
    """The syllable of a character by itself; '' for one that the library does not know."""
    known = ord(character) in _constants().PINYIN_DICT
    return str(_pypinyin().lazy_pinyin(character)[0]) if known else ""


@cache
def _phrase_starts() -> frozenset[str]:
    """The first two characters of every phrase in which a character may sound otherwise."""
    return frozenset(phrase[:2] for phrase in _constants().PHRASES_DICT)


def _words(run: str) -> list[str]:
    """Runs of what is not Chinese, cut at signs: `Amy-lee 88` gives three words."""
    return "".join(ch if ch.isalnum() else " " for ch in run).split()


@cache
def _constants() -> Any:
    return importlib.import_module("pypinyin.constants")


@cache
def _pypinyin() -> Any:
    """Loaded at the first name: its tables take a third of a second that the start should not pay."""
    return importlib.import_module("pypinyin")
