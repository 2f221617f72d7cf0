"""An owner's consent on a platform: tokens that rotate, renewals that are counted, when a scan is due.

Platform facts (Douyin, as of 2026-09): an access token lives 15 days, a refresh token 30 days from the consent
whether it is used or not; it can be renewed five times, each time for 30 days, before it is over.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens with their ends (UTC ms), and how often the refresh token was renewed. Kept with the secrets only."""

    access_token: str
    refresh_token: str
    access_until: int
    refresh_until: int
    granted_at: int
    open_id: str = ""
    renewals: int = 0
    can_renew: bool = True
    scope: str = ""

    def as_text(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def grant_from(text: str | None) -> Grant | None:
    """What was kept; None where that cannot be read."""
    try:
        found = json.loads(text) if text else None
        return Grant(**found) if isinstance(found, dict) else None
    except (ValueError, TypeError):
        return None


class Warned(StrEnum):
    """How near the end of a consent is."""

    WEEK = "week"
    DAY = "day"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class GrantLife:
    """Times and counts of a consent, without its tokens."""

    granted_at: int
    refresh_until: int
    renewals: int = 0
    renewals_most: int = 0
    can_renew: bool = True

    @property
    def renewals_left(self) -> int:
        """How many renewals the platform still gives."""
        return max(0, self.renewals_most - self.renewals) if self.can_renew else 0

    @property
    def needs_owner(self) -> bool:
        """Whether its next end can only be moved by the owner's own scan."""
        return self.renewals_left == 0


def warning(life: GrantLife, now: int) -> Warned | None:
    """Seven days and one day before the owner has to scan again, and afterwards; None while there is time."""
    left = life.refresh_until - now
    if left <= 0:
        return Warned.OVER
    if not life.needs_owner:
        return None
    if left <= DAY_MS:
        return Warned.DAY
    return Warned.WEEK if left <= 7 * DAY_MS else None
