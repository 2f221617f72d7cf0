"""Rules as data: the shipped file of resources/rules, or what the owner set instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from desktop.domain.rankings import PartRule, parsed_weights
from desktop.domain.tiers import TierRules, parsed_rules
from desktop.store.shop import find, setting

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "rules"
KOC_WEIGHTS = "koc_weights"
TIER_RULES = "tier_rules"
DEFAULT_ZONE = "Asia/Shanghai"


@cache
def shipped(name: str) -> Mapping[str, Any]:
    """A rules file as it was shipped."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document


def tier_rules(conn: Any) -> TierRules:
    """The tier rules in force."""
    return parsed_rules(setting(conn, TIER_RULES) or shipped("tiers"))


def koc_weights(conn: Any) -> dict[str, PartRule]:
    """The KOC weights in force."""
    own = setting(conn, KOC_WEIGHTS)
    return parsed_weights(own or shipped("koc")["parts"])


def zone_of(conn: Any) -> str:
    """The shop's time zone; China's before the shop was made."""
    shop = find(conn)
    return shop.timezone if shop else DEFAULT_ZONE
