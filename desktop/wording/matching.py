"""Why two fans may be one person, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.domain.fans import masked_phone
from desktop.domain.matching.clues import Clue

PHONES = frozenset({Clue.PHONE, Clue.PHONE_SENT})
Words = Callable[..., str]


def clue_text(words: Words, clue: str, shown: str) -> str:
    """One clue with what both have; phone numbers are masked."""
    what = masked_phone(shown) if shown and clue in PHONES else shown
    return words(f"match.clue.{clue}", what=what)


def proof_text(words: Words, proof: Sequence[tuple[str, str]]) -> str:
    """On what a merge rests: its strongest clue, or somebody's word."""
    return clue_text(words, *proof[0]) if proof else words("match.by_hand")
