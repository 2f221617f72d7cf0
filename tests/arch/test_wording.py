"""Both languages say the same, everything the program asks for is said, and nothing in vain."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from functools import cache

import pytest

from tests.arch.source import I18N, LANGUAGES, ROOT, Module, called, calls, modules, strings, text_of

KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_#-]+)+")
SPOKEN = {"t", "text", "has"}  # t("..."), wording.text("..."), wording.has("...")
ALWAYS_GIVEN = {"detail"}  # the command line and the window fill these themselves
HAN = re.compile(r"[\u3400-\u9fff]")
NAMES_OF_LANGUAGES = re.compile(r"(^|\.)(language|lang)[._]|\.zh_CN$")


@cache
def texts(language: str) -> dict[str, str]:
    """All texts of a language. Fails on a key that two files, or one file twice, give."""
    found: dict[str, str] = {}
    for file in sorted((I18N / language).glob("*.json")):
        for key, text in json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list):
            assert key not in found, f"{file.name}: {key} is given twice"
            assert isinstance(text, str), f"{file.name}: {key} is no text"
            found[key] = text
    return found


def placeholders(text: str) -> set[str]:
    """Names in braces that the program fills. Braces round Chinese are the operator's own tags."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def filled(text: str) -> set[str]:
    """Placeholders that the program fills."""
    return {name for name in placeholders(text) if not HAN.search(name)}


@cache
def error_classes() -> dict[str, str | None]:
    """Every subclass of AppError with the code it has of its own (None: that of its parent)."""
    parents: dict[str, list[str]] = {}
    codes: dict[str, str | None] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                parents[node.name] = [ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases]
                codes[node.name] = next(
                    (value for name, value in class_texts(node) if name == "code"), None
                )
    ours = {"AppError"}
    while grown := {name for name, bases in parents.items() if set(bases) & ours} - ours:
        ours |= grown
    for name in ours:
        ancestor = name
        while codes.get(ancestor) is None and parents.get(ancestor):
            ancestor = parents[ancestor][0]
        codes[name] = codes.get(ancestor)
    return {name: codes[name] for name in ours}


def class_texts(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Class attributes that are string literals."""
    for line in node.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
        text = text_of(getattr(line, "value", None))
        if isinstance(target, ast.Name) and text is not None:
            yield target.id, text


def raised() -> Iterator[tuple[Module, ast.Call, str]]:
    """Every place that makes an AppError with a code known from the source."""
    classes = error_classes()
    for module in modules():
        for call in calls(module):
            name = called(call)
            if name not in classes:
                continue
            code = text_of(call.args[0]) if call.args else classes[name]
            if code is not None and not any(isinstance(given, ast.Starred) for given in call.args):
                yield module, call, code


def spoken() -> Iterator[tuple[Module, ast.Call, str]]:
    """Every literal key that is asked for."""
    for module in modules():
        for call in calls(module):
            key = text_of(call.args[0]) if call.args and called(call) in SPOKEN else None
            if key is not None and KEY.fullmatch(key):
                yield module, call, key


def test_both_languages_have_the_same_texts() -> None:
    first, second = ({key.removesuffix("#one") for key in texts(language)} for language in LANGUAGES)
    assert first ^ second == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_singular_stands_beside_its_plural(language: str) -> None:
    known = texts(language)
    assert [key for key in known if key.endswith("#one") and key.removesuffix("#one") not in known] == []


def test_both_languages_fill_the_same_placeholders() -> None:
    chinese, english = (texts(language) for language in LANGUAGES)
    assert [key for key in chinese if key in english and filled(chinese[key]) != filled(english[key])] == []
    singular = [key for key in english if key.endswith("#one")]
    assert [k for k in singular if not filled(english[k]) <= filled(english[k.removesuffix("#one")])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_plain_names(language: str) -> None:
    odd = {
        key
        for key, text in texts(language).items()
        for _, name, spec, conversion in string.Formatter().parse(text)
        if name is not None and (not name.isidentifier() or spec or conversion)
    }
    assert odd == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_ragged(language: str) -> None:
    assert [key for key, text in texts(language).items() if not text.strip() or text != text.strip()] == []


def test_no_chinese_in_english() -> None:
    """Except the operator's own tags in braces, and the names of languages in themselves."""
    found = {
        key: text
        for key, text in texts("en").items()
        if HAN.search(re.sub(r"\{[^}]*\}", "", text)) and not NAMES_OF_LANGUAGES.search(key)
    }
    assert found == {}


def test_every_text_asked_for_is_written() -> None:
    known = texts("zh_CN")
    assert [f"{module.at(call)} {key}" for module, call, key in spoken() if key not in known] == []


def test_every_text_asked_for_gets_what_it_needs() -> None:
    known = texts("zh_CN")
    short = [
        f"{module.at(call)} {key} lacks {sorted(missing)}"
        for module, call, key in spoken()
        if called(call) != "has" and key in known and (missing := filled(known[key]) - given(call))
    ]
    assert short == []


def given(call: ast.Call) -> set[str]:
    """Names of the keyword arguments; every name there could be when a mapping is unpacked."""
    if any(keyword.arg is None for keyword in call.keywords):
        return Everything()
    return {keyword.arg for keyword in call.keywords if keyword.arg}


class Everything(set[str]):
    """A set that holds every name: subtracting it leaves nothing."""

    def __rsub__(self, other: object) -> set[str]:
        return set()


def test_every_error_has_words() -> None:
    known = texts("zh_CN")
    codes = {code for _, _, code in raised()} | {code for code in error_classes().values() if code}
    assert sorted(code for code in codes if f"error.{code}" not in known) == []


def test_every_error_brings_what_its_words_need() -> None:
    known = texts("zh_CN")
    short = [
        f"{module.at(call)} {code} lacks {sorted(missing)}"
        for module, call, code in raised()
        if (missing := filled(known.get(f"error.{code}", "")) - ALWAYS_GIVEN - given(call))
    ]
    assert short == []


def test_nothing_is_said_in_vain() -> None:
    """A key counts as used when it, or a beginning of it that code completes, stands in the source.

    An area is judged once a screen speaks of it: its texts are written before its screen.
    """
    on_screen = {
        key.split(".")[0] for module, _, key in spoken() if module.path.startswith("desktop/views/")
    }
    literals = {text for module in modules() for text in strings(module)}
    for file in (ROOT / "resources").rglob("*.json"):
        if I18N not in file.parents:
            literals |= set(re.findall(r'"([^"\\]*)"', file.read_text(encoding="utf-8")))
    beginnings = tuple(
        text for text in literals if re.fullmatch(r"[a-z][a-z0-9_]*\.([a-z0-9_]+[._])*", text)
    )
    beginnings += tuple(f"{text}." for text in prefixes_by_value())
    unused = [
        key
        for key in {key.removesuffix("#one") for key in texts("zh_CN")}
        if key.split(".")[0] in on_screen
        and key not in literals
        and not key.startswith(("error.", *beginnings))
    ]
    assert sorted(unused) == []


def prefixes_by_value() -> set[str]:
    """Words that f-strings such as f"{prefix}.title" may begin with: any literal of their module."""
    found = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
                first, second = node.values[0], text_of(node.values[1])
                if isinstance(first, ast.FormattedValue) and second and second.startswith("."):
                    found |= {text for text in strings(module) if re.fullmatch(r"[a-z][a-z0-9_.]*", text)}
    return found
