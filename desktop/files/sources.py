"""Which export is this: profiles as data (resources/rules/file_sources.json), told by the header set."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

RULES = Path(__file__).resolve().parents[2] / "resources" / "rules" / "file_sources.json"
_BRACKETS = str.maketrans({"（": "(", "）": ")", "：": ":", "／": "/"})


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of file. `reads` is orders, fans, interactions, claims, or '' when it is only told.

    `needs` are the headers that give it away: one of each group. `required` are the fields without
    which no row means anything; `a|b` wants one of both. `name` is the platform's own word for it.
    """

    id: str
    reads: str
    platform: str
    needs: tuple[tuple[str, ...], ...]
    required: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    is_generic: bool = False
    name: str = ""
    lines_sheet: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detection:
    """What a table seems to be, and the headers that said so."""

    source: str
    because: tuple[str, ...]


def header_text(cell: str) -> str:
    """A header for comparing: blanks, tabs and line breaks gone, brackets and colons of one width."""
    text = "".join(ch for ch in cell if not ch.isspace() and ch not in "\ufeff\u200b\x00")
    return text.strip("'`\"*").translate(_BRACKETS)


def header_key(cell: str) -> str:
    """A header for comparing names that people type: also without regard to case and `_`."""
    return unicodedata.normalize("NFKC", header_text(cell)).casefold().replace("_", "").replace("-", "")


@cache
def rules() -> dict[str, Any]:
    """The rule file, read once."""
    loaded: dict[str, Any] = json.loads(RULES.read_text(encoding="utf-8"))
    return loaded


@cache
def profiles() -> Mapping[str, Profile]:
    """Every known kind of file by its id."""
    known: dict[str, Profile] = {}
    for entry in (*rules()["sources"], *rules()["generic"]):
        known[entry["id"]] = Profile(
            id=entry["id"],
            reads=entry["reads"],
            platform=entry.get("platform", "file"),
            needs=tuple(tuple(map(header_text, group)) for group in entry.get("needs", ())),
            required=tuple(entry.get("required", ())),
            fields={name: tuple(headers) for name, headers in entry.get("fields", {}).items()},
            is_generic="needs" not in entry,
            name=entry.get("name", ""),
            lines_sheet=entry.get("lines_sheet", {}),
        )
    return known


@cache
def words(table: str) -> Mapping[str, str]:
    """A word list of the rules turned round: what files write -> what it means."""
    return {
        word.casefold(): meaning for meaning, known in rules()[table].items() for word in (meaning, *known)
    }


@cache
def known_headers() -> frozenset[str]:
    """Every header any profile knows, as `header_key`."""
    names: set[str] = set()
    for profile in profiles().values():
        names.update(header_key(name) for group in profile.needs for name in group)
        names.update(header_key(name) for headers in profile.fields.values() for name in headers)
        names.update(header_key(name) for name in profile.fields)
    return frozenset(names)


def detect(headers: Sequence[str]) -> Detection | None:
    """The profile whose needs the headers fill, the most telling first; None when nothing fits.

    A table whose headers are the field names of a generic table is that table.
    """
    present = {header_text(header) for header in headers if header_text(header)}
    best: Detection | None = None
    for profile in profiles().values():
        if not profile.needs:
            continue
        hits = [next((name for name in group if name in present), "") for group in profile.needs]
        if all(hits) and (best is None or len(hits) > len(best.because)):
            best = Detection(profile.id, tuple(hits))
    return best or _detect_generic(headers)


def _detect_generic(headers: Sequence[str]) -> Detection | None:
    keys = {header_key(header): header for header in headers if header}
    best: Detection | None = None
    for profile in profiles().values():
        if not profile.is_generic:
            continue
        hits = {name: keys[header_key(name)] for name in profile.fields if header_key(name) in keys}
        if all(any(one in hits for one in need.split("|")) for need in profile.required) and (
            best is None or len(hits) > len(best.because)
        ):
            best = Detection(profile.id, tuple(hits.values()))
    return best


def suggest(profile: Profile, headers: Sequence[str], *, loosely: bool) -> dict[str, str]:
    """Field -> header. Exact field name, then alias; `loosely` also aliases inside headers.

    A header is given to one field only. Sender columns are never taken for the buyer's or receiver's.
    """
    taken: set[str] = set()
    mapping: dict[str, str] = {}
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(header_key(header), header)
    for field_name, aliases in profile.fields.items():
        for name in (field_name, *aliases):
            header = by_key.get(header_key(name), "")
            if header and header not in taken:
                mapping[field_name] = header
                taken.add(header)
                break
    if loosely:
        for field_name in (name for name in profile.fields if name not in mapping):
            free = [header for header in headers if header and header not in taken]
            found = _inside(field_name, profile.fields[field_name], free)
            if found:
                mapping[field_name] = found
                taken.add(found)
    return mapping


def _inside(field_name: str, aliases: Iterable[str], headers: Sequence[str]) -> str | None:
    """The header that holds an alias (longest alias first), or that an alias holds."""
    barred = rules()["never_for"].get(field_name, ())
    allowed = [h for h in headers if len(header_key(h)) > 1 and not any(word in h for word in barred)]
    ranked = sorted(aliases, key=len, reverse=True)
    for alias in ranked:
        for header in allowed:
            if len(alias) > 1 and header_key(alias) in header_key(header):
                return header
    for alias in ranked:
        for header in allowed:
            if header_key(header) in header_key(alias):
                return header
    return None


def missing_fields(profile: Profile, mapping: Mapping[str, str]) -> list[str]:
    """Required fields that no header fills."""
    return [need for need in profile.required if not any(one in mapping for one in need.split("|"))]


def is_total_word(text: str) -> bool:
    """Whether a cell says that its row is a sum."""
    if not text:
        return False
    bare = text if text.isalnum() else re.sub(r"[\s::]", "", text)
    return bare.casefold() in _total_words()


@cache
def _total_words() -> frozenset[str]:
    return frozenset(rules()["total_words"])


def yes_or_no(text: str) -> bool | None:
    """What a yes/no cell says; None where it is empty or says neither."""
    word = text.casefold()
    if word in rules()["yes"]:
        return True
    return False if word in rules()["no"] else None
