"""Names are read run by run and character by character; the outcome is the library's own."""

import importlib.resources
import json
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.store.fans import names
from desktop.store.fans.names import spellings

FILE = importlib.resources.files("pypinyin").joinpath("phrases_dict.json")
PHRASES = ["重庆", "银行", "长大", "一丁不识", "音乐", "快乐", "行长", "朝阳", "单于", "都会", "好好"]
PIECES = [*PHRASES, *"小满单行乐长的了", *"〇㐀\U00020000豈ー", "Amy", "-8 ", "😀", "８", ".", "ß"]


def by_the_library(name: str) -> tuple[str, str]:
    """The whole name at once, as the library cuts it."""
    import pypinyin

    spellings("拼")  # loads it as the program does
    text = unicodedata.normalize("NFKC", name)[: names.MAX_CHARACTERS]
    found = pypinyin.lazy_pinyin(text, errors=names._words)
    words = ["".join(ch for ch in one.casefold() if ch.isalnum()) for one in found]
    return "".join(words), "".join(word[:1] for word in words)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=8))
def test_the_outcome_is_the_librarys_own(pieces: list[str]) -> None:
    assert spellings("".join(pieces)) == by_the_library("".join(pieces))


def test_every_phrase_is_known_although_they_come_in_portions() -> None:
    from pypinyin.constants import PHRASES_DICT

    spellings("拼")
    text = FILE.read_text(encoding="utf-8")
    assert json.loads(text) == PHRASES_DICT
    assert len(list(names._portions(text))) > 5
    assert list(names._portions('{"a": [["x"]]}')) == ['{"a": [["x"]]}']
