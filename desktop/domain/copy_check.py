"""Words that bring trouble under advertising law or platform rules: found offline, never rewritten.

The text is folded (NFKC, lower case, blanks, zero-width characters and punctuation left out) and
read once through a trie; a listed word inside a longer harmless one is let pass. Offsets are those of
the original text. Time grows linearly with the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

TEXT_LIMIT = 2_000_000
_KEPT_CATEGORIES = ("L", "N")


@dataclass(frozen=True, slots=True)
class CopyWord:
    """One listed word: class, why it is listed, a safer wording, when it is allowed after all."""

    word: str
    kind: str
    reason: str
    safer: str
    exemption: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class CopyHit:
    """A listed word found at [start, end) of the original text; `found` is what stands there."""

    start: int
    end: int
    found: str
    word: CopyWord


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    word: CopyWord | None = None
    is_harmless: bool = False


@dataclass(frozen=True, slots=True)
class CopyRules:
    """The list in force, its version date and where it comes from. Build with `parse`."""

    version: str
    source: str
    root: _Node
    variants: Mapping[str, str]

    def check(self, text: str) -> list[CopyHit]:
        """Every listed word in a text, left to right, longest first at each place, none overlapping."""
        folded, starts, ends = fold(text[:TEXT_LIMIT], self.variants)
        hits: list[CopyHit] = []
        taken_until = harmless_until = 0
        for position in range(len(folded)):
            word_end, word, harmless_end = _longest(self.root, folded, position)
            harmless_until = max(harmless_until, harmless_end)
            if word is None or position < taken_until or word_end <= harmless_until:
                continue
            start, end = starts[position], ends[word_end - 1]
            hits.append(CopyHit(start, end, text[start:end], word))
            taken_until = word_end
        return hits


def parse(data: Mapping[str, Any], own_words: Iterable[str] = ()) -> CopyRules:
    """Rules from the resource file, and the owner's own words. Raises KeyError for a broken file."""
    variants = dict(data.get("variants", {}))
    root = _Node()
    for kind, group in data["classes"].items():
        for entry in group["words"]:
            known = {"word": entry} if isinstance(entry, str) else entry
            _add(
                root,
                variants,
                CopyWord(
                    word=known["word"],
                    kind=kind,
                    reason=known.get("reason", group["reason"]),
                    safer=known.get("safer", group["safer"]),
                    exemption=known.get("exemption", group["exemption"]),
                    blocks=bool(known.get("blocks", group["blocks"])),
                ),
            )
    for word in own_words:
        _add(root, variants, CopyWord(word, "own", "own", "own", "own", True))
    for word in data["harmless"]:
        node = _path(root, variants, word)
        if node is not None:
            node.is_harmless = True
    return CopyRules(data["version"], data["source"], root, variants)


def fold(text: str, variants: Mapping[str, str]) -> tuple[str, Sequence[int], Sequence[int]]:
    """The text as it is compared, and for each of its characters the original [start, end).

    One original character may become several (ligatures) or none (blanks, punctuation, marks);
    `variants` maps traditional and look-alike characters to the usual one.
    """
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, char in enumerate(text):
        for piece in _pieces(char):
            folded.append(variants.get(piece, piece))
            starts.append(index)
            ends.append(index + 1)
    return "".join(folded), starts, ends


@lru_cache(maxsize=65_536)
def _pieces(char: str) -> str:
    """What one character is compared as: plain width, lower case, letters and digits only."""
    plain = unicodedata.normalize("NFKC", char).lower()
    return "".join(piece for piece in plain if unicodedata.category(piece)[0] in _KEPT_CATEGORIES)


def _add(root: _Node, variants: Mapping[str, str], word: CopyWord) -> None:
    node = _path(root, variants, word.word)
    if node is not None:
        node.word = word


def _path(root: _Node, variants: Mapping[str, str], word: str) -> _Node | None:
    """The node at the end of a word's folded characters; None for a word that folds to nothing."""
    folded, _, _ = fold(word, variants)
    node = root
    for char in folded:
        node = node.next.setdefault(char, _Node())
    return node if folded else None


def _longest(root: _Node, text: str, start: int) -> tuple[int, CopyWord | None, int]:
    """Longest listed word and longest harmless word from `start`: (word end, word, harmless end)."""
    node = root
    word_end, word, harmless_end = start, None, start
    for offset in range(start, len(text)):
        following = node.next.get(text[offset])
        if following is None:
            break
        node = following
        if node.is_harmless:
            harmless_end = offset + 1
        elif node.word is not None:
            word_end, word = offset + 1, node.word
    return word_end, word, harmless_end
