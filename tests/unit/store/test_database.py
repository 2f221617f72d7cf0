"""The store: commits, roll-backs, the operation log, change sets, readers, backups, told errors."""

import json
import os
import stat

import pytest

from desktop.domain.changes import Topic
from desktop.domain.clock import SystemClock
from desktop.domain.errors import StoreCorruptError, StoreReadOnlyError, StoreTooNewError
from desktop.store.database import Store
from desktop.store.engine import has_wal_reset_fix, sqlite3
from desktop.store.failures import translated
from desktop.store.migrations.runner import SCHEMA_VERSION


def put(key, value):
    def work(tx):
        tx.db.execute("INSERT INTO setting VALUES (?, ?, ?)", (key, json.dumps(value), tx.now_ms))
        tx.touch(Topic.SHOP, [1])
        return value

    return work


def keys(conn):
    return [row["key"] for row in conn.execute("SELECT key FROM setting ORDER BY key")]


async def test_a_commit_is_readable_logged_and_published(tmp_path):
    store = Store(tmp_path / "shop.db", SystemClock(), operator="小满", device_id="d1")
    await store.open()
    try:
        heard = []
        store.feed.subscribe(heard.append)
        assert await store.write(put("a", 1), kind="setting.set", payload={"key": "店名"}) == 1
        assert await store.read(keys) == ["a"]
        row = await store.read(lambda conn: dict(conn.execute("SELECT * FROM operation").fetchone()))
        assert (row["kind"], row["operator"], row["device_id"]) == ("setting.set", "小满", "d1")
        assert json.loads(row["payload"]) == {"key": "店名"}
        assert [change.topics for change in heard] == [frozenset({Topic.SHOP})]
        assert heard[0].ids == {Topic.SHOP: frozenset({1})}
    finally:
        await store.close()


async def test_a_failing_command_leaves_nothing(tmp_path):
    store = Store(tmp_path / "shop.db", SystemClock())
    await store.open()
    try:
        heard = []
        store.feed.subscribe(heard.append)

        def work(tx):
            put("a", 1)(tx)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await store.write(work, kind="x")
        assert await store.read(keys) == []
        assert (
            await store.read(lambda conn: conn.execute("SELECT count(*) FROM operation").fetchone()[0]) == 0
        )
        assert heard == []
        await store.write(put("b", 2), kind="x")  # the connection is still good
        assert await store.read(keys) == ["b"]
    finally:
        await store.close()


async def test_bookkeeping_leaves_no_operation(tmp_path):
    store = Store(tmp_path / "shop.db", SystemClock())
    await store.open()
    try:
        await store.write(put("a", 1), kind=None)
        assert (
            await store.read(lambda conn: conn.execute("SELECT count(*) FROM operation").fetchone()[0]) == 0
        )
    finally:
        await store.close()


async def test_readers_cannot_write(tmp_path):
    store = Store(tmp_path / "shop.db", SystemClock())
    await store.open()
    try:
        with pytest.raises(StoreReadOnlyError):
            await store.read(lambda conn: conn.execute("DELETE FROM setting"))
    finally:
        await store.close()


async def test_the_file_is_private_and_its_log_is_gone_after_close(tmp_path):
    store = Store(tmp_path / "店" / "shop.db", SystemClock())
    await store.open()
    await store.write(put("a", 1), kind="x")
    await store.read(keys)
    await store.close()
    await store.close()  # closing twice is harmless
    assert [path.name for path in (tmp_path / "店").iterdir()] == ["shop.db"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "店" / "shop.db").stat().st_mode) == 0o600


async def test_durability_settings_hold(tmp_path):
    store = Store(tmp_path / "shop.db", SystemClock())
    await store.open()
    try:

        def pragmas(tx):
            return [
                tx.db.execute(f"PRAGMA {name}").fetchone()[0]
                for name in (
                    "journal_mode",
                    "synchronous",
                    "foreign_keys",
                    "trusted_schema",
                    "secure_delete",
                )
            ]

        assert await store.write(pragmas, kind=None) == ["wal", 2, 1, 0, 1]
    finally:
        await store.close()


def test_the_sqlite_library_has_the_wal_reset_fix_where_its_wheel_exists():
    assert sqlite3.sqlite_version_info >= (3, 51, 3)
    assert has_wal_reset_fix()


async def test_a_backup_is_a_whole_shop(tmp_path):
    store = Store(tmp_path / "shop.db", SystemClock())
    await store.open()
    try:
        await store.write(put("a", 1), kind="x")
        await store.backup_to(tmp_path / "copy.db")
    finally:
        await store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "shop.db"]
    copy = Store(tmp_path / "copy.db", SystemClock())
    await copy.open()
    try:
        assert await copy.read(keys) == ["a"]
    finally:
        await copy.close()


async def test_a_newer_file_is_refused_and_untouched(tmp_path):
    path = tmp_path / "shop.db"
    store = Store(path, SystemClock())
    await store.open()
    await store.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    newer = Store(path, SystemClock())
    with pytest.raises(StoreTooNewError) as caught:
        await newer.open()
    await newer.close()
    assert caught.value.params == {"found": 99, "known": SCHEMA_VERSION}
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    path = tmp_path / "shop.db"
    path.write_bytes(b"not a database, " * 400)
    store = Store(path, SystemClock())
    with pytest.raises(StoreCorruptError):
        await store.open()
    await store.close()
    assert path.read_bytes() == b"not a database, " * 400


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("database or disk is full", "disk_full"),
        ("database is locked", "store_locked"),
        ("attempt to write a readonly database", "store_read_only"),
        ("database disk image is malformed", "store_corrupt"),
        ("something else", "store"),
    ],
)
def test_errors_are_told_by_cause(text, kind):
    assert translated(sqlite3.OperationalError(text)).code == kind
