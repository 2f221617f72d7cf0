"""A disk that really has no room left: what was sent is noted, nothing more leaves, all can be read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.domain.errors import DiskFullError
from desktop.domain.writes import Receipt, Write
from desktop.store.reserve import Reserve
from tests.crash.desk import RESERVE, Desk, ScriptedPlatform
from tests.crash.scenarios import Push, all_arrive_once

BLOCK = 4096


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A shop on a disk of 4 MiB of its own."""
    made = Desk(tmp_path)
    made.shop.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(made.shop)], check=True)
    try:
        yield made
    finally:
        subprocess.run(["umount", str(made.shop)], check=True)


def fill(folder: Path) -> None:
    """Until not one block is left."""
    handle = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        while True:
            os.write(handle, bytes(BLOCK))
    except OSError:
        assert os.statvfs(folder).f_bavail == 0
    finally:
        os.close(handle)


class Filling(ScriptedPlatform):
    """While it executes, something else takes the last room on the shop's disk."""

    async def perform(self, write: Write, key: str, *, is_repeat: bool = False) -> Receipt:
        receipt = await super().perform(write, key, is_repeat=is_repeat)
        fill(self.file.parent / "shop")
        return receipt


async def test_what_was_sent_is_noted_on_the_reserve_and_nothing_more_leaves(desk: Desk) -> None:
    await Push().prepare(desk)
    async with desk.graph() as graph:
        world = desk.world(graph)
        world.adapter = Filling(desk.clock, desk.platform_file)
        with pytest.raises(DiskFullError) as told:
            await world.push()
        assert told.value.code == "disk_full_sending"
        assert told.value.params == {"missing_mb": 1}
        assert len(desk.platform().made) == 1
        assert (await world.states())[0] == "done"
        assert "in_flight" not in await world.states()
        assert len(await graph.outbox.rows()) == Push.ITEMS  # all can be read
        (desk.shop / "filler").unlink()
        await all_arrive_once(desk, graph, Push.ITEMS)
    assert (desk.shop / "reserve.bin").stat().st_size == RESERVE


async def test_a_shop_on_a_full_disk_opens_and_sends_nothing(desk: Desk) -> None:
    await Push().prepare(desk)
    assert Reserve(desk.shop / "reserve.bin", RESERVE).keep()
    fill(desk.shop)
    async with desk.graph() as graph:
        assert not (desk.shop / "reserve.bin").exists()
        assert len(await graph.outbox.rows()) == Push.ITEMS
        fill(desk.shop)
        with pytest.raises(DiskFullError):
            await desk.world(graph).push()
        assert desk.platform().made == []
        assert (await graph.backups.check()).is_whole
    (desk.shop / "filler").unlink()
    async with desk.graph() as graph:
        await all_arrive_once(desk, graph, Push.ITEMS)


async def test_a_shop_without_a_reserve_on_a_full_disk_says_so(desk: Desk) -> None:
    await Push().prepare(desk)
    fill(desk.shop)
    with pytest.raises(DiskFullError):
        async with desk.graph():
            raise AssertionError("it opened")
    (desk.shop / "filler").unlink()
    async with desk.graph() as graph:
        assert (await graph.backups.check()).is_whole
