"""Build resources/pinyin.txt from pypinyin's dictionaries: `.venv/bin/python scripts/build_pinyin.py`.

First a line a syllable with all characters that sound so by themselves; then a line for each phrase that the
reading of `desktop/domain/spelling.py` would get wrong without it. pypinyin is installed for tests only. The
result is committed, so this runs only when the library's dictionaries change; a test holds both together.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from desktop.domain.spelling import Speller  # noqa: E402  the program is beside this folder

TABLE = ROOT / "resources" / "pinyin.txt"


def characters() -> list[str]:
    """A line a syllable."""
    by_syllable: dict[str, list[str]] = defaultdict(list)
    for code in sorted(PINYIN_DICT):
        (syllable,) = lazy_pinyin(chr(code))
        if syllable.isascii() and syllable.isalpha():
            by_syllable[syllable].append(chr(code))
    return [f"{syllable} {''.join(found)}" for syllable, found in sorted(by_syllable.items())]


def phrases(known: list[str]) -> list[str]:
    """A line a phrase that characters and shorter phrases do not spell; again until none is missed."""
    wanted = {phrase: lazy_pinyin(phrase) for phrase in PHRASES_DICT if len(phrase) > 1}
    lines: dict[str, str] = {}
    while True:
        missed = 0
        for length in sorted({len(phrase) for phrase in wanted}):
            speller = Speller("\n".join([*known, *lines.values()]))
            for phrase in (one for one in wanted if len(one) == length and one not in lines):
                if speller.spellings(phrase)[0] != "".join(wanted[phrase]):
                    lines[phrase] = " ".join([phrase, *wanted[phrase]])
                    missed += 1
        if not missed:
            return sorted(lines.values())


def main() -> None:
    """Write the table."""
    known = characters()
    TABLE.write_text("\n".join([*known, *phrases(known)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
