"""Room kept for the outcomes of sends: held, given up once, kept again when the disk allows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import DiskFullError
from desktop.store.database import Store
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
