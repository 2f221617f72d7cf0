"""Everything the shop keeps about one person, and nothing of anybody else: what they get when they ask for it."""

from __future__ import annotations

from typing import Any

from desktop.store.fans import fans

THEIRS = "IN (SELECT id FROM identity WHERE fan_id = :fan)"

# A section and its rows. Columns have words (`personal.column.*`); `at` and `*_at` are UTC ms, `*_cents` cents.
SECTIONS = {
    "person": "SELECT name, phone, tier, note, marketing, under_14, first_seen_at FROM fan WHERE id = :fan",
    "identities": "SELECT platform, external_id, name, avatar_url, details, origin, first_seen_at, removed_at"
    " FROM identity WHERE fan_id = :fan ORDER BY id",
    "contacts": "SELECT s.name AS staff, f.remark, f.description, f.mobiles, f.followed_at, f.removed_at"
    f" FROM follow f JOIN staff s ON s.id = f.staff_id WHERE f.identity_id {THEIRS} UNION ALL"
    f" SELECT '', remark, '', '[]', followed_at, unfollowed_at FROM follower WHERE identity_id {THEIRS}"
    " ORDER BY followed_at",
    "consents": "SELECT purpose, channel, state, at, source, wording, proof, origin FROM consent"
    " WHERE fan_id = :fan ORDER BY at, id",
    "quiet": "SELECT channel, reason, at FROM suppression WHERE fan_id = :fan ORDER BY at",
    "tags": "SELECT t.name, f.source, f.at FROM fan_tag f JOIN tag t ON t.id = f.tag_id"
    " WHERE f.fan_id = :fan ORDER BY f.at, t.name",
    "tags_taken_off": "SELECT t.name, u.source, u.at FROM fan_untag u JOIN tag t ON t.id = u.tag_id"
    " WHERE u.fan_id = :fan ORDER BY u.at, t.name",
    "tiers": "SELECT from_tier, to_tier, reason, at FROM tier_change WHERE fan_id = :fan ORDER BY at, id",
    "orders": "SELECT o.platform, o.order_no, o.status, o.paid_cents, o.refund_cents, o.created_at, o.paid_at,"
    ' o.receiver, l.item, l.spec, l.quantity, o.origin FROM "order" o LEFT JOIN order_line l'
    " ON l.order_id = o.id WHERE o.fan_id = :fan ORDER BY o.created_at, o.id, l.line_no",
    "interactions": "SELECT i.kind, i.at, i.quantity, i.channel, g.name AS group_name, i.note, i.origin"
    " FROM interaction i LEFT JOIN fan_group g ON g.id = i.group_id WHERE i.fan_id = :fan ORDER BY i.at, i.id",
    "claims": "SELECT d.item, c.name, c.code, c.quantity, c.claimed_at, c.is_redeemed, c.refunded_at"
    " FROM drop_claim c"
    " JOIN welfare_drop d ON d.id = c.drop_id WHERE c.fan_id = :fan ORDER BY c.claimed_at",
    "groups": "SELECT g.name AS group_name, m.group_nickname AS name, m.joined_at, m.left_at FROM group_member m"
    f" JOIN fan_group g ON g.id = m.group_id WHERE m.identity_id {THEIRS} ORDER BY m.joined_at",
    "messages": "SELECT m.direction, m.kind, m.text, m.at FROM message m JOIN conversation c"
    f" ON c.id = m.conversation_id WHERE c.identity_id {THEIRS} ORDER BY m.at, m.id",
    "comments": f"SELECT at, text, reply FROM article_comment WHERE identity_id {THEIRS}"
    f" UNION ALL SELECT at, text, '' FROM video_comment WHERE identity_id {THEIRS} ORDER BY at",
    "sends": "SELECT o.kind, json_extract(o.summary, '$.title') AS title, d.status, d.sent_at FROM delivery d"
    f" JOIN outbox o ON o.id = d.outbox_id WHERE d.identity_id {THEIRS} ORDER BY d.updated_at",
    "audiences": "SELECT s.name, s.frozen_at AS at FROM segment_member m JOIN segment s ON s.id = m.segment_id"
    " WHERE m.fan_id = :fan AND s.removed_at IS NULL ORDER BY s.name",
}


def personal_record(conn: Any, fan_id: int) -> dict[str, list[dict[str, Any]]]:
    """Rows by section, each row by column; sections without a row too. Raises NotFoundError."""
    fans.fan(conn, fan_id)
    found = {}
    for section, sql in SECTIONS.items():
        rows = conn.execute(sql, {"fan": fan_id})
        names = [column[0] for column in rows.description]
        found[section] = [dict(zip(names, tuple(row), strict=True)) for row in rows]
    return found
