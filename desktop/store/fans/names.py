"""How a name can be typed to be found: full pinyin and initials, in small letters without blanks."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, cast

MAX_CHARACTERS = 64  # no name is looked up by its 65th character
FIRST, LAST = "\u4e00", "\u9fff"
_RUNS = re.compile(f"[{FIRST}-{LAST}]+|[^{FIRST}-{LAST}]+")
_RARE = re.compile("[\u3007\u3400-\u4dbf\ue815-\ue864\uf900-\ufaff\U00020000-\U0003ffff]")  # Chinese too
WITHOUT_PHRASES = "PYPINYIN_NO_PHRASES"
CHARACTERS = "pypinyin.pinyin_dict"
PHRASES, READINGS = '\n],\n"', '",\n"'  # how one name of its tables ends and the next begins
PORTION = 50_000  # characters: a thousandth of a second or two


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

    Its characters and phrases come in portions: read at one go, as it would by itself, they keep
    Python's lock for longer than a window may stand still.
    """
    folder = _folder()
    characters = ModuleType(CHARACTERS)
    characters.__dict__["pinyin_dict"] = {
        int(code): read for code, read in _table(folder / "pinyin_dict.json", READINGS).items()
    }
    sys.modules[CHARACTERS] = characters  # in the place of the library's own
    os.environ[WITHOUT_PHRASES] = "1"
    try:
        library = importlib.import_module("pypinyin")
    finally:
        del os.environ[WITHOUT_PHRASES]
    library.load_phrases_dict(_table(folder / "phrases_dict.json", PHRASES))
    gc.freeze()  # these stay: no collection needs to walk through a quarter of a million lists again
    return library


def _folder() -> Path:
    """Where the library stands, found without loading it."""
    found = importlib.util.find_spec("pypinyin")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pypinyin", name="pypinyin")
    return Path(found.origin).parent


def _table(path: Path, between: str) -> dict[str, Any]:
    """A JSON object from a file; `between` stands from behind a value's text to the next name's quote."""
    read: dict[str, Any] = {}
    for portion in _portions(path.read_text(encoding="utf-8"), between):
        read |= json.loads(portion)
    return read


def _portions(text: str, between: str = PHRASES) -> Iterator[str]:
    """A JSON object, one name a line, as several smaller objects."""
    at, comma = 0, between.index(",")
    while (end := text.find(between, at + PORTION)) >= 0:
        yield ("{" if at else "") + text[at : end + comma] + "}"
        at = end + len(between) - 1
    yield ("{" if at else "") + text[at:]
