"""How a name can be typed to be found: full pinyin and initials, in small letters without blanks.

A character sounds as it does by itself, but in a phrase of the table, where the longest one counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

MAX_CHARACTERS = 64  # no name is looked up by its 65th character


class Speller:
    """Reads names by a table: a line is a syllable and its characters, or a phrase and its syllables."""

    def __init__(self, table: str) -> None:
        self._alone: dict[str, str] = {}
        self._phrases: dict[str, list[str]] = {}
        for line in table.splitlines():
            first, *rest = line.split(" ")
            if first.isascii():
                self._alone |= dict.fromkeys(rest[0], first)
            else:
                self._phrases[first] = rest
        self._longest = max(map(len, self._phrases), default=0)
        self._starts = {phrase[:2] for phrase in self._phrases}

    @property
    def characters(self) -> Mapping[str, str]:
        """Every character with the syllable it is by itself."""
        return self._alone

    def spellings(self, name: str) -> tuple[str, str]:
        """(pinyin, initials) of a name: `林小满` gives `linxiaoman`, `lxm`.

        Latin letters and digits stay, in small letters; emoji, blanks and signs are left out.
        """
        parts = list(self._parts(unicodedata.normalize("NFKC", name)[:MAX_CHARACTERS]))
        return "".join(parts), "".join(part[0] for part in parts)

    def _parts(self, text: str) -> Iterator[str]:
        """The syllables and words of a text: `Amy-lee 88` gives three words."""
        at = 0
        while at < len(text):
            character = text[at]
            if phrase := self._phrase_at(text, at):
                yield from self._phrases[phrase]
                at += len(phrase)
            elif syllable := self._alone.get(character):
                yield syllable
                at += 1
            elif character.isalnum():
                word = self._word_at(text, at)
                yield word.casefold()
                at += len(word)
            else:
                at += 1

    def _phrase_at(self, text: str, at: int) -> str:
        """The longest phrase that begins here; '' when none does."""
        if text[at : at + 2] in self._starts:
            for end in range(min(at + self._longest, len(text)), at + 1, -1):
                if text[at:end] in self._phrases:
                    return text[at:end]
        return ""

    def _word_at(self, text: str, at: int) -> str:
        found = _WORD.match(text, at)
        word = found.group() if found else text[at]
        return next((word[:n] for n, ch in enumerate(word) if n and ch in self._alone), word)


_WORD = re.compile(r"[^\W_]+")
