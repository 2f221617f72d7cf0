"""What decides, right before sending, whether an item may leave now: bytes, people, hours, order, look-alikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop.domain import quiet_hours
from desktop.domain.clock import Clock
from desktop.domain.errors import NotFoundError
from desktop.domain.mass_send import KIND_OF_CHAT
from desktop.domain.outbox import JUMP_LIMIT_MS, ClockReading, State, clock_doubt, is_skewed
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.proof import SETTLE_MS, Listing, alike
from desktop.domain.shop import DEFAULT_ZONE
from desktop.domain.talks import room
from desktop.domain.write_kinds.douyin import DIRECT_MESSAGE
from desktop.domain.write_kinds.kind import Proof
from desktop.domain.write_kinds.wecom import KF_MESSAGE
from desktop.domain.writes import KINDS, Write, sha256_text
from desktop.platforms.ports import PerformsWrites, TellsServerTime, skew_of
from desktop.store import shop as shop_rows
from desktop.store import talks
from desktop.store.audiences import reach_rules, recipients
from desktop.store.database import Store
from desktop.store.sends import deliveries, outbox_queue
from desktop.store.sends import outbox as outbox_rows
from desktop.sync.ports import AccountRef

ALIKE_MS = 7 * 86_400_000  # the same words twice within a week are asked about
LISTING_FRESH_MS = 30_000

KEY_EXPIRED = {"code": "key_expired", "asks": True, "why": "no_proof_exists"}


@dataclass(frozen=True, slots=True)
class Ready:
    """An item as it stands right before sending: who is left of its targets, who is barred and why.

    `wait_for` is why it must wait (with `until` in UTC ms where that is known), `hold` why it is held,
    `refusal` why the platform would not take it any more.
    """

    item: OutboxItem
    write: Write
    barred: Mapping[str, str] = field(default_factory=dict)
    is_intact: bool = True
    is_repeat: bool = False
    wait_for: Mapping[str, Any] | None = None
    until: int = 0
    hold: Mapping[str, Any] | None = None
    asks: Mapping[str, Any] | None = None  # what only a person can say now
    refusal: Mapping[str, Any] | None = None

    @property
    def has_nobody_left(self) -> bool:
        """Whether it was for somebody and now is for nobody."""
        return bool(self.item.write.targets) and not self.write.targets


class Gate:
    """The last look at items of one account. Lives for one push; remembers listings for half a minute."""

    def __init__(self, store: Store, clock: Clock, account: AccountRef, adapter: PerformsWrites) -> None:
        self._store = store
        self._clock = clock
        self._account = account
        self._adapter = adapter
        self._listings: dict[str, tuple[int, Listing]] = {}

    async def look(self, uid: str) -> Ready:
        """The item, checked again: bytes, suppression, refusal, quota, quiet hours, order. No network."""
        return await self._store.read(lambda conn: _look(conn, self._account, uid, self._clock.now_ms()))

    def stands(self, conn: Any, ready: Ready) -> bool:
        """Whether a look in the very transaction that marks the item finds it as it was found before.

        Listings and uploads lie between the two: meanwhile somebody may have asked not to be written to.
        """
        now = _look(conn, self._account, ready.item.uid, self._clock.now_ms())
        return (now.write, now.is_intact, now.hold, now.asks, now.wait_for) == (
            ready.write,
            ready.is_intact,
            ready.hold,
            ready.asks,
            ready.wait_for,
        )

    async def look_alikes(self, item: OutboxItem, write: Write) -> list[dict[str, Any]]:
        """Writes the platform took in the last week that look the same and are none of ours.

        Another computer may have sent them. Raises the five errors of an adapter.
        """
        if KINDS[write.kind].proof is not Proof.LISTING:
            return []
        listing = await self._recent(write.kind)
        known = await self._store.read(
            lambda conn: (
                outbox_queue.taken_platform_ids(conn, self._account.id)
                | outbox_rows.alike_seen(conn, item.id)
            )
        )
        at = {row.platform_id: row.created_at for row in listing.rows}
        return [{"id": id_, "at": at[id_]} for id_ in alike(write, listing) if id_ not in known]

    async def _recent(self, kind: str) -> Listing:
        now = self._clock.now_ms()
        taken_at, listing = self._listings.get(kind, (0, None))
        if listing is None or not 0 <= now - taken_at < LISTING_FRESH_MS:
            listing = await self._adapter.recent(kind, now - ALIKE_MS)
            self._listings[kind] = (now, listing)
        return listing


class ClockWatch:
    """Judges this computer's clock before anything leaves. Lives as long as the program."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last_look: tuple[int, int] | None = None

    async def doubt(self, adapter: PerformsWrites) -> str | None:
        """Why the clock cannot be trusted now, or None. Raises the five errors of an adapter.

        After sleep, or when somebody set the clock, the platform's time is heard first.
        """
        now, mono = self._clock.now_ms(), int(self._clock.monotonic_s() * 1000)
        before = self._last_look or (now, mono)
        tells = adapter if isinstance(adapter, TellsServerTime) else None
        has_jumped = abs((now - before[0]) - (mono - before[1])) > JUMP_LIMIT_MS
        if tells is not None and (has_jumped or is_skewed(skew_of(adapter))):
            await tells.hear_time()
        skew = skew_of(adapter)
        last_event = await self._store.read(outbox_queue.last_event_at)
        found = clock_doubt(ClockReading(now, last_event, skew, now - before[0], mono - before[1]))
        self._last_look = (now, mono)
        return found


def _look(conn: Any, account: AccountRef, uid: str, now: int) -> Ready:
    item = outbox_rows.by_uid(conn, uid, with_payload=True)
    write = item.write
    if sha256_text(item.payload) != item.payload_sha256:
        return Ready(item, write, is_intact=False)
    failed = _failed_predecessor(conn, item)
    if failed is not None:
        return Ready(item, write, hold={"code": "predecessor_failed", "uid": failed})
    doubtful_since = _may_have_run_since(conn, item)
    is_repeat = doubtful_since is not None
    lives_ms = KINDS[item.kind].key_lives_ms
    if doubtful_since is not None and lives_ms and now - doubtful_since > lives_ms:
        return Ready(item, write, asks=KEY_EXPIRED)
    refusal = None if is_repeat else _refusal(conn, item, now)  # about a repeat the platform decides
    if refusal is not None:
        return Ready(item, write, refusal=refusal)
    wait_for, until = _must_wait(conn, item, now)
    barred = _barred(conn, account, item, now)
    open_targets = deliveries.planned(conn, item.id)
    targets = tuple(t for t in write.targets if t in open_targets and t not in barred)
    prior_id = outbox_queue.platform_id_of(conn, item.predecessor)
    left = Write(write.kind, write.body, targets, write.pictures, prior_id=prior_id)
    return Ready(item, left, barred, is_repeat=is_repeat, wait_for=wait_for, until=until)


def _barred(conn: Any, account: AccountRef, item: OutboxItem, now: int) -> Mapping[str, str]:
    """Who of the targets must not be reached now: external id to status."""
    if item.kind not in KIND_OF_CHAT.values():
        return {}
    row = recipients.account_by_id(conn, account.id)
    if row is None:
        raise NotFoundError("account_missing", account=account.uid)
    zone = _zone(conn)
    rule = reach_rules.quota_rule(conn, account.platform, now, zone)
    reach = recipients.reach_of(row, rule, now, zone)
    if item.kind == KIND_OF_CHAT["group"]:
        return recipients.groups_over_quota(conn, item.id, reach)
    return recipients.unreachable_now(conn, item.id, reach)


def _refusal(conn: Any, item: OutboxItem, now: int) -> Mapping[str, Any] | None:
    """Why the platform would refuse a reply as the talk stands now."""
    if item.kind not in (KF_MESSAGE, DIRECT_MESSAGE):
        return None
    barred = room(talks.standing_of_item(conn, item), now).barred
    return {"code": barred} if barred else None


def _must_wait(conn: Any, item: OutboxItem, now: int) -> tuple[Mapping[str, Any] | None, int]:
    """Why the item waits although its time has come, and until when where that is known."""
    if item.predecessor is not None and outbox_queue.state_of(conn, item.predecessor) is not State.DONE:
        return {"code": "waiting_predecessor", "uid": item.predecessor}, 0
    settled_at = _settled_at(conn, item)
    if now < settled_at:
        return {"code": "waiting_unclear", "until_at": settled_at}, settled_at
    answers = KINDS[item.kind].answers_people  # a reply waits for replies only: its order key sees to that
    earlier = None if answers else outbox_queue.earlier_to_same_target(conn, item, now)
    if earlier is not None:
        return {"code": "waiting_earlier", "uid": earlier}, 0
    if KINDS[item.kind].reaches_people:
        hours = quiet_hours.from_setting(shop_rows.setting(conn, quiet_hours.SETTING))
        until = None if hours is None else hours.ends_at(now, _zone(conn))
        if until is not None:
            return {"code": "quiet_hours", "until_at": until}, until
    return None, 0


def _settled_at(conn: Any, item: OutboxItem) -> int:
    """When no earlier change of the same thing can be carried out any more: late, it would undo this one.

    Reading the thing back tells how it is, not what is still on its way to it.
    """
    doubts = outbox_queue.doubts_before(conn, item)
    ends = [ended_at for kind, ended_at in doubts if KINDS[kind].proof is Proof.STATE]
    return max(ends) + SETTLE_MS if ends else 0


def _failed_predecessor(conn: Any, item: OutboxItem) -> str | None:
    """The predecessor that will never be done, if so."""
    if item.predecessor is None:
        return None
    never = outbox_queue.state_of(conn, item.predecessor) in (
        None,
        State.REJECTED,
        State.MISSED,
        State.CANCELLED,
    )
    return item.predecessor if never else None


def _may_have_run_since(conn: Any, item: OutboxItem) -> int | None:
    """Since when an attempt's end is in doubt, which only the item's key can settle; None without one."""
    doubtful = [one.started_at for one in outbox_rows.attempts_of(conn, item.id) if one.outcome == "U"]
    return min(doubtful, default=None)


def _zone(conn: Any) -> str:
    shop = shop_rows.find(conn)
    return shop.timezone if shop else DEFAULT_ZONE
