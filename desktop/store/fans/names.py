"""How names are spelled for the search index: `domain/spelling` with the table of resources/pinyin.txt."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from desktop.domain.spelling import Speller

TABLE = Path(__file__).resolve().parents[3] / "resources" / "pinyin.txt"


@lru_cache(maxsize=16_384)
def spellings(name: str) -> tuple[str, str]:
    """(pinyin, initials) of a name, as `Speller.spellings`. The table is read at the first name."""
    return speller().spellings(name)


@cache
def speller() -> Speller:
    """The speller by the shipped table."""
    return Speller(TABLE.read_text(encoding="utf-8"))
