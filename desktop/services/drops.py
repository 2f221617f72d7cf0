"""Welfare drops: plan offline, confirm, change the time. After the opening nothing leaves any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop.domain import drops as rules
from desktop.domain import placeholders
from desktop.domain.clock import Clock
from desktop.domain.content import MediaRef, Problem, blocking
from desktop.domain.drops import (
    NEAR_SENDS_MS,
    RECENT_DEALS_MS,
    ClaimTotals,
    Drop,
    DropContext,
    DropDraft,
    DropResult,
    GroupFacts,
    result_of,
)
from desktop.domain.errors import ConflictError
from desktop.domain.mass_send import MAX_GROUPS, MassSend, Picture, sha256_text
from desktop.domain.outbox import HOLD_S
from desktop.domain.outbox_items import KIND_GROUPS, DeliveryCounts, NewItem, NewTarget
from desktop.domain.progress import Progress, progress_of
from desktop.services.sending import (
    ConfirmBlockedError,
    Confirmed,
    Withdrawn,
    account_of,
    freeze,
    refuse_undecided,
    shop_facts,
    sums,
    texts_gone_out,
    withdraw,
)
from desktop.store import claims as claim_rows
from desktop.store import drops as drop_rows
from desktop.store import media as media_rows
from desktop.store import outbox as outbox_rows
from desktop.store import reach_rules, recipients
from desktop.store.database import Store
from desktop.store.media import MediaFolder
from desktop.store.transaction import Transaction

ENTITY = "drop"


@dataclass(frozen=True, slots=True)
class DropRow:
    """One line of the list: the drop, where it stands, groups by delivery status, claims so far."""

    drop: Drop
    progress: Progress
    deliveries: DeliveryCounts
    claims: ClaimTotals


@dataclass(frozen=True, slots=True)
class DropPreview:
    """The text as one group sees it; `missing` are placeholders without a value."""

    text: str
    group_name: str
    media: tuple[MediaRef, ...]
    missing: tuple[str, ...]


class DropService:
    """Everything about drops but claims. Methods raise NotFoundError('drop_missing') for unknown uids."""

    def __init__(self, store: Store, clock: Clock, media: MediaFolder) -> None:
        self._store = store
        self._clock = clock
        self._media = media

    async def save_draft(self, draft: DropDraft, uid: str | None = None, origin: object = None) -> Drop:
        """Make or overwrite a draft. Raises ConflictError('drop_not_draft') once it is confirmed."""

        def work(tx: Transaction) -> Drop:
            account, _ = account_of(tx.db.conn, draft.account_uid)
            account_id = account.id if account and draft.account_uid else None
            for picture in draft.media:
                media_rows.note(tx, picture)
            if uid is None:
                return drop_rows.insert(tx, draft, account_id)
            old = drop_rows.get(tx.db.conn, uid)
            tx.replaced = {"item": old.draft.item, "body": old.draft.body, "opens_at": old.draft.opens_at}
            return drop_rows.update(tx, old, draft, account_id)

        return await self._store.write(
            work, kind="drop.plan", payload={"uid": uid, "item": draft.item}, origin=origin
        )

    async def get(self, uid: str) -> Drop:
        """One drop."""
        return await self._store.read(lambda conn: drop_rows.get(conn, uid))

    async def rows(self, search: str = "", limit: int = 200, offset: int = 0) -> list[DropRow]:
        """Drops: drafts without a time first, then the last opening first."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: [
                _row(conn, drop, now) for drop in drop_rows.listed(conn, search.strip(), limit, offset)
            ]
        )

    async def row(self, uid: str) -> DropRow:
        """One drop with where it stands."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _row(conn, drop_rows.get(conn, uid), now))

    async def delete(self, uid: str) -> None:
        """Put a draft or settled drop away. Raises ConflictError('drop_waiting') while it may go out."""

        def work(tx: Transaction) -> None:
            drop = drop_rows.get(tx.db.conn, uid)
            for item in outbox_rows.of_entity(tx.db.conn, ENTITY, drop.id):
                if item.state not in ("done", "rejected", "missed", "cancelled"):
                    raise ConflictError("drop_waiting", uid=uid, state=item.state.value)
            tx.replaced = {"uid": uid}
            drop_rows.set_removed(tx, drop, is_removed=True)

        await self._store.write(work, kind="drop.delete", payload={"uid": uid})

    async def restore(self, uid: str) -> None:
        """Undo delete()."""

        def work(tx: Transaction) -> None:
            drop_rows.set_removed(tx, drop_rows.get(tx.db.conn, uid, with_removed=True), is_removed=False)

        await self._store.write(work, kind="drop.restore", payload={"uid": uid})

    async def keep_picture(self, source: Path) -> MediaRef:
        """Copy a picture file into the shop. Raises InvalidInputError for what cannot be sent."""
        return self._media.keep(source)

    async def keep_picture_bytes(self, content: bytes, name: str) -> MediaRef:
        """As keep_picture, for a pasted picture."""
        return self._media.keep_bytes(content, name)

    def picture_path(self, sha256: str) -> Path:
        """Where a kept picture lies, to show it."""
        return self._media.path(sha256)

    async def groups_named(self, names: Sequence[str], account_uid: str | None = None) -> list[int]:
        """Local ids of groups by the platform's id, name or local id; "all" is every living group.

        Raises NotFoundError('group_missing'), ConflictError('group_name_twice').
        """

        def work(conn: Any) -> list[int]:
            account, _ = account_of(conn, account_uid) if account_uid else (None, None)
            return recipients.groups_named(conn, names, account.id if account else None)

        return await self._store.read(work)

    async def preview(self, draft: DropDraft, group_id: int | None = None) -> DropPreview:
        """The text for one group: the given one, else the first target."""
        wanted = (group_id,) if group_id is not None else draft.group_ids[:1]

        def work(conn: Any) -> DropPreview:
            facts = shop_facts(conn)
            groups = recipients.group_facts(conn, wanted, (0, 0), None, None)
            name = groups[0].name if groups else ""
            filled = placeholders.fill(draft.body, rules.values_for(draft, facts.name, name, facts.zone))
            return DropPreview(filled.text, name, draft.media, filled.missing)

        return await self._store.read(work)

    async def check(self, draft: DropDraft, uid: str | None = None) -> list[Problem]:
        """Everything wrong or risky about a draft."""
        now = self._clock.now_ms()

        def work(conn: Any) -> list[Problem]:
            drop = drop_rows.get(conn, uid) if uid else None
            return rules.check(draft, _context(conn, draft, drop, now))

        return await self._store.read(work)

    async def confirm(self, uid: str, hold_s: float = HOLD_S) -> Confirmed:
        """Freeze texts and groups into outbox items, one for each group owner and text.

        Raises ConfirmBlockedError with all problems, ConflictError('already_confirmed').
        """

        def work(tx: Transaction) -> Confirmed:
            conn = tx.db.conn
            drop = drop_rows.get(conn, uid)
            if drop.state != "draft":
                raise ConflictError("already_confirmed", uid=uid, state=drop.state)
            context = _context(conn, drop.draft, drop, tx.now_ms)
            problems = rules.check(drop.draft, context)
            if blocking(problems) or context.account_id is None:
                raise ConfirmBlockedError(problems)
            drop = replace(drop, account_id=context.account_id)
            gone = texts_gone_out(conn, ENTITY, drop.id)
            items = _items(drop, context, gone, tx.now_ms, hold_s)
            if not items:
                raise ConflictError("nobody_left_to_reach", uid=uid)
            uids = freeze(tx, items, operator=self._store.operator, device_id=self._store.device_id)
            drop_rows.set_state(tx, drop, "confirmed")
            groups = sum(len(item.targets) for item in items)
            first = items[0]
            return Confirmed(uid, tuple(uids), groups, first.hold_until, first.not_before, first.not_after)

        return await self._store.write(work, kind="drop.confirm", payload={"uid": uid, "hold_s": hold_s})

    async def cancel(self, uid: str) -> Withdrawn:
        """Stop what has not left; within the hold the drop is a draft again.

        Raises ConflictError('outbox_too_late') when everything had left, 'drop_not_confirmed'.
        """

        def work(tx: Transaction) -> Withdrawn:
            drop = drop_rows.get(tx.db.conn, uid)
            if drop.state != "confirmed":
                raise ConflictError("drop_not_confirmed", uid=uid, state=drop.state)
            done = withdraw(tx, ENTITY, drop.id, "cancelled_by_operator")
            if not done.too_late:
                drop_rows.set_state(tx, drop, "draft" if done.is_draft_again else "cancelled")
            return done

        return await self._store.write(work, kind="drop.cancel", payload={"uid": uid})

    async def reopen(self, uid: str) -> Drop:
        """Withdraw what has not left and edit again: a new revision that needs a new confirmation.

        Raises ConflictError('outbox_undecided') while an outcome is open.
        """
        return await self._reopened(uid, None)

    async def reschedule(self, uid: str, opens_at: int, announce_at: int | None = None) -> Drop:
        """Same text and groups, new opening, as a draft to confirm again. Raises as reopen().

        Without `announce_at` the announcement keeps its distance to the opening while that is ahead.
        """
        return await self._reopened(uid, (opens_at, announce_at))

    async def duplicate(self, uid: str) -> Drop:
        """A new draft with the same content, without its times."""
        drop = await self.get(uid)
        return await self.save_draft(replace(drop.draft, opens_at=None, announce_at=None))

    async def result(self, uid: str) -> DropResult:
        """What came of a drop: groups reached, pieces sold, money; unknowable figures say why."""

        def work(conn: Any) -> DropResult:
            drop = drop_rows.get(conn, uid)
            counts = sums(conn, [item.id for item in _current(conn, drop)])
            return result_of(
                drop.draft,
                claim_rows.totals(conn, drop.id),
                targets=len(drop.draft.group_ids),
                sent=counts.sent,
                waiting=counts.waiting,
                failed=counts.failed,
            )

        return await self._store.read(work)

    async def _reopened(self, uid: str, times: tuple[int, int | None] | None) -> Drop:
        def work(tx: Transaction) -> Drop:
            drop = drop_rows.get(tx.db.conn, uid)
            if drop.state != "draft":
                refuse_undecided(tx.db.conn, ENTITY, drop.id)
                _withdraw_open(tx, drop)
                drop_rows.set_state(tx, drop, "draft", raises_revision=True)
                drop = drop_rows.get(tx.db.conn, uid)
            if times is None:
                return drop
            tx.replaced = {"opens_at": drop.draft.opens_at, "announce_at": drop.draft.announce_at}
            return drop_rows.update(tx, drop, _moved(drop.draft, *times, tx.now_ms), drop.account_id)

        payload = {"uid": uid, "opens_at": times[0] if times else None}
        kind = "drop.reschedule" if times else "drop.reopen"
        return await self._store.write(work, kind=kind, payload=payload)


def _moved(draft: DropDraft, opens_at: int, announce_at: int | None, now: int) -> DropDraft:
    if announce_at is None and draft.announce_at is not None and draft.opens_at is not None:
        shifted = draft.announce_at + opens_at - draft.opens_at
        announce_at = shifted if shifted > now else None
    return replace(draft, opens_at=opens_at, announce_at=announce_at)


def _current(conn: Any, drop: Drop) -> list[Any]:
    """Items of the last round: those neither replaced nor cancelled, or all when none is left."""
    items = outbox_rows.of_entity(conn, ENTITY, drop.id)
    return [item for item in items if not (item.replaced_by or item.state == "cancelled")] or items


def _row(conn: Any, drop: Drop, now: int) -> DropRow:
    items = _current(conn, drop)
    counts = sums(conn, [item.id for item in items])
    progress = progress_of(drop.state, items, counts, now)
    return DropRow(drop, progress, counts, claim_rows.totals(conn, drop.id))


def _withdraw_open(tx: Transaction, drop: Drop) -> None:
    try:
        withdraw(tx, ENTITY, drop.id, "reopened")
    except ConflictError as error:
        if error.code != "outbox_too_late":
            raise  # everything that was sent stays sent; the rest is written anew


def _context(conn: Any, draft: DropDraft, drop: Drop | None, now: int) -> DropContext:
    facts = shop_facts(conn)
    account_id = drop.account_id if drop else None
    account, problem = account_of(conn, draft.account_uid, account_id or _groups_account(conn, draft))
    at = max(rules.window_of(draft, now)[0], now)
    drop_id = drop.id if drop else None
    reach = None
    if account is not None:
        rule = reach_rules.quota_rule(conn, account.platform, at, facts.zone)
        reach = recipients.reach_of(account, rule, at, facts.zone)
    near = (at - NEAR_SENDS_MS, at + NEAR_SENDS_MS)
    lowest = None
    if draft.opens_at is not None and draft.item.strip():
        recent = (draft.opens_at - RECENT_DEALS_MS, draft.opens_at)
        lowest = drop_rows.lowest_deal(conn, draft.item, recent, drop_id)
    return DropContext(
        now=now,
        zone=facts.zone,
        copy_rules=facts.copy_rules,
        groups=recipients.group_facts(conn, draft.group_ids, near, reach, drop_id),
        lowest_deal_cents=lowest,
        shop_name=facts.name,
        account_id=account.id if account else None,
        account_problem=problem,
    )


def _groups_account(conn: Any, draft: DropDraft) -> int | None:
    """The account of the target groups, when they agree."""
    groups = recipients.group_facts(conn, draft.group_ids, (0, 0), None, None)
    accounts = {group.account_id for group in groups}
    return accounts.pop() if len(accounts) == 1 else None


def _items(
    drop: Drop, context: DropContext, gone: dict[str, set[str]], now: int, hold_s: float
) -> list[NewItem]:
    """One item for each owner, text and at most 2,000 groups; no group gets the same text again."""
    by_sender: dict[tuple[str, str], list[GroupFacts]] = {}
    for group in context.groups:
        values = rules.values_for(drop.draft, context.shop_name, group.name, context.zone)
        text = placeholders.fill(drop.draft.body, values).text
        if text not in gone.get(group.external_id, set()):
            by_sender.setdefault((group.owner_external_id, text), []).append(group)
    items = []
    for (owner, text), groups in by_sender.items():
        for start in range(0, len(groups), MAX_GROUPS):
            items.append(_item(drop, owner, text, groups[start : start + MAX_GROUPS], now, hold_s))
    return items


def _item(
    drop: Drop, owner: str, text: str, groups: Sequence[GroupFacts], now: int, hold_s: float
) -> NewItem:
    not_before, not_after = rules.window_of(drop.draft, now)
    pictures = tuple(Picture(p.sha256, p.file_name) for p in drop.draft.media)
    targets = tuple(group.external_id for group in groups)
    return NewItem(
        account_id=drop.account_id or 0,
        kind=KIND_GROUPS,
        entity=ENTITY,
        entity_id=drop.id,
        send=MassSend("group", text, targets, sender=owner, pictures=pictures),
        summary={
            "title": drop.draft.item,
            "text": text[:200],
            "recipients": len(groups),
            "pictures": len(pictures),
            "entity_uid": drop.uid,
            "revision": drop.revision,
            "sender": owner,
            "for": "、".join(group.name or group.external_id for group in groups[:5]),
        },
        order_key=f"drop:{drop.uid}:{owner}:{sha256_text(text)[:12]}",
        not_before=not_before,
        not_after=not_after,
        hold_until=now + int(hold_s * 1000),
        targets=tuple(
            NewTarget("group", g.external_id, group_id=g.group_id, staff_external_id=owner) for g in groups
        ),
    )
