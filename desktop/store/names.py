"""How a name can be typed to be found: full pinyin and initials, in small letters without blanks."""

from __future__ import annotations

import importlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, cast

MAX_CHARACTERS = 64  # no name is looked up by its 65th character
FIRST, LAST = "\u4e00", "\u9fff"
_RUNS = re.compile(f"[{FIRST}-{LAST}]+|[^{FIRST}-{LAST}]+")
_RARE = re.compile("[\u3007\u3400-\u4dbf\ue815-\ue864\uf900-\ufaff\U00020000-\U0003ffff]")  # Chinese too
WITHOUT_PHRASES = "PYPINYIN_NO_PHRASES"
BETWEEN = '\n],\n"'  # behind the last line of one phrase, before the next
PORTION = 100_000  # characters: a few thousandths of a second


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
    """The syllables and words of a text, run by run, as the library cuts it."""
    if _RARE.search(text):
        return _read(text)
    found: list[str] = []
    for run in _RUNS.findall(text):
        found += _chinese(run) if FIRST <= run[0] <= LAST else _words(run)
    return found


def _chinese(run: str) -> Sequence[str]:
    """Character by character where no phrase could sway it; else what the library says."""
    starts = _phrase_starts()
    if not any(a + b in starts for a, b in pairwise(run)):
        alone = [_alone(ch) for ch in run]
        if all(alone):
            return alone
    return _read(run)


def _read(text: str) -> Sequence[str]:
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
    _pypinyin()
    return importlib.import_module("pypinyin.constants")


@cache
def _pypinyin() -> Any:
    """Loaded at the first name: its tables take a third of a second that the start should not pay.

    Its phrases come in portions: read at one go, as it would by itself, they keep Python's lock for
    longer than a window may stand still.
    """
    os.environ[WITHOUT_PHRASES] = "1"
    try:
        library = importlib.import_module("pypinyin")
    finally:
        del os.environ[WITHOUT_PHRASES]
    text = resources.files("pypinyin").joinpath("phrases_dict.json").read_text(encoding="utf-8")
    phrases: dict[str, list[list[str]]] = {}
    for portion in _portions(text):
        phrases |= json.loads(portion)
    library.load_phrases_dict(phrases)
    return library


def _portions(text: str) -> Iterator[str]:
    """A JSON object of lists, one name a line, as several smaller objects."""
    at = 0
    while (end := text.find(BETWEEN, at + PORTION)) >= 0:
        yield ("{" if at else "") + text[at : end + 2] + "}"
        at = end + len(BETWEEN) - 1
    yield ("{" if at else "") + text[at:]
