"""Tags, remarks, ways in and welcomes against the sandbox: faults on the wire, each carried out once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.entry_ways import CONTACT, JOIN, EntryWayDraft, state_of
from desktop.domain.fans import FanFilter
from desktop.domain.welcomes import WelcomeDraft
from desktop.platforms.wecom.adapter import WeComAdapter, WeComPlatform
from desktop.services.platform_edits import Standing
from desktop.services.secrets import MemorySecretStore
from tests.fakes import MovedClock
from tests.sandbox_process import SandboxProcess

P = "externalcontact/"


class Shop:
    """A whole shop connected to the sandbox, one full round behind it."""

    def __init__(self, graph: Graph, sandbox: SandboxProcess, clock: MovedClock) -> None:
        self.graph = graph
        self.sandbox = sandbox
        self.clock = clock

    async def connect(self) -> None:
        secrets = {"corpid": self.sandbox.corpid, "corpsecret": self.sandbox.corpsecret}
        account = await self.graph.accounts.add("wecom", "小满", self.sandbox.wecom_base_url, secrets)
        await self.graph.first_send.agree(account.id)
        await self.sync()

    async def sync(self) -> Any:
        return await self.graph.sync.run()

    async def settle(self) -> None:
        """Enough rounds, minutes apart, for any doubt to be cleared."""
        for _ in range(4):
            await self.sync()
            self.wait(310)

    def wait(self, seconds: float) -> None:
        """Time passes here and at the platform."""
        self.clock.ahead_s += seconds
        self.sandbox.advance(seconds)

    async def states(self) -> list[str]:
        return [row.item.state.value for row in reversed(await self.graph.outbox.rows())]

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return await self.graph.store.read(lambda c: [tuple(row) for row in c.execute(sql, values)])

    async def fan(self) -> int:
        """A fan with exactly one live friendship."""
        for fan_id in await self.graph.fans.order(FanFilter()):
            if len(await self.graph.customer_edits.sides(fan_id)) == 1:
                return fan_id
        raise AssertionError("no fan with one friendship")

    async def tag(self) -> Any:
        """A platform tag the fan does not carry."""
        (side,) = await self.graph.customer_edits.sides(await self.fan())
        carried = {tag.name for tag in side.tags}
        return next(
            line
            for line in await self.graph.platform_tags.lines()
            if line.account_id is not None and line.name not in carried
        )

    async def contact_draft(self, name: str = "门店易拉宝") -> EntryWayDraft:
        staff = (await self.graph.entry_ways.choices()).staff
        return EntryWayDraft(CONTACT, name, staff=(staff[0].external_id, staff[1].external_id))

    async def join_draft(self) -> EntryWayDraft:
        groups = (await self.graph.entry_ways.choices()).groups
        return EntryWayDraft(
            JOIN, "社群海报", groups=(groups[0].external_id,), base_name="尝鲜群", base_id=3
        )


class WaysElsewhere:
    """Somebody who keeps contact ways with another program."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def _write(self, path: str, **body: Any) -> dict[str, Any]:
        adapter = WeComPlatform().connect(
            self._shop.sandbox.wecom_base_url,
            {"corpid": self._shop.sandbox.corpid, "corpsecret": self._shop.sandbox.corpsecret},
            self._shop.clock,
        )
        try:
            return dict(await adapter._client.write(P + path, body))
        finally:
            await adapter.aclose()

    async def add(self, name: str, state: str = "") -> str:
        """A way of two; its id."""
        staff = list((await self._shop.contact_draft()).staff)
        body = {"type": 2, "scene": 2, "remark": name, "user": staff, "state": state}
        return str((await self._write("add_contact_way", **body))["config_id"])

    async def rename(self, config_id: str, name: str) -> None:
        await self._write("update_contact_way", config_id=config_id, remark=name)

    async def delete(self, config_id: str) -> None:
        await self._write("del_contact_way", config_id=config_id)


@pytest.fixture
def shop_at(
    sandbox: SandboxProcess, tmp_path: Path, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    monkeypatch.setattr(WeComAdapter, "clock_skew_ms", lambda self: None)  # Date tells the real time
    clock = MovedClock()
    config = GraphConfig(tmp_path / "shop", "店主", clock=clock, secrets=MemorySecretStore())
    graph = runner.run(open_graph(config))
    runner.run(graph.shop.create("小满鲜果", "frequent-online", "Asia/Shanghai"))
    shop = Shop(graph, sandbox, clock)
    runner.run(shop.connect())
    yield shop
    runner.run(graph.close())


async def add_way(shop: Shop) -> None:
    await shop.graph.entry_ways.add(await shop.contact_draft(), hold_s=0)


async def add_tag(shop: Shop) -> None:
    account = await shop.graph.platform_tags.only_account()
    await shop.graph.platform_tags.add(account, "爱喝茶", "口味", hold_s=0)


async def mark(shop: Shop) -> None:
    tag = await shop.tag()
    done = await shop.graph.platform_tags.mark([await shop.fan()], tag.tag_id, hold_s=0)
    assert (done.fans, done.already, done.strangers) == (1, 0, 0)


async def note(shop: Shop) -> None:
    notes = CustomerNotes("三楼王姐", "爱吃梨，周末来", ("13800001111",))
    await shop.graph.customer_edits.set_notes(await shop.fan(), "", notes, hold_s=0)


async def way_is_there(shop: Shop) -> bool:
    (row,) = await shop.graph.entry_ways.rows(CONTACT)
    return row.standing is Standing.READY and row.qr_url.startswith("https://") and len(row.leads_to) == 2


async def tag_is_there(shop: Shop) -> bool:
    found = [line for line in await shop.graph.platform_tags.lines() if line.name == "爱喝茶"]
    return [line.standing for line in found] == [Standing.READY] and found[0].can_mark


async def is_marked(shop: Shop) -> bool:
    (side,) = await shop.graph.customer_edits.sides(await shop.fan())
    detail = await shop.graph.fans.detail(await shop.fan())
    assert all(tag.change == "" for tag in side.tags)
    return {tag.name for tag in side.tags} == {tag.name for tag in detail.row.tags if tag.is_platform}


async def is_noted(shop: Shop) -> bool:
    (side,) = await shop.graph.customer_edits.sides(await shop.fan())
    return side.notes.remark == "三楼王姐" and side.mine is None


CHANGES = {
    P + "add_contact_way": (add_way, way_is_there),
    P + "add_corp_tag": (add_tag, tag_is_there),
    P + "mark_tag": (mark, is_marked),
    P + "remark": (note, is_noted),
}
Do = Callable[[Shop], Awaitable[Any]]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("path", CHANGES)
async def test_an_unclear_reply_is_found_out_and_nothing_is_done_twice(
    shop_at: Shop, path: str, when: str
) -> None:
    do, is_so = CHANGES[path]
    shop_at.sandbox.fault("reset", path, when=when)
    await do(shop_at)
    await shop_at.settle()
    assert await shop_at.states() == ["done"]
    assert await is_so(shop_at)
    executed = list(shop_at.sandbox.calls(path))
    assert len(executed) == (2 if when == "before" else 1)


async def test_a_way_made_without_a_network_gets_its_code_with_the_next_sync(shop_at: Shop) -> None:
    service = shop_at.graph.entry_ways
    made = await service.add(await shop_at.contact_draft(), hold_s=0)
    (before,) = await service.rows(CONTACT)
    assert (before.standing, before.qr_url, before.came) == (Standing.ADDING, "", 0)
    await shop_at.sync()
    (after,) = await service.rows(CONTACT)
    assert after.standing is Standing.READY
    assert after.qr_url
    assert after.state == state_of(made.items[0])
    await service.edit(after.uid, await shop_at.contact_draft("新名字"), hold_s=0)
    (changing,) = await service.rows(CONTACT)
    assert (changing.standing, changing.draft.name, changing.shown.name) == (
        Standing.CHANGING,
        "门店易拉宝",
        "新名字",
    )
    await shop_at.sync()
    (changed,) = await service.rows(CONTACT)
    assert (changed.standing, changed.draft.name) == (Standing.READY, "新名字")
    await service.delete(after.uid, hold_s=0)
    await shop_at.sync()
    assert await service.rows(CONTACT) == []


async def test_a_way_made_elsewhere_is_pulled_and_reading_again_changes_nothing(shop_at: Shop) -> None:
    await WaysElsewhere(shop_at).add("别处建的", state="poster")
    report = await shop_at.sync()
    assert report.accounts[0].streams["contact_ways"].new == 1
    (row,) = await shop_at.graph.entry_ways.rows(CONTACT)
    assert (row.draft.name, row.state, row.standing) == ("别处建的", "poster", Standing.READY)
    log = await shop_at.rows("SELECT count(*) FROM operation")
    report = await shop_at.sync()
    assert report.accounts[0].streams["contact_ways"].changed == 0
    assert await shop_at.rows("SELECT count(*) FROM operation") == log


READ_WAY = P + "get_contact_way"
DAY_S = 86_400


async def test_a_way_is_read_when_it_is_new_when_it_was_changed_here_and_once_a_day(shop_at: Shop) -> None:
    """Its id in the list is enough to know that it is still there."""
    service, there = shop_at.graph.entry_ways, WaysElsewhere(shop_at)
    made = await service.add(await shop_at.contact_draft("一号"), hold_s=0)
    other = await there.add("别处建的")

    async def read_by_a_round(**options: Any) -> int:
        before = len(shop_at.sandbox.calls(READ_WAY))
        report = (await shop_at.graph.sync.run(**options)).accounts[0]
        assert report.error_code is None
        counts = report.streams["contact_ways"]
        assert (counts.requested, counts.received, counts.removed) == (2, 2, 0)
        return len(shop_at.sandbox.calls(READ_WAY)) - before

    async def names() -> list[str]:
        return sorted(row.draft.name for row in await service.rows(CONTACT))

    assert [await read_by_a_round() for _ in range(3)] == [2, 0, 0]
    assert await names() == ["一号", "别处建的"]
    await service.edit(made.uid, await shop_at.contact_draft("二号"), hold_s=0)
    assert [await read_by_a_round() for _ in range(2)] == [1, 0]
    await there.rename(other, "别处改的")
    assert await read_by_a_round() == 0
    assert await names() == ["二号", "别处建的"]
    shop_at.wait(DAY_S)
    assert [await read_by_a_round() for _ in range(2)] == [2, 0]
    assert await names() == ["二号", "别处改的"]
    await there.rename(other, "又改了")
    assert await read_by_a_round(full=True) == 2
    assert await names() == ["二号", "又改了"]
    shop_at.clock.ahead_s -= DAY_S / 24
    assert await read_by_a_round() == 2


async def test_a_reading_that_was_cut_short_goes_on_and_a_way_gone_elsewhere_goes_unread(
    shop_at: Shop,
) -> None:
    there = WaysElsewhere(shop_at)
    ways = [await there.add(name) for name in ("甲", "乙", "丙")]
    shop_at.sandbox.fault("errcode", READ_WAY, code=60011, nth=2)
    report = await shop_at.sync()
    assert report.accounts[0].streams["contact_ways"].error_code
    await shop_at.sync()
    assert len(await shop_at.graph.entry_ways.rows(CONTACT)) == 3
    await there.delete(ways[0])
    before = len(shop_at.sandbox.calls(READ_WAY))
    report = await shop_at.sync()
    assert report.accounts[0].streams["contact_ways"].removed == 1
    assert {row.draft.name for row in await shop_at.graph.entry_ways.rows(CONTACT)} == {"乙", "丙"}
    assert len(shop_at.sandbox.calls(READ_WAY)) == before


async def test_a_list_that_lags_does_not_take_away_what_was_just_made(shop_at: Shop) -> None:
    service = shop_at.graph.entry_ways
    shop_at.sandbox.settings(listing_lag_s=120)
    made = await service.add(await shop_at.contact_draft(), hold_s=0)
    for _ in range(3):
        await shop_at.sync()
        (row,) = await service.rows(CONTACT)
        assert (row.uid, row.standing) == (made.uid, Standing.READY)
        shop_at.wait(70)
    await WaysElsewhere(shop_at).delete(row.external_id)
    shop_at.wait(900)
    report = await shop_at.sync()
    assert report.accounts[0].streams["contact_ways"].removed == 1
    assert await service.rows(CONTACT) == []


async def test_a_join_way_whose_answer_was_lost_is_asked_about_once(shop_at: Shop) -> None:
    shop_at.sandbox.fault("reset", P + "groupchat/add_join_way", when="after")
    await shop_at.graph.entry_ways.add(await shop_at.join_draft(), hold_s=0)
    await shop_at.settle()
    (row,) = await shop_at.graph.entry_ways.rows(JOIN)
    assert row.standing is Standing.ASKS
    assert len(shop_at.sandbox.calls(P + "groupchat/add_join_way")) == 1
    await shop_at.graph.outbox.attest(row.items[0], was_sent=False)
    await shop_at.sync()
    (row,) = await shop_at.graph.entry_ways.rows(JOIN)
    assert row.standing is Standing.READY
    assert row.qr_url
    assert (row.draft.base_name, row.draft.base_id, row.came) == ("尝鲜群", 3, 0)


async def test_a_join_way_is_changed_as_a_whole_and_keeps_its_mark(shop_at: Shop) -> None:
    service = shop_at.graph.entry_ways
    made = await service.add(await shop_at.join_draft(), hold_s=0)
    await shop_at.sync()
    groups = (await service.choices()).groups
    wider = EntryWayDraft(
        JOIN, "两个群", groups=(groups[0].external_id, groups[1].external_id), auto_create=False
    )
    await service.edit(made.uid, wider, hold_s=0)
    await shop_at.sync()
    (row,) = await service.rows(JOIN)
    assert (row.draft, row.standing, row.state) == (wider, Standing.READY, state_of(made.items[0]))
    await service.delete(made.uid, hold_s=0)
    await shop_at.sync()
    assert await service.rows(JOIN) == []


async def test_a_welcome_says_the_newcomers_name_in_the_platforms_way(shop_at: Shop) -> None:
    service = shop_at.graph.welcomes
    made = await service.add(WelcomeDraft("欢迎 {昵称}，群规见公告"), hold_s=0)
    await shop_at.sync()
    (row,) = await service.rows()
    assert (row.standing, row.draft.text) == (Standing.READY, "欢迎 {昵称}，群规见公告")
    sent = shop_at.sandbox.calls(P + "group_welcome_template/add")
    assert "%NICKNAME%" in str(sent) or len(sent) == 1
    shop_at.sandbox.fault("reset", P + "group_welcome_template/edit", when="after")
    await service.edit(made.uid, WelcomeDraft("你好 {昵称}"), hold_s=0)
    await shop_at.settle()
    (row,) = await service.rows()
    assert (row.standing, row.draft.text, row.waiting) == (Standing.READY, "你好 {昵称}", None)
    assert len(shop_at.sandbox.calls(P + "group_welcome_template/edit")) == 1
    await service.delete(made.uid, hold_s=0)
    await shop_at.sync()
    assert await service.rows() == []


async def test_a_tag_is_renamed_and_deleted(shop_at: Shop) -> None:
    await add_tag(shop_at)
    (waiting,) = [one for one in await shop_at.graph.platform_tags.lines() if one.name == "爱喝茶"]
    assert (waiting.standing, waiting.can_mark) == (Standing.ADDING, False)
    assert "爱喝茶" not in [tag.name for tag in await shop_at.graph.fans.tags()]
    await shop_at.sync()
    await shop_at.graph.platform_tags.rename(waiting.tag_id, "爱喝花茶", hold_s=0)
    await shop_at.sync()
    line = await shop_at.graph.platform_tags.named("爱喝花茶")
    assert line.standing is Standing.READY
    await shop_at.graph.platform_tags.delete(line.tag_id, hold_s=0)
    await shop_at.sync()
    assert not [one for one in await shop_at.graph.platform_tags.lines() if "茶" in one.name]
    assert await shop_at.states() == ["done", "done", "done"]


async def test_a_remark_that_waits_survives_a_pull_and_both_are_shown(shop_at: Shop) -> None:
    fan_id = await shop_at.fan()
    (side,) = await shop_at.graph.customer_edits.sides(fan_id)
    await note(shop_at)
    adapter = WeComPlatform().connect(
        shop_at.sandbox.wecom_base_url,
        {"corpid": shop_at.sandbox.corpid, "corpsecret": shop_at.sandbox.corpsecret},
        shop_at.clock,
    )
    try:
        body = {"userid": side.staff_id, "external_userid": side.external_id, "remark": "李姐"}
        await adapter._client.write(P + "remark", body)
    finally:
        await adapter.aclose()
    shop_at.sandbox.fault("errcode", P + "remark", code=45009, count=0)
    await shop_at.sync()
    (side,) = await shop_at.graph.customer_edits.sides(fan_id)
    assert side.notes.remark == "李姐"
    assert side.mine is not None
    assert (side.mine.remark, side.changed_there, side.can_take_back) == ("三楼王姐", True, True)
    await shop_at.graph.customer_edits.take_back([side.mine_uid])
    (side,) = await shop_at.graph.customer_edits.sides(fan_id)
    assert (side.notes.remark, side.mine) == ("李姐", None)


async def test_a_refused_mark_goes_back_and_says_why(shop_at: Shop) -> None:
    shop_at.sandbox.fault("errcode", P + "mark_tag", code=40068)
    tag, fan_id = await shop_at.tag(), await shop_at.fan()
    await shop_at.graph.platform_tags.mark([fan_id], tag.tag_id, hold_s=0)
    (side,) = await shop_at.graph.customer_edits.sides(fan_id)
    assert [one.change for one in side.tags if one.tag_id == tag.tag_id] == ["add"]
    await shop_at.sync()
    (side,) = await shop_at.graph.customer_edits.sides(fan_id)
    (one,) = [one for one in side.tags if one.tag_id == tag.tag_id]
    assert (one.change, one.reason, one.is_carried) == ("refused", "wecom_tag_unknown", False)


async def test_many_fans_at_once_and_taking_it_back_before_it_leaves(shop_at: Shop) -> None:
    fan_ids = (await shop_at.graph.fans.order(FanFilter()))[:100]
    tag = await shop_at.tag()
    done = await shop_at.graph.platform_tags.mark(fan_ids, tag.tag_id)
    assert done.fans + done.already + done.strangers == len(fan_ids)
    assert len(done.items) >= done.fans > 50
    off = await shop_at.graph.platform_tags.mark(fan_ids, tag.tag_id, remove=True, hold_s=0)
    assert off.stopped == len(done.items)
    carried = [
        tag.name in {one.name for one in side.tags if one.is_carried}
        for fan_id in fan_ids
        for side in await shop_at.graph.customer_edits.sides(fan_id)
    ]
    assert len(off.items) == sum(carried)
