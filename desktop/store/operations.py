"""The operation log: what was done, by whom, and taking simple commands back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.segments import rules
from desktop.domain.segments.facts import AsOf
from desktop.store import saved_views
from desktop.store.audiences import segments
from desktop.store.consents import consents
from desktop.store.fans import fan_bulk, fan_edits
from desktop.store.fans.fans import fan
from desktop.store.groups import groups
from desktop.store.matching import merges, refusals
from desktop.store.rules import TIER_RULES, zone_of
from desktop.store.shop import set_setting, setting
from desktop.store.tags import own_tags, tags, untags
from desktop.store.transaction import Transaction

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One command. `can_undo`: `undo` knows how, and it was not undone yet."""

    uid: str
    at: int
    operator: str
    device_id: str
    kind: str
    payload: Payload
    replaced: Payload | None
    undone_by: str | None
    can_undo: bool


def operations(conn: Any, *, limit: int, offset: int = 0, kind: str = "") -> list[OperationRow]:
    """The log, newest first; `kind` may be a whole kind or its first word ("fan")."""
    found = conn.execute(
        "SELECT uid, at, operator, device_id, kind, payload, replaced, undone_by FROM operation"
        " WHERE :kind = '' OR kind = :kind OR substr(kind, 1, length(:kind) + 1) = :kind || '.'"
        " ORDER BY id DESC LIMIT :limit OFFSET :offset",
        {"kind": kind, "limit": limit, "offset": offset},
    )
    return [_operation(row) for row in found]


def _operation(row: Any) -> OperationRow:
    replaced = None if row["replaced"] is None else json.loads(row["replaced"])
    return OperationRow(
        uid=row["uid"],
        at=row["at"],
        operator=row["operator"],
        device_id=row["device_id"],
        kind=row["kind"],
        payload=json.loads(row["payload"]),
        replaced=replaced,
        undone_by=row["undone_by"],
        can_undo=row["kind"] in TAKE_BACK and replaced is not None and row["undone_by"] is None,
    )


def find(conn: Any, uid: str) -> OperationRow:
    """One operation. Raises NotFoundError('operation_missing')."""
    row = conn.execute("SELECT * FROM operation WHERE uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("operation_missing", uid=uid)
    return _operation(row)


def undo(tx: Transaction, uid: str) -> OperationRow:
    """Take one command back; what it replaced stands again.

    Raises NotFoundError for an unknown uid, ConflictError('undo_done') when it was undone,
    ConflictError('undo_not_possible') for a kind that has no simple way back, and
    ConflictError('undo_changed_since') when the same thing was changed again afterwards.
    """
    operation = find(tx.db, uid)
    if operation.undone_by is not None:
        raise ConflictError("undo_done")
    if not operation.can_undo or operation.replaced is None:
        raise ConflictError("undo_not_possible", kind=operation.kind)
    TAKE_BACK[operation.kind](tx, operation.payload, operation.replaced)
    tx.replaced = None  # the way forward again is the undone command itself
    tx.db.execute("UPDATE operation SET undone_by = ? WHERE uid = ?", (tx.operation_uid, uid))
    tx.touch(Topic.OPERATION)
    return operation


def _must_stand(now: object, then: object) -> None:
    if now != then:
        raise ConflictError("undo_changed_since")


def _tag_add(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    tags.remove(tx, replaced["added"], replaced["tag_id"])


def _tag_remove(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    if tags.names(tx.db, [replaced["tag_id"]]):
        tags.put_back(tx, replaced["tag_id"], replaced["removed"])
        untags.forget(tx, replaced["tag_id"], replaced["removed"])


def _note(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    _must_stand(fan(tx.db, replaced["fan_id"])["note"], payload["note"])
    fan_edits.set_note(tx, replaced["fan_id"], replaced["note"])


def _rename(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    _must_stand(fan(tx.db, replaced["fan_id"])["name"], payload["name"])
    fan_edits.rename(tx, replaced["fan_id"], replaced["name"], replaced["name_source"])


def _pin(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    before = replaced["pins"]
    live = set(fan_edits.live_ids(tx.db, [pin["fan_id"] for pin in before]))
    for fan_id in live:
        _must_stand(fan(tx.db, fan_id)["tier_pinned"], payload.get("tier"))
    pins = [(pin["fan_id"], pin["tier_pinned"], pin["tier_pinned_until"]) for pin in before]
    fan_edits.put_pins(tx, [pin for pin in pins if pin[0] in live])


def _suppress(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    fan_edits.unsuppress(tx, replaced["added"], replaced["channel"])


def _unsuppress(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    for row in replaced["removed"]:
        fan_edits.suppress(tx, [row["fan_id"]], row["channel"], row["reason"])


def _reach(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    consents.undo(tx, replaced)


def _tag_rename(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    _must_stand(tags.own(tx.db, replaced["tag_id"]), payload["name"])
    tags.rename(tx, replaced["tag_id"], replaced["name"])


def _tag_delete(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    tags.revive(tx, replaced["tag_id"])
    tags.put_back(tx, replaced["tag_id"], replaced["removed"])


def _tag_dress(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    own_tags.dress(tx, replaced["tag_id"], replaced["group"], replaced["colour"])


def _tag_rule(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    held = own_tags.ruled(tx.db).get(replaced["tag_id"])
    _must_stand(None if held is None else rules.as_json(held), payload["rule"])
    before = replaced["rule"]
    as_of = AsOf(tx.now_ms, zone_of(tx.db))
    own_tags.set_rule(tx, replaced["tag_id"], None if before is None else rules.parsed(before), as_of)


def _tag_merge(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    own_tags.unmerge(tx, replaced)


def _group_kind(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    groups.set_kind(tx, replaced["group_id"], replaced["kind"])


def _setting(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    for key, value in replaced.items():
        _must_stand(setting(tx.db, key), payload["value"])
        set_setting(tx, key, value)


def _tier_rules(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    _must_stand(setting(tx.db, TIER_RULES), payload["value"])
    fan_bulk.put_tier_rules(tx, replaced[TIER_RULES])


def _segment_before(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    segments.put_back(tx, replaced)


def _segment_add(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    segments.take_off(tx, replaced)


def _view_save(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    if replaced["state"] is None:
        saved_views.delete(tx, replaced["uid"])
    else:
        saved_views.save(tx, payload["page"], payload["name"], replaced["state"])


def _view_delete(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    saved_views.put_back(tx, replaced)


def _merge(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    merges.part(tx, replaced["merge"])


def _not_same(tx: Transaction, payload: Payload, replaced: Payload) -> None:
    refusals.put(tx, replaced["fan_id"], replaced["other_id"], replaced["marks"])


TAKE_BACK: Mapping[str, Callable[[Transaction, Payload, Payload], None]] = {
    "fan.tag_add": _tag_add,
    "fan.tag_remove": _tag_remove,
    "fan.merge": _merge,
    "fan.not_same": _not_same,
    "fan.note": _note,
    "fan.reach": _reach,
    "fan.rename": _rename,
    "fan.pin_tier": _pin,
    "fan.unpin_tier": _pin,
    "fan.suppress": _suppress,
    "fan.unsuppress": _unsuppress,
    "group.set_kind": _group_kind,
    "segment.add": _segment_add,
    "segment.freeze": _segment_before,
    "segment.remove": _segment_before,
    "segment.save": _segment_before,
    "setting.set": _setting,
    "tag.delete": _tag_delete,
    "tag.dress": _tag_dress,
    "tag.merge": _tag_merge,
    "tag.rename": _tag_rename,
    "tag.rule": _tag_rule,
    "tier.rules": _tier_rules,
    "view.delete": _view_delete,
    "view.save": _view_save,
}
