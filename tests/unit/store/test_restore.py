from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import (
    AppError,
    InvalidInputError,
    NotFoundError,
    StoreCorruptError,
    StoreLockedError,
    StoreTooNewError,
)
from desktop.store import restore as module
from desktop.store.database import Store
from desktop.store.engine import sqlite3
from desktop.store.restore import RestoredBy, inspect, restore
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

BY = RestoredBy("小满", "device", 1_779_249_600_000)
NON_FINAL = ("confirmed", "queued", "in_flight", "unknown")
FINAL = ("done", "rejected", "missed", "cancelled", "held")


def made_shop(path: Path, names: tuple[str, ...], *, states: tuple[str, ...] = ()) -> None:
    """A closed shop file with fans and outbox items."""

    async def work() -> None:
        store = Store(path, FakeClock(), operator="tester", device_id="d")
        await store.open()

        def fill(tx: Any) -> None:
            tx.db.execute(
                "INSERT INTO shop (id, uid, name, industry, timezone, device_id, created_at)"
                " VALUES (1, 'u', '小满鲜果', 'frequent-online', 'Asia/Shanghai', 'd', 1)"
            )
            for name in names:
                floor.fan(tx, name)
            if states:
                acc = floor.account(tx)
                for state in states:
                    floor.outbox(tx, acc, state, not_before=1)

        await store.write(fill, kind="test.fill")
        await store.close()

    asyncio.run(work())


def names_in(path: Path) -> list[str]:
    conn = sqlite3.connect(str(path))
    try:
        return [row[0] for row in conn.execute("SELECT name FROM fan ORDER BY id")]
    finally:
        conn.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made_shop(tmp_path / "shop.db", ("现在",))
    made_shop(tmp_path / "old.db", ("从前",), states=NON_FINAL + FINAL)
    return tmp_path


def test_a_restore_swaps_keeps_the_present_and_stops_every_send(place: Path) -> None:
    before = (place / "old.db").read_bytes()
    result = restore(place / "old.db", place / "shop.db", place / "backups", BY)
    assert names_in(place / "shop.db") == ["从前"]
    assert result.kept is not None
    assert names_in(result.kept) == ["现在"]
    assert (result.held, result.unknown) == (2, 2)
    assert (place / "old.db").read_bytes() == before
    conn = sqlite3.connect(str(place / "shop.db"))
    rows = conn.execute("SELECT state, reason FROM outbox ORDER BY id").fetchall()
    assert [row[0] for row in rows] == ["held", "held", "unknown", "unknown", *FINAL]
    told = json.loads(rows[0][1])
    assert (told["code"], told["was"], told["file"]) == ("restored", "confirmed", "old.db")
    assert json.loads(rows[2][1])["was"] == "in_flight"
    logged = conn.execute("SELECT kind, operator, payload FROM operation ORDER BY id DESC").fetchone()
    assert logged[:2] == ("shop.restore", "小满")
    conn.close()
    assert sorted(p.name for p in place.iterdir()) == ["backups", "old.db", "shop.db"]
    made_shop_opens(place / "shop.db")


def made_shop_opens(path: Path) -> None:
    async def work() -> None:
        store = Store(path, FakeClock())
        await store.open()
        await store.close()

    asyncio.run(work())


def test_fifty_sends_after_the_backup_are_not_sent_again(tmp_path: Path) -> None:
    made_shop(tmp_path / "old.db", (), states=("confirmed",) * 25 + ("queued",) * 25)
    result = restore(tmp_path / "old.db", tmp_path / "new" / "shop.db", tmp_path / "backups", BY)
    assert (result.held, result.kept) == (50, None)
    conn = sqlite3.connect(str(tmp_path / "new" / "shop.db"))
    assert conn.execute("SELECT DISTINCT state FROM outbox").fetchall() == [("held",)]
    conn.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def zeroed(path: Path) -> None:
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])


def flipped(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    for page in range(2, len(raw) // 4096):
        raw[page * 4096] ^= 0xFF
    path.write_bytes(bytes(raw))


def text(path: Path) -> None:
    path.write_text("订单号,金额\n", encoding="utf-8")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(str(path)) as conn:
        conn.execute("CREATE TABLE shop (uid, name)")
        conn.execute("INSERT INTO shop VALUES ('u', '别家')")
    conn.close()


def no_shop_row(path: Path) -> None:
    with sqlite3.connect(str(path)) as conn:
        conn.execute("DELETE FROM shop")
    conn.execute("PRAGMA journal_mode = DELETE")
    conn.close()


def newer(path: Path) -> None:
    with sqlite3.connect(str(path)) as conn:
        conn.execute("PRAGMA user_version = 99")
    conn.close()


def dangling(path: Path) -> None:
    with sqlite3.connect(str(path)) as conn:
        conn.execute("UPDATE identity SET fan_id = 999")
    conn.close()


def copied_without_log(path: Path) -> None:
    """As a file manager copies an open shop: the log with all the rows stays behind."""
    path.unlink()
    source = path.with_name("open.db")
    conn = sqlite3.connect(str(source), isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    conn.execute("CREATE TABLE shop (uid TEXT)")
    shutil.copyfile(source, path)
    conn.close()
    source.unlink()


@pytest.mark.parametrize(
    ("damage", "kind", "code"),
    [
        (Path.unlink, NotFoundError, "restore_file_missing"),
        (empty, InvalidInputError, "restore_not_a_shop"),
        (text, InvalidInputError, "restore_not_a_shop"),
        (zeroed, InvalidInputError, "restore_not_a_shop"),
        (other_database, InvalidInputError, "restore_not_a_shop"),
        (no_shop_row, InvalidInputError, "restore_not_a_shop"),
        (copied_without_log, InvalidInputError, "restore_wal_missing"),
        (cut, StoreCorruptError, "store_corrupt"),
        (header_only, StoreCorruptError, "store_corrupt"),
        (flipped, StoreCorruptError, "store_corrupt"),
        (dangling, StoreCorruptError, "store_corrupt"),
        (newer, StoreTooNewError, "store_too_new"),
    ],
)
def test_a_file_that_is_no_whole_backup_changes_nothing(
    place: Path, damage: Callable[[Path], Any], kind: type[AppError], code: str
) -> None:
    damage(place / "old.db")
    before = (place / "shop.db").read_bytes()
    with pytest.raises(kind) as refused:
        restore(place / "old.db", place / "shop.db", place / "backups", BY)
    assert refused.value.code == code
    assert (place / "shop.db").read_bytes() == before
    assert not (place / "backups").exists()
    assert not [
        p.name for p in place.iterdir() if "restoring" in p.name or p.name.endswith((".part", "-shm"))
    ]


def test_cut_at_every_page_it_is_never_taken_for_whole(place: Path) -> None:
    whole = (place / "old.db").read_bytes()
    for end in range(4096, len(whole), 16 * 4096):
        (place / "old.db").write_bytes(whole[:end])
        with pytest.raises(AppError):
            inspect(place / "old.db")
    (place / "old.db").write_bytes(whole)
    assert inspect(place / "old.db").shop_name == "小满鲜果"


def test_the_shop_itself_is_not_restored_onto_itself(place: Path) -> None:
    with pytest.raises(InvalidInputError) as refused:
        restore(place / "shop.db", place / "shop.db", place / "backups", BY)
    assert refused.value.code == "restore_same_file"


def test_a_copy_with_its_log_beside_it_is_read_whole(place: Path) -> None:
    conn = sqlite3.connect(str(place / "old.db"), isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    conn.execute("UPDATE fan SET name = '只在日志里'")
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{place / 'old.db'}{suffix}", f"{place / 'copy.db'}{suffix}")
    conn.close()
    restore(place / "copy.db", place / "shop.db", place / "backups", BY)
    assert names_in(place / "shop.db") == ["只在日志里"]


def test_an_open_shop_is_not_replaced(place: Path) -> None:
    other = sqlite3.connect(str(place / "shop.db"), isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("SELECT count(*) FROM fan").fetchone()
    with pytest.raises(StoreLockedError):
        restore(place / "old.db", place / "shop.db", place / "backups", BY)
    assert other.execute("SELECT name FROM fan").fetchone() == ("现在",)
    other.close()
    assert names_in(place / "shop.db") == ["现在"]


def test_a_damaged_present_is_kept_byte_for_byte(place: Path) -> None:
    zeroed(place / "shop.db")
    (place / "shop.db-wal").write_bytes(b"old log")
    broken = (place / "shop.db").read_bytes()
    result = restore(place / "old.db", place / "shop.db", place / "backups", BY)
    assert result.kept is not None
    assert (result.kept / "shop.db").read_bytes() == broken
    assert names_in(place / "shop.db") == ["从前"]
    assert not (place / "shop.db-wal").exists()


STEPS = ("copy_verified", "_prepare", "_keep_present", "_drop_side_files")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_broken_off_at_any_step_the_shop_is_the_old_one(
    place: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    real = getattr(module, step)

    def broken(*arguments: Any) -> Any:
        if after:
            real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, step, broken)
    with pytest.raises(KeyboardInterrupt):
        restore(place / "old.db", place / "shop.db", place / "backups", BY)
    assert names_in(place / "shop.db") == ["现在"]
    monkeypatch.undo()
    later = RestoredBy("小满", "device", BY.at + 1)
    restore(place / "old.db", place / "shop.db", place / "backups", later)
    assert names_in(place / "shop.db") == ["从前"]
