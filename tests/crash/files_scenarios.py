"""Scenarios in which whole files move: backup, restore, older schemas."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from desktop.composition import lock
from desktop.composition.graph import BACKUPS, DATABASE, Graph
from desktop.services.backups import NAME, RestoredBy, restore_shop
from desktop.store import database
from desktop.store.engine import sqlite3
from desktop.store.migrations import runner
from desktop.store.restore import inspect
from tests.crash.desk import Desk
from tests.crash.scenarios import (
    Acknowledge,
    Confirm,
    Push,
    Scenario,
    all_arrive_once,
    drafted,
    furnished,
    one,
    rows,
)
from tests.crash.supervisor import Outcome

OLDER_BACKUPS = 7


class Backup(Scenario):
    """A copy to a folder of the owner's, over an older one; the daily copy with its rotation."""

    name = "backup"

    async def prepare(self, desk: Desk) -> None:
        await furnished(desk)
        kept = desk.shop / BACKUPS
        kept.mkdir()
        (desk.shop / "stick").mkdir()
        async with desk.graph() as graph:
            await graph.backups.backup(desk.shop / "stick" / "shop.db")
            for day in range(1, OLDER_BACKUPS + 1):
                shutil.copyfile(desk.shop / "stick" / "shop.db", kept / f"shop-2026050{day}-120000.db")
            await graph.fans.set_note(1, "新的")

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            await graph.backups.backup(desk.shop / "stick" / "shop.db")
            ack("copy")
            assert await graph.backups.daily()
            ack("daily")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        copy = desk.shop / "stick" / "shop.db"
        inspect(copy)
        with contextlib.closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            note = conn.execute("SELECT note FROM fan WHERE id = 1").fetchone()[0]
        assert note in ("", "新的")
        assert note or "copy" not in outcome.acks
        listed = graph.backups.backups()
        assert OLDER_BACKUPS <= len(listed) <= OLDER_BACKUPS + 1
        for file in listed:
            assert NAME.match(file.path.name)
            inspect(file.path)
        made = [file for file in listed if file.path.name.startswith("shop-20260520-")]
        assert made or "daily" not in outcome.acks
        await graph.backups.daily()
        await graph.backups.backup(copy)
        assert not list(desk.shop.rglob("*.part"))


class Restore(Scenario):
    """An earlier backup put in the place of a shop whose items have gone out since."""

    name = "restore"

    async def prepare(self, desk: Desk) -> None:
        await furnished(desk)
        await drafted(desk)
        async with desk.graph() as graph:
            world = desk.world(graph)
            await world.posts.confirm(desk.facts["post"], 0)
            await graph.backups.backup(desk.root / "earlier.db")
            await world.drops.confirm(desk.facts["drop"], 0)
            await world.push()
            assert set(await world.states()) == {"done"}

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        held = lock.take(desk.shop, lock.COMMAND)
        try:
            now = desk.clock.now_ms()
            by = RestoredBy("小满", "device", now)
            restore_shop(desk.root / "earlier.db", desk.shop / DATABASE, desk.shop / BACKUPS, by)
            ack("restored")
        finally:
            held.release()

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        states = await desk.world(graph).states()
        old, new = ["done"] * 4, ["held"] * Confirm.ITEMS["post"]
        assert states in (old, new)
        assert states == new or not outcome.acks
        whole = list((desk.shop / BACKUPS).glob("before-restore-*.db"))
        bytewise = list((desk.shop / BACKUPS).glob("before-restore-*-damaged/shop.db"))
        for kept in [*whole, *(bytewise if states == new else ())]:
            assert inspect(kept).outbox == 4
        if states == new:  # what stood there before is never lost
            assert whole or bytewise
        await desk.world(graph).push()
        assert set(desk.reached().values()) == {1}  # nothing goes out a second time by itself


class Migrate(Push):
    """A shop of an older program, opened by this one. Every schema that was ever released has one."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.is_newest = version == runner.SCHEMA_VERSION
        self.name = f"migrate-{version}"  # type: ignore[misc]

    async def prepare(self, desk: Desk) -> None:
        await (super().prepare(desk) if self.is_newest else older(desk, self.version))

    def program(self) -> contextlib.AbstractContextManager[None]:
        """Of the newest schema: the next one, which exists only here."""
        return one_more_schema() if self.is_newest else contextlib.nullcontext()

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            ack(str(await one(graph, "PRAGMA user_version")))

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        assert await one(graph, "PRAGMA user_version") == runner.SCHEMA_VERSION
        assert await one(graph, "SELECT name FROM shop") == "小满鲜果"
        fans = await one(graph, "SELECT count(*) FROM fan")
        assert fans == 3
        [kept] = desk.shop.glob("shop-before-v*-from-v*.db")
        found = inspect(kept)
        assert (found.schema_version, found.fans) == (self.version, fans)
        assert steps_in(kept) == self.version  # a step that is done would be in a backup made too late
        if self.is_newest:
            assert await rows(graph, "SELECT note, later = name FROM fan") == [("-", 1)] * fans
            assert await one(graph, "SELECT count(*) FROM later") == fans
            await all_arrive_once(desk, graph, Push.ITEMS)


def steps_in(file: Path) -> int:
    """How many steps of the schema a file says were taken."""
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
        return int(conn.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0])


@contextlib.contextmanager
def one_more_schema() -> Iterator[None]:
    """This program with a step more: a table, a column, and every row rewritten."""
    known, runner.SCHEMA_VERSION = runner.SCHEMA_VERSION, runner.SCHEMA_VERSION + 1
    steps = runner.migrations

    def step(db: Database) -> None:
        db.execute("CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT")
        db.execute("ALTER TABLE fan ADD COLUMN later TEXT")
        db.execute("UPDATE fan SET later = name, note = note || '-'")
        db.execute("INSERT INTO later (word) SELECT name FROM fan")

    step.__name__ = f"m{runner.SCHEMA_VERSION:04d}_later"
    kept = list(steps._migrations)
    steps()(step)
    try:
        yield
    finally:
        steps._migrations[:] = kept
        runner.SCHEMA_VERSION = known


async def older(desk: Desk, version: int) -> None:
    """A shop as the program of that schema left it: its first steps, and the rows it knew."""
    desk.shop.mkdir(exist_ok=True)
    with contextlib.closing(sqlite3.connect(str(desk.shop / DATABASE), isolation_level=None)) as conn:
        conn.row_factory = sqlite3.Row
        for pragma in database.PRAGMAS:
            conn.execute(pragma)
        db = Database(conn, execute_plugins=False)
        steps = runner.migrations
        runner.migrations.apply(db, stop_before=steps._migrations[version].name)
        conn.execute(f"PRAGMA user_version = {version}")
        conn.execute(
            "INSERT INTO shop (id, uid, name, industry, timezone, device_id, created_at)"
            " VALUES (1, 'shop-uid', '小满鲜果', 'frequent-online', 'Asia/Shanghai', 'device', 0)"
        )
        for n, name in enumerate(("小满", "阿青", "老陈"), 1):
            conn.execute(
                "INSERT INTO fan (id, uid, name, first_seen_at, created_at, updated_at)"
                " VALUES (?, ?, ?, 0, 0, 0)",
                (n, f"fan-{n}", name),
            )
