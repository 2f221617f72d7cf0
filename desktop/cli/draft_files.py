"""Drafts as JSON files: read, refuse what is not known, moments, money and pictures as typed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from desktop.domain.content import Problem
from desktop.domain.errors import InvalidInputError
from desktop.domain.moments import parsed_moment
from desktop.services.sending import ConfirmBlockedError
from desktop.wording import Wording
from desktop.wording.sentences import problem_text

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)
FILE_LIMIT = 2_000_000


def read_draft(file: Path, known: frozenset[str]) -> dict[str, Any]:
    """The object in a file. Raises InvalidInputError: draft_file, unknown_fields."""
    document = _document(file)
    if not isinstance(document, dict):
        raise InvalidInputError("draft_file", file=file.name, detail="not an object")
    refuse_unknown(document, known, file.name)
    return document


def read_list(file: Path) -> list[dict[str, Any]]:
    """The list of objects in a file. Raises InvalidInputError('draft_file')."""
    document = _document(file)
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise InvalidInputError("draft_file", file=file.name, detail="not a list of objects")
    return document


def _document(file: Path) -> Any:
    try:
        if file.stat().st_size > FILE_LIMIT:
            raise InvalidInputError("draft_file", file=file.name, detail="> 2 MB")
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError("draft_file", file=file.name, detail=str(error)[:200]) from error


def refuse_unknown(document: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raises InvalidInputError('unknown_fields') naming those that mean nothing here."""
    strange = sorted(set(document) - set(known))
    if strange:
        raise InvalidInputError("unknown_fields", fields=strange, where=where, known=sorted(known))


def text(document: Mapping[str, Any], name: str, default: str = "") -> str:
    """A text field. Raises InvalidInputError('field_type')."""
    value = document.get(name, default)
    if value is None:
        return default
    if not isinstance(value, str):
        raise InvalidInputError("field_type", field=name, wanted="text")
    return value


def whole(document: Mapping[str, Any], name: str, default: int | None) -> int | None:
    """A whole number, also as digits. Raises InvalidInputError('field_type')."""
    value = document.get(name, default)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidInputError("field_type", field=name, wanted="whole number")
    if value is not None and abs(value) > 10**12:
        raise InvalidInputError("field_type", field=name, wanted="smaller number")
    return value


def money(document: Mapping[str, Any], name: str) -> int | None:
    """`name` in yuan (number or text) or `name`_cents, as cents. Raises InvalidInputError."""
    in_cents = whole(document, f"{name}_cents", None)
    yuan = document.get(name)
    if yuan is None:
        return in_cents
    if in_cents is not None:
        raise InvalidInputError("money_twice", field=name)
    try:
        if isinstance(yuan, bool) or not isinstance(yuan, int | float | str):
            raise InvalidOperation
        cents = Decimal(str(yuan).strip().lstrip("¥￥")) * 100
        if not cents.is_finite() or cents != cents.to_integral_value() or abs(cents) > 10**12:
            raise InvalidOperation
    except InvalidOperation as error:
        raise InvalidInputError("money_invalid", field=name, text=str(yuan)[:40]) from error
    return int(cents)


def moment(document: Mapping[str, Any], name: str, zone: str) -> int | None:
    """An ISO moment. Raises InvalidInputError: field_type, moment_invalid and the like."""
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInputError("field_type", field=name, wanted="ISO time")
    return parsed_moment(value, zone)


def section(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside the document, {} when left out. Raises InvalidInputError('field_type')."""
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInputError("field_type", field=name, wanted="object")
    return dict(value)


def one_of(document: Mapping[str, Any], name: str, choices: type[ChoiceT]) -> ChoiceT:
    """One of a closed list, the first when left out. Raises InvalidInputError('field_type')."""
    value = document.get(name)
    if value is None:
        return next(iter(choices))
    known = [choice.value for choice in choices]
    if value not in known:
        raise InvalidInputError("field_type", field=name, wanted=" | ".join(known))
    return choices(value)


def words(document: Mapping[str, Any], name: str) -> list[str]:
    """A list of names or numbers as text; one alone may stand without brackets."""
    value = document.get(name)
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    if any(not isinstance(one, str | int) or isinstance(one, bool) for one in listed):
        raise InvalidInputError("field_type", field=name, wanted="list of names")
    return [str(one) for one in listed]


def pictures(document: Mapping[str, Any], beside: Path) -> list[Path]:
    """Picture paths; relative ones lie beside the draft file."""
    return [(beside.parent / one) for one in words(document, "images")]


def problem_documents(problems: Iterable[Problem], args: argparse.Namespace) -> list[dict[str, object]]:
    """Problems with their sentences."""
    wording = Wording(args.language)
    return [{**problem.as_json(), "message": problem_text(wording, problem)} for problem in problems]


def blocked(error: ConfirmBlockedError, args: argparse.Namespace) -> InvalidInputError:
    """The same error, its problems as sentences."""
    wording = Wording(args.language)
    said = [problem_text(wording, problem) for problem in error.stopping]
    return InvalidInputError("confirm_blocked", count=len(said), problems=said)
