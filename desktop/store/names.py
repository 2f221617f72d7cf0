"""How a name can be typed to be found: full pinyin and initials, in small letters without blanks."""

from __future__ import annotations

import importlib
import unicodedata
from functools import cache, lru_cache
from typing import Any

MAX_CHARACTERS = 64  # no name is looked up by its 65th character


@lru_cache(maxsize=16_384)
def spellings(name: str) -> tuple[str, str]:
    """(pinyin, initials) of a name: `林小满` gives `linxiaoman`, `lxm`.

    Latin letters and digits stay, in small letters; emoji, blanks and signs are left out.
    """
    text = unicodedata.normalize("NFKC", name)[:MAX_CHARACTERS]
    full: list[str] = []
    first: list[str] = []
    for syllable in _pypinyin().lazy_pinyin(text, errors=_words):
        word = "".join(ch for ch in syllable.casefold() if ch.isalnum())
        if word:
            full.append(word)
            first.append(word[0])
    return "".join(full), "".join(first)


def _words(run: str) -> list[str]:
    """Runs of what is not Chinese, cut at signs: `Amy-lee 88` gives three words."""
    return "".join(ch if ch.isalnum() else " " for ch in run).split()


@cache
def _pypinyin() -> Any:
    """Loaded at the first name: its tables take a third of a second that the start should not pay."""
    return importlib.import_module("pypinyin")
