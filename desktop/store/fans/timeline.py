"""All that happened with one fan, merged from every table, newest first."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.fans import TimelineEntry

# Every branch: at, kind, params (JSON), cents, entity, entity_id.
SQL = """
SELECT coalesce(o.paid_at, o.created_at, o.seen_at) AS at,
    CASE WHEN o.is_sale = 1 THEN 'order' ELSE 'order_open' END AS kind,
    json_object('order_no', o.order_no, 'platform', o.platform, 'status', o.status,
        'refund_cents', o.refund_cents, 'items', coalesce((SELECT group_concat(l.item, '、')
        FROM order_line AS l WHERE l.order_id = o.id AND l.item <> ''), '')) AS params,
    o.paid_cents AS cents, 'order' AS entity, o.id AS entity_id
FROM "order" AS o WHERE o.fan_id = :fan
UNION ALL
SELECT i.at, i.kind, json_object('n', i.quantity, 'channel', i.channel, 'note', i.note,
        'group', coalesce(g.name, ''), 'referred', coalesce(r.name, '')), NULL, 'interaction', i.id
FROM interaction AS i LEFT JOIN fan_group AS g ON g.id = i.group_id
LEFT JOIN fan AS r ON r.id = i.referred_fan_id WHERE i.fan_id = :fan
UNION ALL
SELECT c.claimed_at, CASE WHEN c.refunded_at IS NOT NULL THEN 'claim_refunded'
        WHEN c.is_redeemed = 1 THEN 'claim_redeemed' ELSE 'drop_claim' END,
    json_object('item', d.item, 'n', c.quantity), NULL, 'drop', d.id
FROM drop_claim AS c JOIN welfare_drop AS d ON d.id = c.drop_id WHERE c.fan_id = :fan
UNION ALL
SELECT ft.at, 'tag', json_object('tag', t.name, 'source', ft.source), NULL, 'tag', t.id
FROM fan_tag AS ft JOIN tag AS t ON t.id = ft.tag_id
WHERE ft.fan_id = :fan AND t.removed_at IS NULL
UNION ALL
SELECT u.at, 'untag', json_object('tag', t.name, 'source', u.source), NULL, 'tag', t.id
FROM fan_untag AS u JOIN tag AS t ON t.id = u.tag_id WHERE u.fan_id = :fan
UNION ALL
SELECT tc.at, CASE WHEN tc.from_tier IS NULL THEN 'tier_first' ELSE 'tier' END,
    json_object('from', tc.from_tier, 'to', tc.to_tier, 'reason', json(tc.reason)),
    NULL, 'tier_change', tc.id
FROM tier_change AS tc WHERE tc.fan_id = :fan
UNION ALL
SELECT coalesce(d.sent_at, d.updated_at), 'delivery',
    json_object('status', d.status, 'of', o.entity, 'title',
        coalesce((SELECT title FROM post WHERE o.entity = 'post' AND id = o.entity_id),
                 (SELECT item FROM welfare_drop WHERE o.entity = 'drop' AND id = o.entity_id), '')),
    NULL, 'outbox', o.id
FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id JOIN outbox AS o ON o.id = d.outbox_id
WHERE i.fan_id = :fan AND o.entity IN ('post', 'drop')
UNION ALL
SELECT m.joined_at, 'group_join', json_object('group', g.name), NULL, 'group', g.id
FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id
JOIN fan_group AS g ON g.id = m.group_id WHERE i.fan_id = :fan AND m.joined_at IS NOT NULL
UNION ALL
SELECT m.left_at, 'group_leave', json_object('group', g.name), NULL, 'group', g.id
FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id
JOIN fan_group AS g ON g.id = m.group_id WHERE i.fan_id = :fan AND m.left_at IS NOT NULL
UNION ALL
SELECT f.followed_at, 'connected', json_object('staff', coalesce(nullif(s.name, ''), s.external_id)),
    NULL, 'identity', i.id
FROM follow AS f JOIN identity AS i ON i.id = f.identity_id JOIN staff AS s ON s.id = f.staff_id
WHERE i.fan_id = :fan AND f.followed_at IS NOT NULL
UNION ALL
SELECT f.removed_at, 'disconnected', json_object('staff', coalesce(nullif(s.name, ''), s.external_id)),
    NULL, 'identity', i.id
FROM follow AS f JOIN identity AS i ON i.id = f.identity_id JOIN staff AS s ON s.id = f.staff_id
WHERE i.fan_id = :fan AND f.removed_at IS NOT NULL
UNION ALL
SELECT at, 'consent', json_object('purpose', purpose, 'channel', channel, 'said', state, 'source', source),
    NULL, 'consent', id
FROM consent WHERE fan_id = :fan
UNION ALL
SELECT at, 'quiet', json_object('channel', channel, 'reason', reason), NULL, 'suppression', rowid
FROM suppression WHERE fan_id = :fan
ORDER BY at DESC, entity, entity_id DESC, kind LIMIT :limit OFFSET :offset
"""


def timeline(conn: Any, fan_id: int, *, limit: int, offset: int = 0) -> list[TimelineEntry]:
    """One page of what happened, newest first; equal times keep one order, so pages never overlap."""
    found = conn.execute(SQL, {"fan": fan_id, "limit": limit, "offset": offset})
    return [
        TimelineEntry(
            at=row["at"],
            kind=row["kind"],
            params=json.loads(row["params"]),
            cents=row["cents"],
            entity=row["entity"],
            entity_id=row["entity_id"],
        )
        for row in found
    ]
