"""What is crashed: pieces of real work over one shop, and what must hold after each crash.

`prepare` makes the shop once; `act` runs in a fork that is killed or given errors, and acknowledges
what was committed; `check` opens what is left with the real program and looks.
"""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar

from desktop.composition.graph import Graph
from desktop.domain.audience import Audience
from desktop.domain.posts import PostDraft
from desktop.domain.tiers import Tier
from desktop.services.sending import ConfirmBlockedError
from tests.crash.desk import SETTLE_S, Desk
from tests.crash.supervisor import Fault, Outcome, Supervisor
from tests.e2e.orders import seeded_orders, write_csv

NAMES = ("小满", "阿青", "老陈")
ORDERS = 20
FINAL = {"done", "rejected", "missed", "cancelled"}
Acknowledge = Any


class Scenario:
    """One piece of work. `acks` of the whole run tell how far it must have come when nothing went wrong."""

    name: ClassVar[str]
    needs_sandbox: ClassVar[bool] = False
    with_net: ClassVar[bool] = False

    def program(self) -> contextlib.AbstractContextManager[None]:
        """The program that works on the shop and opens it again; by default this one, as it is."""
        return contextlib.nullcontext()

    async def prepare(self, desk: Desk) -> None:
        """The shop before the work; by default one with an account, three fans and three groups."""
        await furnished(desk)

    def put_back(self, desk: Desk) -> None:
        """What else must be as it was, besides the folder."""

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        """The work itself."""
        raise AssertionError

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        """What must hold in the shop, opened again; then the work is taken up where it stopped."""
        raise AssertionError


async def furnished(desk: Desk) -> None:
    """A shop with an account on the scripted platform, staff, fans and groups."""
    async with desk.graph() as graph:
        await graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai")
        await desk.world(graph).people(list(NAMES))


async def rows(graph: Graph, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    return await graph.store.read(lambda conn: [tuple(row) for row in conn.execute(sql, values)])


async def one(graph: Graph, sql: str, *values: Any) -> Any:
    """The first cell."""
    return (await rows(graph, sql, *values))[0][0]


class FirstStart(Scenario):
    """The folder, the file, its schema, and the shop."""

    name = "init"

    async def prepare(self, desk: Desk) -> None:
        desk.shop.mkdir()

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            await graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai")
            ack("shop")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        found = await graph.shop.find()
        assert found or not outcome.acks
        if found is None:
            await graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai")
        assert await one(graph, "SELECT count(*) FROM shop") == 1


class Confirm(Scenario):
    """A post to three people, each with a text of their own, and a drop to two groups."""

    name = "confirm"
    ITEMS: ClassVar = {"post": 3, "drop": 1}

    async def prepare(self, desk: Desk) -> None:
        await furnished(desk)
        await drafted(desk)

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            world = desk.world(graph)
            await world.posts.confirm(desk.facts["post"], 0)
            ack("post")
            await world.drops.confirm(desk.facts["drop"], 0)
            ack("drop")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        world = desk.world(graph)
        confirmed = 0
        for entity, service in (("post", world.posts), ("drop", world.drops)):
            count = await one(graph, "SELECT count(*) FROM outbox WHERE entity = ?", entity)
            state = (await service.get(desk.facts[entity])).state
            assert (count, state) in ((0, "draft"), (self.ITEMS[entity], "confirmed"))
            confirmed += state == "confirmed"
            assert state == "confirmed" or entity not in outcome.acks
            if state == "draft":
                await service.confirm(desk.facts[entity], 0)
        assert len(outcome.acks) <= confirmed <= len(outcome.acks) + 1
        assert await one(graph, "SELECT count(*) FROM outbox") == 4


async def drafted(desk: Desk) -> None:
    """A post and a drop, not yet confirmed."""
    async with desk.graph() as graph:
        world = desk.world(graph)
        draft = PostDraft(title="到货", body="{昵称}，今晚到货", audience=Audience(everyone=True))
        desk.facts["post"] = (await world.posts.save_draft(draft)).uid
        desk.facts["drop"] = (await world.drops.save_draft(world.drop_draft())).uid


class Push(Scenario):
    """Four confirmed items handed over one after the other."""

    name = "push"
    ITEMS: ClassVar = 4

    async def prepare(self, desk: Desk) -> None:
        await furnished(desk)
        await drafted(desk)
        async with desk.graph() as graph:
            world = desk.world(graph)
            await world.posts.confirm(desk.facts["post"], 0)
            await world.drops.confirm(desk.facts["drop"], 0)

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            report = await desk.world(graph).push()
            for _ in range(report.sent):
                ack("sent")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        items = await rows(graph, "SELECT state, platform_id, proof FROM outbox")
        assert len(items) == self.ITEMS
        done = [item for item in items if item[0] == "done"]
        assert len(done) >= len(outcome.acks)
        record = {msgid for _, msgid, _ in desk.platform().made}
        assert all(item[1] in record and item[2] for item in done)
        if outcome.fault in ("full", "full_ever"):
            assert len(done) == len(record)  # the reserve is there to note what was sent
        await all_arrive_once(desk, graph, self.ITEMS)


async def all_arrive_once(desk: Desk, graph: Graph, items: int) -> None:
    """Go on as an owner would over the next minutes; then everything is done and came exactly once."""
    world = desk.world(graph)
    for _ in range(4):
        await world.push()
        states = await world.states()
        if set(states) <= FINAL:
            break
        desk.clock.advance(SETTLE_S)
    assert states == ["done"] * items, states
    reached = desk.reached()
    assert len(desk.platform().made) == items
    assert set(reached.values()) == {1}
    ids = [row[0] for row in await rows(graph, "SELECT platform_id FROM outbox")]
    assert sorted(ids) == sorted(msgid for _, msgid, _ in desk.platform().made)


class Recover(Push):
    """A start after a kill between request and reply, with the log still to be read."""

    name = "recover"

    async def prepare(self, desk: Desk) -> None:
        await super().prepare(desk)
        desk.keep()
        watch = Supervisor(desk.shop, desk.platform_file)
        push = Push()
        counted = watch.run(lambda ack: push.act(desk, ack))
        last = counted.counts["send"]
        desk.put_back()
        at = Fault("send", "kill", last)
        assert watch.run(lambda ack: push.act(desk, ack), at).killed
        assert (desk.shop / "shop.db-wal").stat().st_size > 0
        desk.facts["ahead_s"] = SETTLE_S

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        desk.clock.advance(desk.facts["ahead_s"])
        async with desk.graph() as graph:
            await graph.outbox.recover()
            await desk.world(graph).push()


class Results(Push):
    """What became of four accepted tasks."""

    name = "results"

    async def prepare(self, desk: Desk) -> None:
        await super().prepare(desk)
        async with desk.graph() as graph:
            await desk.world(graph).push()

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            world = desk.world(graph)
            changed = await world.pusher.collect_results(world.account, world.adapter)
            ack(str(changed))

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        world = desk.world(graph)
        settled = "SELECT count(*) FROM delivery WHERE status = 'sent'"
        if outcome.acks:
            assert await one(graph, settled) == int(outcome.acks[0])
        await world.pusher.collect_results(world.account, world.adapter)
        assert await one(graph, settled) == await one(graph, "SELECT count(*) FROM delivery")
        assert set(desk.reached().values()) == {1}


class Undo(Push):
    """A confirmed drop is taken back within its ten seconds; a post is called off."""

    name = "undo"

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            world = desk.world(graph)
            await world.posts.cancel(desk.facts["post"])
            ack("post")
            await world.drops.cancel(desk.facts["drop"])
            ack("drop")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        world = desk.world(graph)
        stopped = 0
        for entity, count in Confirm.ITEMS.items():
            states = await rows(graph, "SELECT state FROM outbox WHERE entity = ?", entity)
            assert states in ([("confirmed",)] * count, [("cancelled",)] * count)
            stopped += states[0] == ("cancelled",)
        assert len(outcome.acks) <= stopped <= len(outcome.acks) + 1
        await world.push()
        sent = await rows(graph, "SELECT state FROM outbox WHERE state = 'done'")
        assert len(desk.platform().made) == len(sent)
        assert set(await world.states()) <= FINAL


class Attest(Push):
    """The operator settles two unknown items: one was sent, one was not."""

    name = "settle"

    async def prepare(self, desk: Desk) -> None:
        await super().prepare(desk)
        async with desk.graph() as graph:
            world = desk.world(graph)
            await world.sql("UPDATE outbox SET state = 'unknown' WHERE id <= 2")
            desk.facts["uids"] = [
                uid for (uid,) in await world.query("SELECT uid FROM outbox WHERE id <= 2 ORDER BY id")
            ]

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            for uid, was_sent in zip(desk.facts["uids"], (True, False), strict=True):
                ack((await graph.outbox.attest(uid, was_sent)).value)

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        wanted = ["done", "queued"]
        states = await desk.world(graph).states()
        settled = sum(state != "unknown" for state in states[:2])
        assert states[:settled] == wanted[:settled]
        assert states[2:] == ["confirmed", "confirmed"]
        assert len(outcome.acks) <= settled <= len(outcome.acks) + 1
        log = await one(graph, "SELECT count(*) FROM operation WHERE kind = 'outbox.attest'")
        assert log == settled


class Edit(Scenario):
    """A note, a name, a tag, a pinned tier and a refusal, one after the other."""

    name = "edit"
    KINDS: ClassVar = ("fan.note", "fan.rename", "fan.tag_add", "fan.pin_tier", "fan.suppress")

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            await graph.fans.set_note(1, "爱吃甜的" * 40)
            ack("fan.note")
            await graph.fans.rename(1, "小满妈妈")
            ack("fan.rename")
            await graph.fans.add_tag([1, 2], "老客")
            ack("fan.tag_add")
            await graph.fans.pin_tier([2], Tier.DEVOTED)
            ack("fan.pin_tier")
            await graph.fans.suppress([3])
            ack("fan.suppress")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        log = await rows(graph, "SELECT kind FROM operation WHERE kind LIKE 'fan.%' ORDER BY id")
        logged = [kind for (kind,) in log]
        assert logged == list(self.KINDS[: len(logged)])
        assert len(outcome.acks) <= len(logged) <= len(outcome.acks) + 1
        stored = [
            await one(graph, "SELECT note <> '' FROM fan WHERE id = 1"),
            await one(graph, "SELECT name = '小满妈妈' FROM fan WHERE id = 1"),
            await one(graph, "SELECT count(*) = 2 FROM fan_tag"),
            await one(graph, "SELECT tier_pinned IS NOT NULL FROM fan WHERE id = 2"),
            await one(graph, "SELECT count(*) FROM suppression"),
        ]
        assert stored == [1] * len(logged) + [0] * (5 - len(logged))
        await graph.fans.set_note(1, "再来一次")


class Draft(Scenario):
    """A post that is saved while it is typed."""

    name = "draft"
    TEXT: ClassVar = "今晚八点，桂圆红枣茶补货。" * 12
    STEPS: ClassVar = 6

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            uid = None
            for step in range(1, self.STEPS + 1):
                draft = PostDraft(title="补货", body=self.typed(step), audience=Audience(everyone=True))
                uid = (await graph.posts.save_draft(draft, uid)).uid
                ack(str(step))

    @classmethod
    def typed(cls, step: int) -> str:
        return cls.TEXT[: len(cls.TEXT) * step // cls.STEPS]

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        found = await rows(graph, "SELECT uid, body FROM post")
        done = len(outcome.acks)
        allowed = [[] if step == 0 else [self.typed(step)] for step in (done, done + 1)]
        assert [body for _, body in found] in allowed
        for uid, _ in found:
            try:
                await graph.posts.confirm(uid, 0)
            except ConfirmBlockedError as error:
                raise AssertionError(error.params) from error


def orders_file(desk: Desk) -> None:
    """The file that is brought in."""
    write_csv(desk.file, seeded_orders(ORDERS - 20, buyers=9))


OF_IMPORT = ("import_batch", '"order"', "order_line", "import_effect")
NOTHING = (0, 0, 0, 0)


async def imported(graph: Graph) -> tuple[int, ...]:
    """How much of an import there is."""
    return tuple([await one(graph, f"SELECT count(*) FROM {table}") for table in OF_IMPORT])


class Import(Scenario):
    """A file of orders: read, compared, brought in."""

    name = "import"

    async def prepare(self, desk: Desk) -> None:
        await furnished(desk)
        orders_file(desk)

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            plan = await graph.imports.plan(desk.file, "generic_orders")
            ack((await graph.imports.commit(plan)).batch)

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        batches, orders, lines, effects = await imported(graph)
        assert batches >= len(outcome.acks)
        assert (batches, orders, lines) in ((0, 0, 0), (1, ORDERS, ORDERS))
        assert (effects > 0) == (batches == 1)
        again = await graph.imports.plan(desk.file, "generic_orders")
        await graph.imports.commit(again)
        assert (await imported(graph))[1:3] == (ORDERS, ORDERS)


class ImportUndo(Import):
    """The same file taken back."""

    name = "undo-import"

    async def prepare(self, desk: Desk) -> None:
        await super().prepare(desk)
        async with desk.graph() as graph:
            plan = await graph.imports.plan(desk.file, "generic_orders")
            desk.facts["batch"] = (await graph.imports.commit(plan)).batch

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            await graph.imports.undo(desk.facts["batch"])
            ack("undone")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        orders = (await imported(graph))[1]
        undone = await one(graph, "SELECT undone_at IS NOT NULL FROM import_batch")
        assert (orders, undone) in ((ORDERS, 0), (0, 1))
        assert undone >= len(outcome.acks)
        if not undone:
            await graph.imports.undo(desk.facts["batch"])
        assert (await imported(graph))[1] == 0
