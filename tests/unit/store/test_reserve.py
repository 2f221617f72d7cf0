"""Room kept for the outcomes of sends: held, given up once, kept again when the disk allows."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import DiskFullError, StoreError
from desktop.store.database import Store
from desktop.store.engine import sqlite3
from desktop.store.reserve import Reserve
from tests.fakes import FakeClock

SIZE = 64 << 10


def test_it_takes_its_size_and_gives_it_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve.bin", SIZE)
    assert reserve.keep()
    assert reserve.keep()
    assert (tmp_path / "reserve.bin").stat().st_size == SIZE
    assert (tmp_path / "reserve.bin").stat().st_blocks * 512 >= SIZE
    assert reserve.release()
    assert not reserve.release()


def test_a_disk_without_twice_its_size_to_spare_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=SIZE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: free)
    reserve = Reserve(tmp_path / "reserve.bin", SIZE)
    assert reserve.missing_bytes == SIZE
    assert not reserve.keep()
    assert not reserve.path.exists()


def test_a_file_cut_short_is_no_reserve(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve.bin", SIZE)
    reserve.path.write_bytes(b"\0")
    assert reserve.keep()
    assert reserve.path.stat().st_size == SIZE


@pytest.mark.parametrize(
    ("kind", "is_noted"), [("outbox.settle", True), ("fan.note", False), (None, False)]
)
async def test_only_outcomes_are_written_on_it(
    tmp_path: Path, clock: FakeClock, kind: str | None, is_noted: bool
) -> None:
    reserve = Reserve(tmp_path / "reserve.bin", SIZE)
    assert reserve.keep()
    store = Store(tmp_path / "shop.db", clock, reserve=reserve)
    await store.open()
    tries: list[bool] = []

    def work(tx: Any) -> str:
        tries.append(reserve.path.exists())
        if reserve.path.exists():
            raise DiskFullError
        return "noted"

    try:
        if is_noted:
            assert await store.write(work, kind=kind) == "noted"
            assert tries == [True, False]
        else:
            with pytest.raises(DiskFullError):
                await store.write(work, kind=kind)
            assert tries == [True]
        assert reserve.path.exists() is not is_noted
    finally:
        await store.close()


def failing(name: str) -> Exception:
    """What SQLite raises when a call to the disk fails."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize("name", ["SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHMSIZE", "SQLITE_CANTOPEN"])
@pytest.mark.parametrize("shown_by", ["figures", "trial"])
async def test_no_room_that_is_told_as_an_io_error_is_no_room(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, name: str, shown_by: str
) -> None:
    """By the disk's own figures, or, where a quota ends, only by trying."""
    reserve = Reserve(tmp_path / "reserve.bin", SIZE)
    assert reserve.keep()
    store = Store(tmp_path / "shop.db", clock, reserve=reserve)
    await store.open()

    def work(tx: Any) -> str:
        if reserve.path.exists():
            raise failing(name)
        return "noted"

    def trial(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EDQUOT, "quota")

    free = shutil.disk_usage(tmp_path)._replace(free=0)
    try:
        with monkeypatch.context() as full:
            if shown_by == "figures":
                full.setattr(shutil, "disk_usage", lambda _folder: free)
            else:
                full.setattr(tempfile, "TemporaryFile", trial)
            with pytest.raises(DiskFullError):
                await store.write(work, kind="fan.note")
            assert reserve.path.exists()
            assert await store.write(work, kind="outbox.settle") == "noted"
    finally:
        await store.close()


@pytest.mark.parametrize(("kind", "tries"), [("outbox.settle", 2), ("fan.note", 1)])
async def test_an_error_of_a_disk_that_has_room_costs_no_reserve(
    tmp_path: Path, clock: FakeClock, kind: str, tries: int
) -> None:
    """What became of a send is tried once more; nothing is tried for ever."""
    reserve = Reserve(tmp_path / "reserve.bin", SIZE)
    assert reserve.keep()
    store = Store(tmp_path / "shop.db", clock, reserve=reserve)
    await store.open()
    tried: list[int] = []

    def work(tx: Any) -> None:
        tried.append(1)
        raise failing("SQLITE_IOERR_FSYNC")

    try:
        with pytest.raises(StoreError) as told:
            await store.write(work, kind=kind)
        assert told.value.code == "store"
        assert len(tried) == tries
        assert reserve.path.exists()
    finally:
        await store.close()


async def test_without_it_nothing_that_needs_it_begins(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "shop.db", clock, reserve=Reserve(tmp_path / "reserve.bin", SIZE))
    await store.open()
    free = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: free)
    try:
        with pytest.raises(DiskFullError) as told:
            await store.write(lambda tx: None, kind=None, needs_reserve=True)
        assert (told.value.code, told.value.params) == ("disk_full_sending", {"missing_mb": 1})
        await store.write(lambda tx: None, kind=None)
    finally:
        await store.close()
