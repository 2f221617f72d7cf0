"""What an account can do, one small protocol for each ability; `isinstance` tells whether it can.

Every method may raise
    OfflineError        nothing left this computer,
    UnclearReplyError   the request left and no trustworthy answer came,
    AuthError           the platform refuses the credentials or this computer,
    RateLimitedError    too many calls; `retry_after_s` says for how long,
    RejectedError       the platform refused this request and did nothing.
For a method that changes something at the platform, UnclearReplyError means that it may have happened;
the other four mean that it did not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from desktop.domain.clock import Clock
from desktop.domain.mass_send import ChatType, StaffTask, TargetResult
from desktop.domain.platform_records import (
    CustomerRecord,
    EntryWayRecord,
    GroupRecord,
    GroupStub,
    MomentRecord,
    MomentView,
    PageOf,
    StaffRecord,
    TagRecord,
    WelcomeRecord,
)
from desktop.domain.proof import Judgement, Listing, UnknownWrite
from desktop.domain.statistics import GroupDay, StaffDay
from desktop.domain.talks import DeskRecord, PersonRecord, TalkPage, TalkState
from desktop.domain.write_kinds.kind import MediaUse
from desktop.domain.writes import Receipt, Write


@runtime_checkable
class Adapter(Protocol):
    """An open line to one account."""

    platform: str
    scope: str

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Budget(Protocol):
    """How many calls of each path an account may still make, kept over restarts."""

    async def take(self, path: str) -> None:
        """Use one call; at once when `prepare` went before. Raises RateLimitedError with the time left."""
        ...

    async def prepare(self, path: str) -> None:
        """Have a call of a path at hand. Raises RateLimitedError with the time left, and StoreError."""
        ...

    async def block(self, path: str, seconds: float) -> None:
        """The platform closed a path for so long."""
        ...

    async def aclose(self) -> None:
        """Give back what was not used."""
        ...


@runtime_checkable
class KeepsToBudget(Protocol):
    """Counts its calls against a budget."""

    def keep_to(self, budget: Budget) -> None:
        """Ask this budget before each call from now on; `aclose` closes it."""
        ...


@runtime_checkable
class TellsTokenLife(Protocol):
    """Knows how long its token lives."""

    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the token in use, UTC ms; None before the first."""
        ...


@runtime_checkable
class ChecksConnection(Protocol):
    """Can prove that the credentials work."""

    async def check(self) -> int:
        """Sign in and read the staff list; how many staff members have customers.

        Raises AuthError, RejectedError, OfflineError, UnclearReplyError, RateLimitedError.
        """
        ...


@runtime_checkable
class PullsStaff(Protocol):
    """Can list the staff who have customers."""

    async def staff(self) -> tuple[StaffRecord, ...]:
        """Everybody, in one piece. Raises the five errors of the module."""
        ...


@runtime_checkable
class PullsCustomers(Protocol):
    """Can list customers with who follows them."""

    async def customer_ids(self, staff_id: str) -> tuple[str, ...]:
        """Every customer id of one staff member; the platform's own total. Raises the five errors."""
        ...

    async def customers(self, staff_ids: Sequence[str], cursor: str) -> PageOf[CustomerRecord]:
        """One page of the customers of up to `customer_staff_limit` staff. Raises the five errors."""
        ...

    customer_staff_limit: int


@runtime_checkable
class PullsTags(Protocol):
    """Can list the platform's tags."""

    async def tags(self) -> PageOf[TagRecord]:
        """Every tag, in one piece. Raises the five errors."""
        ...


@runtime_checkable
class PullsGroups(Protocol):
    """Can list groups and their members."""

    async def groups(self, cursor: str) -> PageOf[GroupStub]:
        """One page of the group listing. Raises the five errors."""
        ...

    async def group(self, external_id: str) -> GroupRecord | None:
        """One group with all members; None when it is gone. Raises the five errors."""
        ...


@runtime_checkable
class PullsTalks(Protocol):
    """Can read what customers write to the shop's service desks."""

    async def desks(self) -> tuple[DeskRecord, ...]:
        """Every desk, in one piece. Raises the five errors."""
        ...

    async def talk_page(self, desk_id: str, cursor: str) -> TalkPage:
        """Messages of a desk since a cursor; '' begins where the platform's memory does. Raises the five errors."""
        ...

    async def talk_people(self, person_ids: Sequence[str]) -> tuple[PersonRecord, ...]:
        """Who these customers are; those the platform does not tell about are left out. Raises the five errors."""
        ...

    async def talk_state(self, desk_id: str, person_id: str) -> TalkState:
        """Who answers a customer now. Raises the five errors."""
        ...


@runtime_checkable
class PullsStatistics(Protocol):
    """Counts per day what staff and groups did."""

    def today(self) -> date:
        """The day it is at the platform; figures end the day before."""
        ...

    async def staff_days(self, staff_id: str, first: date, last: date) -> list[StaffDay]:
        """One staff member over at most 30 days. Raises the five errors."""
        ...

    async def group_days(self, owner_id: str, first: date, last: date) -> list[GroupDay]:
        """All groups of one owner over at most 30 days. Raises the five errors."""
        ...


@runtime_checkable
class PullsMassSends(Protocol):
    """Can list every mass send there was, also those made elsewhere."""

    def platform_now_ms(self) -> int:
        """The time at the platform, UTC ms."""
        ...

    async def mass_sends(self, chat_type: ChatType, start_ms: int, end_ms: int) -> Listing:
        """Those made between two moments at most a month apart. Raises the five errors."""
        ...

    async def mass_send_tasks(self, platform_id: str) -> list[StaffTask]:
        """Who has to confirm and who did. Raises the five errors."""
        ...

    async def mass_send_results(self, platform_id: str, staff_external_id: str) -> list[TargetResult]:
        """What became of it for each receiver of one staff member. Raises the five errors."""
        ...


@runtime_checkable
class PullsEntryWays(Protocol):
    """Can list contact ways, and read join ways and group welcomes whose ids are known."""

    async def contact_way_ids(self, cursor: str) -> PageOf[str]:
        """One page of the ids of contact ways. Raises the five errors."""
        ...

    async def contact_way(self, external_id: str) -> EntryWayRecord | None:
        """One contact way; None when it is gone. Raises the five errors."""
        ...

    async def join_way(self, external_id: str) -> EntryWayRecord | None:
        """One join way; None when it is gone. Raises the five errors."""
        ...

    async def welcome(self, external_id: str) -> WelcomeRecord | None:
        """One group welcome; None when it is gone. Raises the five errors."""
        ...


@runtime_checkable
class PerformsWrites(Protocol):
    """Can change things at the platform, each kind as `desktop.domain.writes.KINDS` describes it."""

    kinds: frozenset[str]

    async def ready(self) -> None:
        """Have a valid token at hand, so that the next call leaves at once. Raises the five errors."""
        ...

    async def perform(self, write: Write, key: str, *, is_repeat: bool = False) -> Receipt:
        """Make the change: one new connection, no redirect, no retry of any kind.

        `key` is the item's own id (32 hex digits), the same at every attempt; platforms that take a key
        get it. `is_repeat` says that an earlier attempt with the key may have been executed. Raises the
        five errors, and InvalidInputError before anything leaves for what would be misunderstood.
        """
        ...

    async def prove(
        self, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
    ) -> Mapping[str, Judgement]:
        """What the platform says became of these, by item uid; reads only.

        `taken` are platform ids already proven to be other items'. Raises the five errors.
        """
        ...

    async def recent(self, kind: str, since_ms: int) -> Listing:
        """What the platform took of a kind whose proof is a listing. Raises the five errors."""
        ...


@runtime_checkable
class PreparesWrites(Protocol):
    """Can have everything at hand for a write, so that its request leaves without waiting for anything."""

    async def prepare(self, kind: str) -> None:
        """Nothing of the write itself leaves. Raises the five errors and StoreError."""
        ...


@runtime_checkable
class FollowsMassSends(Protocol):
    """Can tell what became of mass sends that were handed over."""

    async def mass_send_tasks(self, platform_id: str) -> list[StaffTask]:
        """Who has to confirm and who did. Raises the five errors."""
        ...

    async def mass_send_results(self, platform_id: str, staff_external_id: str) -> list[TargetResult]:
        """What became of it for each receiver of one staff member. Raises the five errors."""
        ...


@runtime_checkable
class FollowsMoments(Protocol):
    """Can list moments and tell how far each got."""

    async def moments(self, since_ms: int) -> tuple[tuple[MomentRecord, ...], int]:
        """Every moment since a time, and how many entries named nothing. Raises the five errors."""
        ...

    async def moment_of_job(self, job: str) -> str | None:
        """The moment a handed-over job made; None while it runs.

        Raises the five errors; RejectedError when it came to nothing.
        """
        ...

    async def moment_publishing(self, moment: str) -> list[TargetResult]:
        """Which staff have published it. Raises the five errors."""
        ...

    async def moment_view(self, moment: str, staff_id: str) -> MomentView:
        """What came of it with the customers of one who published it. Raises the five errors."""
        ...


@runtime_checkable
class UploadsMedia(Protocol):
    """Can keep a picture for messages and moments."""

    async def upload_image(self, content: bytes, file_name: str, mime: str, use: MediaUse) -> str:
        """Hand over a JPG or PNG of at most 10 MB; its media id, good for three days. Harmless to repeat.

        Raises the five errors, and InvalidInputError before anything leaves for another kind of file.
        """
        ...


@runtime_checkable
class TellsServerTime(Protocol):
    """Knows how far the platform's clock is from ours."""

    def clock_skew_ms(self) -> int | None:
        """Platform time minus local time from the last reply's Date header; None before any reply."""
        ...

    async def hear_time(self) -> None:
        """Ask anything small, to hear the time. Raises the five errors."""
        ...


def skew_of(adapter: object) -> int | None:
    """How far the platform's clock is ahead of ours now, where the adapter can tell."""
    return adapter.clock_skew_ms() if isinstance(adapter, TellsServerTime) else None


class Platform(Protocol):
    """How accounts of one platform are connected; the composition root knows one for each."""

    name: str
    default_base_url: str
    secret_fields: tuple[str, ...]

    def checked_base_url(self, base_url: str) -> str:
        """The address, tidied. Raises InvalidInputError when credentials must not go there."""
        ...

    def external_id(self, secrets: Mapping[str, str]) -> str:
        """The account's own id among its secrets (WeCom: the corp id)."""
        ...

    def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> Adapter:
        """An open line; nothing is sent yet. Raises InvalidInputError for missing secrets."""
        ...
