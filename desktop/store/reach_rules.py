"""Rule files that decide about sends: listed words and reach quotas, with the owner's overrides."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from desktop.domain import copy_check, quota
from desktop.domain.clock import local_day
from desktop.domain.copy_check import CopyRules
from desktop.domain.quota import QuotaRule
from desktop.store import shop as shop_rows

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "rules"
OWN_WORDS_KEY = "copy_words.own"


@cache
def _shipped(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def _copy_rules(own_words: tuple[str, ...]) -> CopyRules:
    return copy_check.parse(_shipped("copy_words.json"), own_words)


def copy_rules(conn: Any) -> CopyRules:
    """The listed words in force: the shipped list and the owner's own words."""
    own = shop_rows.setting(conn, OWN_WORDS_KEY)
    words = tuple(word for word in own if isinstance(word, str)) if isinstance(own, list) else ()
    return _copy_rules(words)


def quota_rules() -> tuple[QuotaRule, ...]:
    """Every shipped reach rule."""
    return quota.parse(_shipped("reach_quota.json")["rules"])


def quota_rule(conn: Any, platform: str, at: int, zone: str) -> QuotaRule | None:
    """The reach rule in force at a moment: the owner's choice, else the newest that covers the day."""
    override = shop_rows.setting(conn, quota.OVERRIDE_KEY)
    chosen = override if isinstance(override, str) else None
    return quota.rule_on(quota_rules(), platform, local_day(at, zone), chosen)
