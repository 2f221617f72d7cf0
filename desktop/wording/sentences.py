"""Problems and outbox findings as sentences: codes and parameters in, one line of text out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from desktop.domain.content import Problem
from desktop.wording.catalogue import Wording

KEYED = {"reason": "copy_reason.", "exemption": "copy_exempt."}


def problem_text(wording: Wording, problem: Problem) -> str:
    """A problem of a draft in words: what is wrong and how to mend it."""
    params = {name: shown(wording, name, value, "UTC") for name, value in problem.params.items()}
    for name, prefix in KEYED.items():
        key = f"{prefix}{params.get(name)}"
        if name in params and wording.has(key):
            params[name] = wording.text(key)
    return wording.text(f"problem.{problem.code}", **params)


def known_text(wording: Wording, said: tuple[str, Mapping[str, Any]], zone: str) -> str:
    """What is known of an outbox item, in one sentence; times are the shop's."""
    return _outbox_text(wording, "outbox_known.", said, zone)


def next_text(wording: Wording, said: tuple[str, Mapping[str, Any]], zone: str) -> str:
    """The one next step of an outbox item."""
    return _outbox_text(wording, "outbox_next.", said, zone)


def reason_text(wording: Wording, code: str) -> str:
    """Why an item stands where it stands; '' for no reason."""
    if not code:
        return ""
    key = f"outbox_reason.{code}"
    return wording.text(key) if wording.has(key) else wording.text("outbox_reason.other", code=code)


def shown(wording: Wording, name: str, value: object, zone: str) -> object:
    """A parameter as text by its name: moments (_at), money (_cents), lists."""
    if value is None:
        return "—"
    if name.endswith("_at") and isinstance(value, int):
        moment = datetime.fromtimestamp(value / 1000, UTC).astimezone(ZoneInfo(zone))
        return moment.strftime("%m-%d %H:%M")
    if name.endswith("_cents") and isinstance(value, int):
        return f"¥{value / 100:,.2f}"
    if isinstance(value, list | tuple):
        return ("、" if wording.language == "zh_CN" else ", ").join(map(str, value))
    return value


def _outbox_text(wording: Wording, prefix: str, said: tuple[str, Mapping[str, Any]], zone: str) -> str:
    code, given = said
    params = {name: shown(wording, name, value, zone) for name, value in given.items()}
    params["reason"] = reason_text(wording, str(given.get("reason") or ""))
    return wording.text(f"{prefix}{code}", **params)


LABELS = {
    "state": "outbox_state.",
    "progress": "progress.",
    "delivery": "delivery_status.",
    "drop_kind": "drop_kind.",
    "formula": "drop_formula.",
    "unsaid": "drop_unsaid.",
}


def label(wording: Wording, family: str, value: str) -> str:
    """The word for a value of a closed list; `family` is a key of LABELS. Unknown values stay."""
    key = f"{LABELS[family]}{value}"
    return wording.text(key) if wording.has(key) else value
