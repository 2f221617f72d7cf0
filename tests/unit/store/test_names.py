"""Names are spelled as pypinyin does, from whose dictionaries the shipped table was made."""

import unicodedata
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from desktop.domain.spelling import MAX_CHARACTERS
from desktop.store.fans.names import speller, spellings

PHRASES = ["重庆", "银行", "长大", "一丁不识", "音乐", "快乐", "朝阳", "单于", "都会", "好好"]
PIECES = [*PHRASES, *"小满单乐的", *"〇㐀\U00020000豈ー", "Amy", "-8 ", "😀", "８", ".", "ß"]


def by_the_library(name: str) -> str:
    found = lazy_pinyin(unicodedata.normalize("NFKC", name)[:MAX_CHARACTERS])
    return "".join(ch for ch in "".join(found).casefold() if ch.isalnum())


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=6))
def test_pieces_of_names_sound_as_in_the_library(pieces: list[str]) -> None:
    """A sign stands between them: across a border the two may cut into other phrases."""
    assert spellings("|".join(pieces))[0] == by_the_library("|".join(pieces))


def test_every_character_and_phrase_of_the_library_is_spelled_alike() -> None:
    """Fails when a newer library knows better: then build the table anew (scripts/build_pinyin.py)."""
    letters = {chr(code): lazy_pinyin(chr(code))[0] for code in PINYIN_DICT}
    assert speller().characters == {
        ch: read for ch, read in letters.items() if read.isascii() and read.isalpha()
    }
    wrong = [phrase for phrase in PHRASES_DICT if spellings(phrase)[0] != by_the_library(phrase)]
    assert wrong == []


def test_words_give_initials_and_signs_nothing() -> None:
    assert spellings("Amy-lee 88") == ("amylee88", "al8")
    assert spellings("😀小满Store·重庆") == ("xiaomanstorechongqing", "xmscq")
    assert spellings("") == ("", "")
    assert Counter(map(len, spellings("满" * 200))) == Counter({64 * 3: 1, 64: 1})
