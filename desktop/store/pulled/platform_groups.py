"""Groups and their members as a platform tells them; the kind the operator gave a group is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.identity import UNION
from desktop.domain.platform_records import GroupRecord, MemberKind, MemberRecord
from desktop.store.accounts import sync_runs
from desktop.store.fans.fans import chunks
from desktop.store.fans.known_people import KnownPeople
from desktop.store.pulled.platform_people import keys_of, known_identities
from desktop.store.pulled.platform_staff import staff_ids
from desktop.store.transaction import Transaction

GROUPS = "groups"
MARKS = (GROUPS,)
GROUP_COLUMNS = (
    "name",
    "owner_staff_id",
    "notice",
    "status",
    "member_version",
    "founded_at",
)
MEMBER_COLUMNS = (
    "kind",
    "identity_id",
    "name",
    "group_nickname",
    "joined_at",
    "join_scene",
    "invitor_external_id",
    "state",
)
SET_MEMBER = (
    f"INSERT INTO group_member (group_id, external_id, {', '.join(MEMBER_COLUMNS)})"
    f" VALUES (?, ?, {', '.join('?' * len(MEMBER_COLUMNS))}) ON CONFLICT (group_id, external_id)"
    f" DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in MEMBER_COLUMNS)}, left_at = NULL"
)


@dataclass(slots=True)
class IngestedGroups:
    """What some groups changed here, counted for groups and for their members.

    `touched` are the groups, `moved` the identities that joined or left one.
    """

    new: int = 0
    changed: int = 0
    members: int = 0
    members_new: int = 0
    members_changed: int = 0
    members_left: int = 0
    empty_replies: int = 0
    touched: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)


def ingest_groups(tx: Transaction, account: Account, records: Sequence[GroupRecord]) -> IngestedGroups:
    """Take in groups with all of their members, and mark them as seen in this pass."""
    done = IngestedGroups()
    wanted = {record.owner_id for record in records} - {""}
    staff = staff_ids(tx, account.id, wanted)
    for record in records:
        group_id = _group(tx, account, record, staff.get(record.owner_id), done)
        _members(tx, account, group_id, record, done)
    sync_runs.mark_seen(tx, account.id, GROUPS, (record.external_id for record in records))
    if done.touched:
        tx.touch(Topic.GROUP, done.touched)
    for marks, portion in chunks(sorted(done.moved)):
        rows = tx.db.execute(f"SELECT DISTINCT fan_id FROM identity WHERE id IN ({marks})", portion)
        tx.touch(Topic.FAN, [row[0] for row in rows.fetchall()])
    return done


def missing(conn: Any, account: Account) -> tuple[list[int], int]:
    """(local ids of groups this pass has not met, how many are known)."""
    rows = conn.execute(
        "SELECT g.id, s.external_id IS NOT NULL AS seen FROM fan_group g LEFT JOIN sync_seen s"
        " ON s.account_id = g.account_id AND s.stream = 'groups' AND s.external_id = g.external_id"
        " WHERE g.account_id = ? AND g.removed_at IS NULL",
        (account.id,),
    ).fetchall()
    return [int(row["id"]) for row in rows if not row["seen"]], len(rows)


def remove(tx: Transaction, group_ids: Sequence[int]) -> None:
    """Mark groups as gone."""
    tx.db.conn.executemany(
        "UPDATE fan_group SET removed_at = ?, updated_at = ? WHERE id = ?",
        [(tx.now_ms, tx.now_ms, group_id) for group_id in group_ids],
    )
    tx.touch(Topic.GROUP, group_ids)


def _group(
    tx: Transaction, account: Account, record: GroupRecord, owner_id: int | None, done: IngestedGroups
) -> int:
    told = (
        record.name,
        owner_id,
        record.notice,
        record.status,
        record.member_version,
        record.founded_at,
    )
    row = tx.db.execute(
        "SELECT * FROM fan_group WHERE account_id = ? AND external_id = ?", (account.id, record.external_id)
    ).fetchone()
    if row is None:
        cursor = tx.db.execute(
            f"INSERT INTO fan_group (uid, account_id, external_id, updated_at, {', '.join(GROUP_COLUMNS)})"
            f" VALUES (?, ?, ?, ?, {', '.join('?' * len(GROUP_COLUMNS))})",
            (tx.new_uid(), account.id, record.external_id, tx.now_ms, *told),
        )
        done.new += 1
        done.touched.add(int(cursor.lastrowid or 0))
        return int(cursor.lastrowid or 0)
    if told != tuple(row[name] for name in GROUP_COLUMNS) or row["removed_at"] is not None:
        assignments = ", ".join(f"{name} = ?" for name in GROUP_COLUMNS)
        tx.db.execute(
            f"UPDATE fan_group SET {assignments}, removed_at = NULL, updated_at = ? WHERE id = ?",
            (*told, tx.now_ms, row["id"]),
        )
        done.changed += 1
        done.touched.add(int(row["id"]))
    return int(row["id"])


def _members(
    tx: Transaction, account: Account, group_id: int, record: GroupRecord, done: IngestedGroups
) -> None:
    rows = tx.db.execute("SELECT * FROM group_member WHERE group_id = ?", (group_id,)).fetchall()
    held = {str(row["external_id"]): row for row in rows}
    told = {member.external_id: member for member in record.members}
    done.members += len(told)
    present = {external_id for external_id, row in held.items() if row["left_at"] is None}
    if not told and present:  # a group always has its owner: an empty list is a gap, not an exodus
        done.empty_replies += 1
        return
    people = _identities(tx, account, list(told.values()))
    news = [
        row
        for external_id, member in told.items()
        if (member.kind is not MemberKind.FAN or external_id in people)  # but for who was erased
        and (row := _member(group_id, member, people.get(external_id), held.get(external_id), done))
    ]
    tx.db.conn.executemany(SET_MEMBER, news)
    left = present - told.keys()
    tx.db.conn.executemany(
        "UPDATE group_member SET left_at = ? WHERE group_id = ? AND external_id = ?",
        [(tx.now_ms, group_id, external_id) for external_id in left],
    )
    done.members_left += len(left)
    done.moved |= {held[external_id]["identity_id"] for external_id in left} - {None}
    if left:
        done.touched.add(group_id)


def _member(
    group_id: int,
    member: MemberRecord,
    identity_id: int | None,
    row: Any,
    done: IngestedGroups,
) -> tuple[Any, ...] | None:
    """The values of SET_MEMBER; None where they stand already."""
    told = (
        member.kind.value,
        identity_id,
        member.name,
        member.group_nickname,
        member.joined_at,
        member.join_scene,
        member.invitor_id,
        member.state,
    )
    if row is not None and row["left_at"] is None and told == tuple(row[name] for name in MEMBER_COLUMNS):
        return None
    if row is None or row["left_at"] is not None:
        done.members_new += 1
    else:
        done.members_changed += 1
    done.touched.add(group_id)
    before = row["identity_id"] if row is not None else None
    done.moved.update(one for one in (identity_id, before) if one is not None)
    return (group_id, member.external_id, *told)


def _identities(tx: Transaction, account: Account, members: Sequence[MemberRecord]) -> dict[str, int]:
    """Identity ids of the members from outside; who was unknown becomes a fan of the first tier.

    Who was erased here is left out.
    """
    outside = [member for member in members if member.kind is MemberKind.FAN]
    rows = known_identities(
        tx, account.platform, account.external_id, (member.external_id for member in outside)
    )
    found = {external_id: int(row[0]) for external_id, row in rows.items()}
    unions = set(known_identities(tx, UNION, "", (m.union_id for m in outside if m.union_id)))
    people = KnownPeople()
    people.look(tx.db, [key for m in outside for key in keys_of(account, m.external_id, m.union_id)])
    for member in outside:
        if member.external_id in found and (not member.union_id or member.union_id in unions):
            continue
        resolved = people.resolve(
            tx,
            keys_of(account, member.external_id, member.union_id),
            member.name,
            None,
            f"sync:{account.uid}",
            member.joined_at or tx.now_ms,
            account.id,
        )
        if resolved is None:
            continue
        found[member.external_id] = resolved.identity_id
        unions.add(member.union_id)
    people.flush(tx)
    return found
