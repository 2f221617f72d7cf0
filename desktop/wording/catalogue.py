"""Texts by key: one JSON file an area and language in resources/i18n, read once.

A text may hold `{name}` placeholders. A key with `#one` beside it is used when n == 1.
"""

from __future__ import annotations

import json
import string
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "i18n"
LANGUAGES = ("zh_CN", "en")


def language_of(name: str) -> str:
    """The language to show for a locale name: English where it says so, Chinese otherwise."""
    return "en" if name.lower().startswith("en") else "zh_CN"


@cache
def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.json")):
        for key, text in json.loads(file.read_text(encoding="utf-8")).items():
            if key in texts:
                raise ValueError(f"{key} is said twice in {language}")
            texts[key] = text
    return texts


class _Lenient(string.Formatter):
    """Leaves a placeholder without a value as it stands, instead of failing while telling an error."""

    def get_value(self, key: int | str, args: object, kwargs: object) -> object:
        assert isinstance(kwargs, dict)
        return kwargs.get(str(key), "{" + str(key) + "}")


class Wording:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"no such language: {language}")
        self.language = language

    def text(self, key: str, **params: object) -> str:
        """The text of `key`, placeholders filled. Raises KeyError for a key nobody wrote."""
        texts = _texts(self.language)
        if params.get("n") == 1 and f"{key}#one" in texts:
            key = f"{key}#one"
        return _Lenient().vformat(texts[key], (), params) if params else texts[key]

    def has(self, key: str) -> bool:
        """Whether `key` has a text."""
        return key in _texts(self.language)
