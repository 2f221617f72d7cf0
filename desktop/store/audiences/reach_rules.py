"""Rule files that decide about sends: listed words and reach quotas, with the owner's overrides."""

from __future__ import annotations

from functools import cache
from typing import Any

from desktop.domain import copy_check, quota
from desktop.domain.clock import local_day
from desktop.domain.copy_check import CopyRules
from desktop.domain.quota import QuotaRule
from desktop.store import shop as shop_rows
from desktop.store.rules import shipped

OWN_WORDS_KEY = "copy_words.own"


@cache
def _copy_rules(own_words: tuple[str, ...]) -> CopyRules:
    return copy_check.parse(shipped("copy_words"), own_words)


def copy_rules(conn: Any) -> CopyRules:
    """The listed words in force: the shipped list and the owner's own words."""
    own = shop_rows.setting(conn, OWN_WORDS_KEY)
    words = tuple(word for word in own if isinstance(word, str)) if isinstance(own, list) else ()
    return _copy_rules(words)


def quota_rules() -> tuple[QuotaRule, ...]:
    """Every shipped reach rule."""
    return quota.parse(shipped("reach_quota")["rules"])


def quota_rule(conn: Any, platform: str, at: int, zone: str) -> QuotaRule | None:
    """The reach rule in force at a moment: the owner's choice, else the newest that covers the day."""
    override = shop_rows.setting(conn, quota.OVERRIDE_KEY)
    chosen = override if isinstance(override, str) else None
    return quota.rule_on(quota_rules(), platform, local_day(at, zone), chosen)
