"""Welfare drops: plan offline, confirm, change the time. After the opening nothing leaves any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain import drops as rules
from desktop.domain import placeholders
from desktop.domain.content import MediaRef, Problem, blocking
from desktop.domain.drops import (
    NEAR_SENDS_MS,
    PLATFORM,
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
from desktop.domain.mass_send import MAX_GROUPS
from desktop.domain.outbox_items import DeliveryCounts, NewItem, NewTarget
from desktop.domain.progress import Progress
from desktop.domain.write_kinds.wecom import MASS_SEND_GROUPS
from desktop.domain.writes import Picture, Write, sha256_text
from desktop.services.content import ContentService
from desktop.services.sending import (
    ConfirmBlockedError,
    account_of,
    departure_problems,
    shop_facts,
    texts_gone_out,
)
from desktop.store.audiences import reach_rules, recipients
from desktop.store.drops import claims as claim_rows
from desktop.store.drops.drops import DROPS, lowest_deal
from desktop.store.transaction import Transaction

ENTITY = DROPS.entity


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


class DropService(ContentService[DropDraft, Drop, DropRow]):
    """Everything about drops but claims. Methods raise NotFoundError('drop_missing') for unknown uids."""

    table = DROPS
    saving = "drop.plan"
    noted = ("item", "body", "opens_at")
    times = ("opens_at", "announce_at")

    async def groups_named(self, names: Sequence[str], account_uid: str | None = None) -> list[int]:
        """Local ids of groups by the platform's id, name or local id; "all" is every living group of WeCom's.

        Raises NotFoundError('group_missing'), ConflictError('group_name_twice').
        """

        def work(conn: Any) -> list[int]:
            account, _ = account_of(conn, account_uid) if account_uid else (None, None)
            return recipients.groups_named(conn, names, account.id if account else None, PLATFORM)

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

    async def reschedule(self, uid: str, opens_at: int, announce_at: int | None = None) -> Drop:
        """Same text and groups, new opening, as a draft to confirm again. Raises as reopen().

        Without `announce_at` the announcement keeps its distance to the opening while that is ahead.
        """
        return await self._reopened(
            uid, opens_at, lambda draft, now: _moved(draft, opens_at, announce_at, now)
        )

    async def result(self, uid: str) -> DropResult:
        """What came of a drop: groups reached, pieces sold, money; unknowable figures say why."""
        now = self._clock.now_ms()

        def work(conn: Any) -> DropResult:
            drop = DROPS.get(conn, uid)
            _, counts = self._standing(conn, drop, now)
            return result_of(
                drop.draft,
                claim_rows.totals(conn, drop.id),
                targets=len(drop.draft.group_ids),
                sent=counts.sent,
                waiting=counts.waiting,
                failed=counts.failed,
            )

        return await self._store.read(work)

    def _row(self, conn: Any, content: Drop, now: int) -> DropRow:
        progress, counts = self._standing(conn, content, now)
        return DropRow(content, progress, counts, claim_rows.totals(conn, content.id))

    def _problems(self, conn: Any, draft: DropDraft, content: Drop | None, now: int) -> list[Problem]:
        account, _ = account_of(conn, draft.account_uid, content.account_id if content else None)
        window, field = rules.window_of(draft, now), "announce_at" if draft.announce_at else "opens_at"
        way_out = departure_problems(conn, account, MASS_SEND_GROUPS, window, field)
        return [*rules.check(draft, _context(conn, draft, content, now)), *way_out]

    def _frozen(self, tx: Transaction, content: Drop, hold_s: float) -> tuple[Drop, list[NewItem]]:
        """One item for each group owner and text."""
        conn = tx.db.conn
        context = _context(conn, content.draft, content, tx.now_ms)
        problems = rules.check(content.draft, context)
        if blocking(problems) or context.account_id is None:
            raise ConfirmBlockedError(problems)
        drop = replace(content, account_id=context.account_id)
        gone = texts_gone_out(conn, ENTITY, drop.id)
        items = _items(drop, context, gone, tx.now_ms, hold_s)
        if not items:
            raise ConflictError("nobody_left_to_reach", uid=drop.uid)
        return drop, items

    def _timeless(self, draft: DropDraft) -> DropDraft:
        return replace(draft, opens_at=None, announce_at=None)


def _moved(draft: DropDraft, opens_at: int, announce_at: int | None, now: int) -> DropDraft:
    if announce_at is None and draft.announce_at is not None and draft.opens_at is not None:
        shifted = draft.announce_at + opens_at - draft.opens_at
        announce_at = shifted if shifted > now else None
    return replace(draft, opens_at=opens_at, announce_at=announce_at)


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
        lowest = lowest_deal(conn, draft.item, recent, drop_id)
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
        entity=ENTITY,
        entity_id=drop.id,
        write=Write(MASS_SEND_GROUPS, {"text": text, "sender": owner}, targets, pictures),
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
