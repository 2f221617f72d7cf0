"""All accounts side by side: what each has, what is left of it, and the one next step. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.domain.accounts import Account, AccountState
from desktop.domain.grants import GrantLife, Warned

DAY_MS = 86_400_000
STALE_MS = DAY_MS  # a shop synchronises a few times a day


class Step(StrEnum):
    """What to do next with an account, the most pressing first. Texts: `matrix.step.<value>`."""

    ENABLE = "enable"
    TRY = "try"
    AUTHORISE = "authorise"
    MEND = "mend"
    AGREE = "agree"
    FIRST_SYNC = "first_sync"
    SYNC = "sync"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReachLeft:
    """What is left of this month: `people` who can still get a message, or `sends` that may still go out."""

    people: int | None = None
    sends: int | None = None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One account. None is what its platform does not tell, or has not told yet; times are UTC ms."""

    account: Account
    fans: int | None
    groups: int | None
    reach: ReachLeft
    waiting: int
    step: Step
    consent: GrantLife | None = None
    warned: Warned | None = None

    def token_days(self, now: int) -> int | None:
        """For how many whole days the account's credential has been in use; None before the first."""
        fetched = self.account.token_fetched_at
        return None if fetched is None else max(0, now - fetched) // DAY_MS

    def consent_days(self, now: int) -> int | None:
        """Whole days until the owner's consent ends; None where none is needed."""
        return None if self.consent is None else max(0, self.consent.refresh_until - now) // DAY_MS


def next_step(account: Account, warned: Warned | None, waiting: int, now: int) -> Step:
    """The one thing to do: what stops everything comes before what only waits."""
    if account.state is AccountState.DISABLED:
        return Step.ENABLE
    if warned is not None:
        return Step.AUTHORISE
    if account.state is AccountState.REFUSED or account.last_error_code:
        return Step.MEND
    if waiting and not account.may_send:
        return Step.AGREE
    if account.last_sync_at is None:
        return Step.FIRST_SYNC if account.state is AccountState.CONNECTED else Step.TRY
    if waiting or now - account.last_sync_at > STALE_MS:
        return Step.SYNC
    return Step.NONE
