"""Rows for tests of people, boards and groups, put in through the real gateways where there are any."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from desktop.store.fans import fan_stats, known_people
from desktop.store.fans.identities import IdentityKey
from tests.fakes import ZONE


def at(day: str, hour: int = 12, minute: int = 0) -> int:
    """UTC milliseconds of a civil time in the shop's zone."""
    moment = datetime.combine(date.fromisoformat(day), time(hour, minute), ZoneInfo(ZONE))
    return round(moment.timestamp() * 1000)


def fan(
    tx: Any, name: str, *, key: tuple[str, str, str] | None = None, phone: str | None = None, seen: int = 0
) -> int:
    """A fan with one identity."""
    number = tx.db.execute("SELECT count(*) FROM fan").fetchone()[0] + 1
    keys = [IdentityKey(*(key or ("douyin", "shop", f"dy{number}")))]
    if phone:
        keys.append(IdentityKey("phone", "", phone))
    return known_people.resolve(tx, keys, name, phone, "import:test", seen or tx.now_ms).fan_id


def order(
    tx: Any,
    fan_id: int | None,
    paid_at: int | None,
    cents: int,
    *,
    refund: int = 0,
    status: str = "done",
    number: str = "",
    items: tuple[str, ...] = (),
) -> int:
    """An order, with the fan's sums brought up to date."""
    n = tx.db.execute('SELECT count(*) FROM "order"').fetchone()[0] + 1
    order_id = tx.db.execute(
        'INSERT INTO "order" (platform, scope, order_no, fan_id, status, paid_cents, refund_cents,'
        " paid_at, origin, seen_at, updated_at)"
        " VALUES ('douyin', 'shop', ?, ?, ?, ?, ?, ?, 'import:test', ?, ?)",
        (number or f"O{n:06d}", fan_id, status, cents, refund, paid_at, tx.now_ms, tx.now_ms),
    ).lastrowid
    for line, item in enumerate(items):
        tx.db.execute(
            "INSERT INTO order_line (order_id, line_no, item, quantity) VALUES (?, ?, ?, 1)",
            (order_id, str(line), item),
        )
    if fan_id is not None:
        fan_stats.refresh(tx, [fan_id])
    return int(order_id)


def touch(
    tx: Any, fan_id: int, kind: str, moment: int, quantity: int = 1, *, group: int | None = None
) -> int:
    """An interaction, with the fan's sums brought up to date."""
    row = tx.db.execute(
        "INSERT INTO interaction (uid, fan_id, kind, at, quantity, group_id, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, 'import:test')",
        (tx.new_uid(), fan_id, kind, moment, quantity, group),
    ).lastrowid
    fan_stats.refresh(tx, [fan_id])
    return int(row)


def tag(tx: Any, name: str, fan_ids: list[int], *, account: int | None = None) -> int:
    """A tag on fans; with an account it is the platform's."""
    tag_id = tx.db.execute(
        "INSERT INTO tag (uid, account_id, external_id, name) VALUES (?, ?, ?, ?)",
        (tx.new_uid(), account, f"et-{name}" if account else None, name),
    ).lastrowid
    for fan_id in fan_ids:
        tx.db.execute(
            "INSERT INTO fan_tag (fan_id, tag_id, source, at) VALUES (?, ?, 'operator', ?)",
            (fan_id, tag_id, tx.now_ms),
        )
    return int(tag_id)


def account(tx: Any, name: str = "小满企微") -> int:
    """A WeCom account with one staff member (staff id equals account id)."""
    account_id = tx.db.execute(
        "INSERT INTO account (uid, platform, name, base_url, external_id, state, created_at, last_sync_at)"
        " VALUES (?, 'wecom', ?, 'https://qyapi.weixin.qq.com', ?, 'connected', ?, ?)",
        (tx.new_uid(), name, f"corp-{name}", tx.now_ms, tx.now_ms),
    ).lastrowid
    tx.db.execute(
        "INSERT INTO staff (id, account_id, external_id, name) VALUES (?, ?, 'lisi', '李四')",
        (account_id, account_id),
    )
    return int(account_id)


def befriend(tx: Any, fan_id: int, account_id: int, when: int) -> int:
    """A WeCom identity of the fan with a living friendship; the identity's id."""
    scope = tx.db.execute("SELECT external_id FROM account WHERE id = ?", (account_id,)).fetchone()[0]
    identity = tx.db.execute(
        "INSERT INTO identity (fan_id, platform, scope, external_id, account_id, origin, first_seen_at,"
        " updated_at) VALUES (?, 'wecom', ?, ?, ?, 'sync:x', ?, ?)",
        (fan_id, scope, f"wm{fan_id}", account_id, when, when),
    ).lastrowid
    tx.db.execute(
        "INSERT INTO follow (identity_id, staff_id, remark, followed_at) VALUES (?, ?, ?, ?)",
        (identity, account_id, "", when),
    )
    return int(identity)


def group(tx: Any, name: str, account_id: int | None = None) -> int:
    """A fan group."""
    number = tx.db.execute("SELECT count(*) FROM fan_group").fetchone()[0] + 1
    return int(
        tx.db.execute(
            "INSERT INTO fan_group (uid, account_id, external_id, name, updated_at) VALUES (?, ?, ?, ?, ?)",
            (tx.new_uid(), account_id, f"wr{number}", name, tx.now_ms),
        ).lastrowid
    )


def member(
    tx: Any,
    group_id: int,
    external_id: str,
    *,
    identity: int | None = None,
    kind: str = "fan",
    joined: int | None = None,
    left: int | None = None,
) -> None:
    """Someone in a group."""
    tx.db.execute(
        "INSERT INTO group_member (group_id, external_id, kind, identity_id, joined_at, left_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (group_id, external_id, kind, identity, joined, left),
    )


def outbox(tx: Any, account_id: int, state: str, *, not_before: int, title: str = "新到的梨") -> str:
    """A post's outbox item in a state; its uid."""
    post = tx.db.execute(
        "INSERT INTO post (uid, account_id, title, state, created_at, updated_at)"
        " VALUES (?, ?, ?, 'confirmed', ?, ?)",
        (tx.new_uid(), account_id, title, tx.now_ms, tx.now_ms),
    ).lastrowid
    uid = tx.new_uid()
    tx.db.execute(
        "INSERT INTO outbox (uid, account_id, kind, entity, entity_id, state, payload, payload_sha256,"
        " order_key, not_before, hold_until, confirmed_at, confirmed_by, device_id,"
        " platform_id, updated_at) VALUES"
        " (?, ?, 'wecom.mass_send', 'post', ?, ?, '{}', 'x', 'k', ?, 0, ?, 'tester', 'd', ?, ?)",
        (
            uid,
            account_id,
            post,
            state,
            not_before,
            tx.now_ms,
            "msg1" if state == "done" else None,
            tx.now_ms,
        ),
    )
    return uid
