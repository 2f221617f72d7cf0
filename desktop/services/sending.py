"""What posts and drops share: the shop's facts at hand, freezing, withdrawing, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain import quiet_hours
from desktop.domain.content import Problem, Severity, blocking
from desktop.domain.copy_check import CopyRules
from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.outbox import CANCELLABLE, GONE_OUT, State
from desktop.domain.outbox_items import DeliveryCounts, NewItem
from desktop.domain.shop import DEFAULT_ZONE
from desktop.store import shop as shop_rows
from desktop.store.accounts import abilities
from desktop.store.audiences import reach_rules
from desktop.store.audiences.recipients import AccountRow, account_by_id, account_for
from desktop.store.sends import deliveries
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction


class ConfirmBlockedError(InvalidInputError):
    """A draft has errors; nothing was queued. `problems` holds all of them."""

    code = "confirm_blocked"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        self.stopping = tuple(blocking(problems))
        super().__init__(count=len(self.stopping), problems=[problem.code for problem in self.stopping])


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a confirmation queued. Until `hold_until` (UTC ms) cancelling brings the draft back."""

    uid: str
    items: tuple[str, ...]
    recipients: int
    hold_until: int
    not_before: int
    not_after: int | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What cancelling did: items stopped, items that had already left, and whether it is a draft again."""

    cancelled: int
    too_late: int
    is_draft_again: bool


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """The shop as texts and windows need it."""

    name: str
    zone: str
    copy_rules: CopyRules


def shop_facts(conn: Any) -> ShopFacts:
    """Name, time zone and listed words in force."""
    shop = shop_rows.find(conn)
    return ShopFacts(
        shop.name if shop else "", shop.timezone if shop else DEFAULT_ZONE, reach_rules.copy_rules(conn)
    )


def account_of(
    conn: Any, account_uid: str | None, account_id: int | None = None, *, platform: str = "wecom"
) -> tuple[AccountRow | None, str | None]:
    """The account of a platform to send from, or None with the code of the problem."""
    try:
        account = account_for(conn, account_uid, platform)
    except ConflictError:
        account = None if account_id is None else account_by_id(conn, account_id)
        if account is None or account.platform != platform:
            return None, "account_choose"
        return account, None
    if account is None:
        return None, "account_missing"
    if account.state == "disabled":
        return account, "account_disabled"
    return account, None


def departure_problems(
    conn: Any, account: AccountRow | None, kind: str, window: tuple[int, int | None], field: str
) -> list[Problem]:
    """Warnings about the way out: quiet hours at its time, or a platform that does not allow it as things are."""
    found = []
    zone = shop_facts(conn).zone
    hours = quiet_hours.from_setting(shop_rows.setting(conn, quiet_hours.SETTING))
    found += quiet_hours.check(hours, window, zone, field)
    refused = () if account is None else abilities.refused(conn, account.id)
    if any(refusal.ability == kind for refusal in refused):
        found.append(Problem("sending_refused", field="account", severity=Severity.WARNING))
    return found


def freeze(tx: Transaction, items: Sequence[NewItem], *, operator: str, device_id: str) -> list[str]:
    """Write confirmed items; what was missed or refused of the same thing is marked as replaced. Their uids."""
    uids = [outbox_rows.insert(tx, item, operator=operator, device_id=device_id) for item in items]
    if uids:
        earlier = outbox_rows.of_entity(tx.db.conn, items[0].entity, items[0].entity_id)
        missed = [
            item.id
            for item in earlier
            if item.uid not in uids
            and item.state in (State.MISSED, State.REJECTED)
            and item.replaced_by is None
        ]
        outbox_rows.set_replaced(tx, missed, uids[0])
    return uids


def withdraw(tx: Transaction, entity: str, entity_id: int, why: str) -> Withdrawn:
    """Cancel every item that has not left.

    Raises ConflictError('outbox_too_late') when nothing could be stopped because all had left.
    """
    items = outbox_rows.of_entity(tx.db.conn, entity, entity_id)
    stopped = [item for item in items if item.state in CANCELLABLE]
    gone = [item for item in items if item.state in GONE_OUT]
    if gone and not stopped:
        raise ConflictError("outbox_too_late", count=len(gone))
    for item in stopped:
        outbox_rows.move(tx, item.id, State.CANCELLED, reason={"code": why})
    in_hold = bool(stopped) and all(tx.now_ms < item.hold_until for item in stopped)
    return Withdrawn(len(stopped), len(gone), in_hold and not gone)


def refuse_undecided(conn: Any, entity: str, entity_id: int) -> None:
    """Raises ConflictError('outbox_undecided') while some item's outcome is open."""
    for item in outbox_rows.of_entity(conn, entity, entity_id):
        if item.state in (State.IN_FLIGHT, State.UNKNOWN):
            raise ConflictError("outbox_undecided", uid=item.uid)


def texts_gone_out(conn: Any, entity: str, entity_id: int) -> dict[str, set[str]]:
    """Texts that left or may have left for each target of a post or drop."""
    gone: dict[str, set[str]] = {}
    for item in outbox_rows.of_entity(conn, entity, entity_id):
        if item.state not in GONE_OUT:
            continue
        text = outbox_rows.by_uid(conn, item.uid, with_payload=True).write.text
        for delivery in deliveries.of_item(conn, item.id, limit=100_000):
            if delivery.status not in ("refused", "over_limit", "not_friend"):
                gone.setdefault(delivery.target_external_id, set()).add(text)
    return gone


def sums(conn: Any, item_ids: Sequence[int]) -> DeliveryCounts:
    """Recipients of several items by status, together."""
    totals: dict[str, int] = {}
    for counts in deliveries.counts_of_items(conn, item_ids).values():
        for name in DeliveryCounts.__dataclass_fields__:
            totals[name] = totals.get(name, 0) + getattr(counts, name)
    return DeliveryCounts(**totals)
