"""Scenarios over the wire: the real adapter and the sandbox, with packets that never leave or arrive."""

from __future__ import annotations

from typing import Any

from desktop.composition.graph import Graph
from desktop.domain.audience import Audience
from desktop.domain.entry_ways import CONTACT, EntryWayDraft
from desktop.domain.posts import PostDraft
from desktop.domain.sync_reports import AccountReport
from tests.crash.desk import SETTLE_S, Desk
from tests.crash.scenarios import FINAL, Acknowledge, Scenario, one, rows
from tests.crash.supervisor import Outcome


class Connect(Scenario):
    """An account is tried out and added; its secret goes to the keyring first."""

    name = "connect"
    needs_sandbox = True
    with_net = True

    async def prepare(self, desk: Desk) -> None:
        async with desk.graph() as graph:
            await graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai")

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            await connected(desk, graph)
            ack("account")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        count = await one(graph, "SELECT count(*) FROM account")
        assert len(outcome.acks) <= count <= 1
        account = await connected(desk, graph)
        assert await one(graph, "SELECT count(*) FROM account") == 1
        assert (await graph.accounts.test(account.id)).works


async def connected(desk: Desk, graph: Graph) -> Any:
    """The account, added through the service as the wizard does."""
    assert desk.sandbox is not None
    given = {"corpid": desk.sandbox.corpid, "corpsecret": desk.sandbox.corpsecret}
    tried, account = await graph.accounts.connect("wecom", "小满", desk.sandbox.wecom_base_url, given)
    assert tried.works, tried
    return account


LAG_S = 120  # the platform's list shows a new way this much later
# A computer too busy to keep the program's time limits ends the round, says so, and loses nothing.
TOO_SLOW = ("reply_timeout", "offline")


def ended(account: AccountReport) -> str:
    """How a round ended for an account, in one word: the error of the account, else of its first failed stream."""
    of_streams = [stream.error_code for stream in account.streams.values() if stream.error_code]
    return next(iter([*filter(None, [account.error_code]), *of_streams]), account.outcome.value)


class Pull(Scenario):
    """People, tags and groups come in page by page, each page with its cursor in one commit."""

    name = "sync"
    needs_sandbox = True

    async def prepare(self, desk: Desk) -> None:
        async with desk.graph() as graph:
            await graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai")
            await connected(desk, graph)
        desk.keep()
        async with desk.graph() as graph:
            await graph.sync.run()
            desk.facts["clean"] = await people(graph)
        desk.put_back()

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            report = await graph.sync.run()
            ack(",".join(map(ended, report.accounts)))

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        if outcome.acks and outcome.acks[0] not in TOO_SLOW:
            assert outcome.acks == ["ok"], outcome.acks
            assert await people(graph) == desk.facts["clean"]
        await graph.sync.run()
        assert await people(graph) == desk.facts["clean"]


async def people(graph: Graph) -> dict[str, list[tuple[Any, ...]]]:
    """What the platform told, without our own ids and times."""
    return {
        "identity": await rows(graph, "SELECT scope, external_id, name FROM identity ORDER BY 1, 2"),
        "follow": await rows(
            graph,
            "SELECT i.external_id, s.external_id, f.remark, f.removed_at IS NULL FROM follow AS f JOIN"
            " identity AS i ON i.id = f.identity_id JOIN staff AS s ON s.id = f.staff_id ORDER BY 1, 2",
        ),
        "carried": await rows(
            graph,
            "SELECT i.external_id, t.external_id FROM fan_tag AS f JOIN identity AS i ON"
            " i.fan_id = f.fan_id JOIN tag AS t ON t.id = f.tag_id ORDER BY 1, 2",
        ),
        "member": await rows(
            graph,
            "SELECT g.external_id, m.external_id, m.left_at IS NULL FROM group_member AS m"
            " JOIN fan_group AS g ON g.id = m.group_id ORDER BY 1, 2",
        ),
        "fans": await rows(graph, "SELECT count(*) FROM fan WHERE removed_at IS NULL"),
    }


async def agreed(desk: Desk, graph: Graph) -> None:
    """A shop with everybody pulled, whose owner lets it send."""
    await graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai")
    account = await connected(desk, graph)
    await graph.first_send.agree(account.id)
    await graph.sync.run()


class Send(Scenario):
    """A whole synchronisation with two items to send: kills between any two packets and writes."""

    name = "send"
    needs_sandbox = True
    with_net = True
    ITEMS = 2

    async def prepare(self, desk: Desk) -> None:
        async with desk.graph() as graph:
            await agreed(desk, graph)
            for title in ("上新", "补货"):
                draft = PostDraft(title=title, body=f"今晚{title}", audience=Audience(everyone=True))
                await graph.posts.confirm((await graph.posts.save_draft(draft)).uid, 0)

    def put_back(self, desk: Desk) -> None:
        assert desk.sandbox is not None
        desk.sandbox.reset()

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            report = await graph.sync.run()
            for account in report.accounts:
                assert account.error_code is None, account
                if ended(account) == "ok":
                    ack("synchronised")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        assert desk.sandbox is not None
        done = await rows(graph, "SELECT platform_id FROM outbox WHERE state = 'done'")
        assert {msgid for (msgid,) in done} <= {task["msgid"] for task in desk.sandbox.sent()}
        assert len(done) == self.ITEMS or not outcome.acks
        found = await settled(desk, graph)
        assert [state for state, _ in found] == ["done"] * self.ITEMS, found
        tasks = desk.sandbox.sent()
        assert sorted(task["msgid"] for task in tasks) == sorted(msgid for _, msgid in found)
        assert len({task["received"] for task in tasks}) == len(tasks) == self.ITEMS


async def settled(desk: Desk, graph: Graph) -> list[tuple[Any, ...]]:
    """(state, platform's id) of every item after rounds a quarter of an hour apart."""
    assert desk.sandbox is not None
    for _ in range(4):
        desk.clock.advance(SETTLE_S)
        desk.sandbox.advance(SETTLE_S)
        await graph.sync.run()
        found = await rows(graph, "SELECT state, platform_id FROM outbox ORDER BY id")
        if {state for state, _ in found} <= FINAL:
            break
    return found


class AddWay(Scenario):
    """A whole synchronisation with a contact way to make: the platform would make a second one with its key."""

    name = "add-way"
    needs_sandbox = True
    with_net = True

    async def prepare(self, desk: Desk) -> None:
        async with desk.graph() as graph:
            await agreed(desk, graph)
            staff = (await graph.entry_ways.choices()).staff[0].external_id
            await graph.entry_ways.add(EntryWayDraft(CONTACT, "门店", staff=(staff,)), hold_s=0)

    def put_back(self, desk: Desk) -> None:
        assert desk.sandbox is not None
        desk.sandbox.reset()
        desk.sandbox.settings(listing_lag_s=LAG_S)

    async def act(self, desk: Desk, ack: Acknowledge) -> None:
        async with desk.graph() as graph:
            for account in (await graph.sync.run()).accounts:
                assert account.error_code is None, account
                ack("synchronised")

    async def check(self, desk: Desk, graph: Graph, outcome: Outcome) -> None:
        assert desk.sandbox is not None
        made = desk.sandbox.control("sent")["contact_ways"]
        ids = {way["config_id"] for way in made}
        assert {
            row[0] for row in await rows(graph, "SELECT platform_id FROM outbox WHERE state = 'done'")
        } <= ids
        assert len(made) == 1 or not outcome.acks
        await graph.sync.run()  # at once, when the list lags behind
        ((state, platform_id),) = await settled(desk, graph)
        (way,) = desk.sandbox.control("sent")["contact_ways"]
        assert (state, platform_id) == ("done", way["config_id"])
        (row,) = await graph.entry_ways.rows(CONTACT)
        assert (row.external_id, row.state, row.qr_url) == (way["config_id"], way["state"], way["qr_code"])
