"""Search gives exactly whom LIKE would give, whatever was written, renamed, moved or deleted before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from desktop.domain.fans import FanFilter
from desktop.store.database import PRAGMAS
from desktop.store.engine import sqlite3
from desktop.store.fans import fan_orders, search, search_index
from desktop.store.fans.names import spellings
from desktop.store.migrations import upgrade
from desktop.store.transaction import Transaction
from tests.unit import shopfloor as floor

SIGNS = "林小满李娜阿安aAbBlLxX1238 %_\\'🍉👨‍👩‍👧é。"
NAMES = st.text(SIGNS, max_size=8)
DIGITS = st.text("123", min_size=0, max_size=11)
IDS = st.text("aAbB12", min_size=1, max_size=9)

# What the indexes must agree with: every row looked at.
PLAIN = """
SELECT id FROM fan WHERE name LIKE :part ESCAPE '\\'
UNION SELECT id FROM fan WHERE :spelled <> ''
    AND (pinyin LIKE :spelled ESCAPE '\\' OR initials LIKE :spelled ESCAPE '\\')
UNION SELECT id FROM fan WHERE :phone <> '' AND phone LIKE :phone
UNION SELECT fan_id FROM identity WHERE name LIKE :part ESCAPE '\\'
UNION SELECT fan_id FROM identity WHERE :number <> '' AND external_id LIKE :number ESCAPE '\\'
    AND platform <> 'phone'
UNION SELECT fan_id FROM follow JOIN identity ON identity.id = identity_id WHERE remark LIKE :part ESCAPE '\\'
UNION SELECT fan_id FROM fan_tag JOIN tag ON tag.id = tag_id WHERE tag.name LIKE :part ESCAPE '\\'
    AND removed_at IS NULL
UNION SELECT fan_id FROM "order" WHERE :number <> '' AND order_no LIKE :number ESCAPE '\\' AND fan_id IS NOT NULL
"""


def plainly(conn: Any, text: str) -> set[int]:
    """The fans that LIKE finds."""
    wanted = text.strip()
    spelled, digits = search.spelled_form(wanted), search.phone_digits(wanted)
    number = ""
    if any(ch.isascii() and ch.isalnum() for ch in wanted):
        number = ("%" if len(wanted) >= search.MIN_ID_PART else "") + search.escaped(wanted)
    values = {
        "part": f"%{search.escaped(wanted)}%",
        "spelled": f"%{search.escaped(spelled)}%" if spelled else "",
        "phone": f"%{digits}" if digits else "",
        "number": number,
    }
    return {row[0] for row in conn.execute(PLAIN, values)}


CALLED = """
SELECT name, id FROM fan UNION SELECT name, fan_id FROM identity
UNION SELECT remark, fan_id FROM follow JOIN identity ON identity.id = identity_id
"""

FAN = st.tuples(NAMES, DIGITS, IDS, NAMES, NAMES, IDS)
CHANGE = st.tuples(
    st.sampled_from(("rename", "platform", "remark", "move", "part", "delete")), st.integers(0, 5), NAMES
)


@pytest.fixture(scope="module")
def tx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transaction]:
    """One shop's file for all examples, written and read in place; each clears it first."""
    path = tmp_path_factory.mktemp("search") / "shop.db"
    connection = sqlite3.connect(str(path), isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in PRAGMAS:
        connection.execute(pragma)
    connection.execute("PRAGMA synchronous = OFF")
    db = Database(connection, execute_plugins=False)
    upgrade(db, path, lambda target: None)
    yield Transaction(db, 1)
    db.close()


def filled(tx: Any, people: list[tuple[str, ...]]) -> list[int]:
    """These people, each with an identity, a friendship, an order and a tag."""
    for table in (
        "fan_tag",
        "tag",
        '"order"',
        "follow",
        "identity",
        "staff",
        "account",
        "fan_stats",
        "fan",
    ):
        tx.db.execute(f"DELETE FROM {table}")
    staff = floor.account(tx)  # its staff member has the same number
    ids = []
    for place, (name, phone, external, called, remark, order_no) in enumerate(people):
        fan_id = tx.db.execute(
            "INSERT INTO fan (uid, name, pinyin, initials, phone, first_seen_at, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, 1, 1, 1)",
            (tx.new_uid(), name, *spellings(name), phone or None),
        ).lastrowid
        identity = tx.db.execute(
            "INSERT INTO identity (fan_id, platform, scope, external_id, name, origin, first_seen_at,"
            " updated_at) VALUES (?, 'wecom', ?, ?, ?, 'sync:1', 1, 1)",
            (fan_id, str(place), external, called),
        ).lastrowid
        tx.db.execute(
            "INSERT INTO follow (identity_id, staff_id, remark) VALUES (?, ?, ?)", (identity, staff, remark)
        )
        tx.db.execute(
            'INSERT INTO "order" (platform, scope, order_no, fan_id, status, paid_cents, origin, seen_at,'
            " updated_at) VALUES ('douyin', ?, ?, ?, 'done', 1, 'import:1', 1, 1)",
            (str(place), order_no, fan_id),
        )
        ids.append(fan_id)
    floor.tag(tx, "小满li", ids[::2])
    search_index.catch_up(tx.db.conn)
    return ids


def changed_all(tx: Any, ids: list[int], changes: list[tuple[str, int, str]]) -> None:
    """These changes, as one transaction makes them."""
    for what, place, text in changes:
        changed(tx, ids, what, place, text)
    search_index.catch_up(tx.db.conn)


def changed(tx: Any, ids: list[int], what: str, place: int, text: str) -> None:
    """One of the ways in which rows come to mean somebody else."""
    fan_id = ids[place % len(ids)]
    other = ids[(place + 1) % len(ids)]
    identities = "SELECT id FROM identity WHERE fan_id = ?"
    match what:
        case "rename":
            tx.db.execute(
                "UPDATE fan SET name = ?, pinyin = ?, initials = ? WHERE id = ?",
                (text, *spellings(text), fan_id),
            )
        case "platform":
            tx.db.execute("UPDATE identity SET name = ? WHERE fan_id = ?", (text, fan_id))
        case "remark":
            tx.db.execute(
                f"UPDATE follow SET remark = ? WHERE identity_id IN ({identities})", (text, fan_id)
            )
        case "move":
            tx.db.execute("UPDATE identity SET fan_id = ? WHERE fan_id = ?", (other, fan_id))
        case "part":
            tx.db.execute(f"DELETE FROM follow WHERE identity_id IN ({identities})", (fan_id,))
        case "delete":
            tx.db.execute(f"DELETE FROM follow WHERE identity_id IN ({identities})", (fan_id,))
            tx.db.execute("DELETE FROM identity WHERE fan_id = ?", (fan_id,))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(FAN, min_size=1, max_size=6),
    changes=st.lists(CHANGE, max_size=4),
    texts=st.lists(st.one_of(st.text(SIGNS, min_size=1, max_size=5), IDS, DIGITS), min_size=1, max_size=6),
    data=st.data(),
)
def test_the_index_finds_whom_like_finds(
    tx: Transaction,
    people: list[tuple[str, ...]],
    changes: list[tuple[str, int, str]],
    texts: list[str],
    data: st.DataObject,
) -> None:
    ids = filled(tx, people)
    changed_all(tx, ids, changes)
    source = data.draw(st.sampled_from([word for person in people for word in person] or [""]))
    if source:
        start = data.draw(st.integers(0, len(source) - 1))
        texts.append(source[start : start + data.draw(st.integers(1, 6))])
    for text in filter(str.strip, texts):
        expected, got, walked = three_ways(tx.db.conn, text)
        assert set(got) == expected, text
        assert len(got) == len(expected)
        assert walked == expected, text


def three_ways(conn: Any, text: str) -> tuple[set[int], list[int], set[int]]:
    """Whom LIKE finds, whom the directory finds, and whom it finds by asking each."""
    return (
        plainly(conn, text),
        list(fan_orders.everybody(conn, FanFilter(search=text))),
        by_walk(conn, text),
    )


def by_walk(conn: Any, text: str) -> set[int]:
    """The same by asking each fan."""
    asked = search.understood(conn, text)
    assert asked is not None
    found = conn.execute(f"SELECT id FROM fan WHERE {asked.holds}", asked.parameters)
    return {row[0] for row in found}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(FAN, min_size=1, max_size=6), changes=st.lists(CHANGE, max_size=6))
def test_an_index_kept_is_an_index_made_anew(
    tx: Transaction,
    people: list[tuple[str, ...]],
    changes: list[tuple[str, int, str]],
) -> None:
    ids = filled(tx, people)
    for change in changes:  # one transaction each
        changed_all(tx, ids, [change])
    changed_all(tx, ids, changes)  # and all in one
    assert held(tx.db.conn) == made_anew(tx.db.conn)


def held(conn: Any) -> set[tuple[str, int]]:
    """Every piece in the index and whose it is, without those that lie across two names."""
    conn.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.held USING fts5vocab (main, fan_index, instance)")
    found = {tuple(row) for row in conn.execute("SELECT term, doc FROM temp.held")}
    return {(term, doc) for term, doc in found if term[0] == "x" or b"\x1f" not in bytes.fromhex(term)}


def made_anew(conn: Any) -> set[tuple[str, int]]:
    """The same from the rows, piece by piece."""
    pieces = set()
    for text, fan_id in conn.execute(CALLED):
        folded = search.folded_form(text)
        for at in range(len(folded)):
            pieces |= {(folded[at : at + size].encode().hex(), fan_id) for size in (1, 2, 3)}
    for fan_id, *spelled in conn.execute("SELECT id, pinyin, initials FROM fan"):
        for text in spelled:
            pieces |= {(f"x{text[at : at + 3]}", fan_id) for at in range(len(text))}
    return pieces
