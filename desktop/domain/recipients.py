"""How an audience splits into those a send reaches and those left out, and the people themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """How an audience splits. total = reachable + over_quota + suppressed + refused + unreachable.

    unreachable: no living friendship with a staff member of the account. sample: a few names of
    those reachable. `quota_rule` names the rule pack, `quota_cap` its cap this month (0: none).
    """

    total: int = 0
    reachable: int = 0
    over_quota: int = 0
    suppressed: int = 0
    refused: int = 0
    unreachable: int = 0
    already_reached: int = 0
    sample: tuple[str, ...] = ()
    quota_rule: str = ""
    quota_cap: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """One fan as the platform knows them."""

    fan_id: int
    name: str
    identity_id: int
    external_id: str
