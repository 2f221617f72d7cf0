"""The operator's word on changes: it does here what the platform's answer would have done."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.entry_ways import CONTACT, JOIN, EntryWayDraft, state_of
from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.outbox import State
from desktop.domain.platform_records import EntryWayRecord
from desktop.domain.welcomes import WelcomeDraft
from desktop.services.customer_edits import CustomerEditService
from desktop.services.entry_ways import EntryWayService
from desktop.services.platform_edits import Standing
from desktop.services.platform_tags import PlatformTagService
from desktop.services.welcomes import WelcomeService
from desktop.store.accounts import accounts
from desktop.store.groups import entry_ways
from desktop.store.sends import outbox as outbox_rows
from desktop.wording import Wording
from desktop.wording.sentences import known_text, next_text
from tests.fakes import ZONE
from tests.unit.outbox.world import World

CONTACT_DRAFT = EntryWayDraft(CONTACT, "门店易拉宝", staff=("staff1",))
JOIN_DRAFT = EntryWayDraft(JOIN, "社群海报", groups=("wr1",))


class Desk:
    """The services whose changes may stay unclear."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ways = EntryWayService(world.store, world.clock)
        self.welcomes = WelcomeService(world.store, world.clock, world.media)
        self.tags = PlatformTagService(world.store, world.clock)
        self.notes = CustomerEditService(world.store, world.clock)

    async def unclear(self, uid: str) -> str:
        """The item left and no answer came, and nobody but the operator can tell."""

        def work(tx: Any) -> None:
            item_id = outbox_rows.by_uid(tx.db.conn, uid).id
            outbox_rows.move(tx, item_id, State.QUEUED)
            attempt = outbox_rows.begin_attempt(tx, item_id, mono_ms=0, boot_id="b", request_sha256="")
            outbox_rows.end_attempt(tx, attempt, "U", "reply_lost")
            why = {"code": "reply_lost", "asks": True}
            outbox_rows.move(tx, item_id, State.UNKNOWN, reason=why)

        await self.world.store.write(work, kind=None)
        return uid

    async def join_way(self) -> tuple[str, str]:
        """(way, unclear item) of a join way being made."""
        queued = await self.ways.add(JOIN_DRAFT, hold_s=0)
        return queued.uid, await self.unclear(queued.items[0])

    async def told(self, uid: str, language: str = "zh_CN") -> tuple[str, str]:
        row = (await self.world.outbox.detail(uid)).row
        wording = Wording(language)
        return known_text(wording, row.known, ZONE), next_text(wording, row.next_step, ZONE)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


async def test_the_id_the_operator_pastes_makes_a_join_way_whole(desk: Desk) -> None:
    way, item = await desk.join_way()
    assert "“做好了”或“没做”" in (await desk.told(item))[1]
    assert await desk.world.outbox.attest(item, True, platform_id="  cfg-77 ") is State.DONE
    (row,) = await desk.ways.rows(JOIN)
    assert (row.uid, row.standing, row.external_id) == (way, Standing.READY, "cfg-77")
    assert row.state == state_of(item)
    assert (await desk.world.outbox.detail(item)).row.item.platform_id == "cfg-77"


async def test_no_join_way_leads_to_a_group_of_another_platform(desk: Desk) -> None:
    await desk.world.douyin_group(4, "抖音群")
    assert "dy4" not in {one.external_id for one in (await desk.ways.choices()).groups}
    with pytest.raises(InvalidInputError):
        await desk.ways.add(EntryWayDraft(JOIN, "抖音海报", groups=("dy4",)))


async def test_without_the_id_a_join_way_cannot_be_changed_from_here_and_all_words_say_so(
    desk: Desk,
) -> None:
    way, item = await desk.join_way()
    await desk.world.outbox.attest(item, True)
    (row,) = await desk.ways.rows(JOIN)
    assert (row.standing, row.external_id) == (Standing.UNLINKED, "")
    assert "没有它在企业微信里的编号" in (await desk.told(item))[0]
    assert "cannot be changed from here" in (await desk.told(item, "en"))[0]
    with pytest.raises(ConflictError) as told:
        await desk.ways.edit(way, EntryWayDraft(JOIN, "新名字", groups=("wr2",)))
    assert told.value.code == "way_unlinked"
    assert await desk.world.states() == ["done"]  # nothing is made a second time
    queued = await desk.ways.delete(way)
    assert queued.items == ()
    assert await desk.ways.rows(JOIN) == []


async def test_a_contact_way_without_its_id_waits_for_the_pull_that_finds_it_by_its_mark(
    desk: Desk,
) -> None:
    queued = await desk.ways.add(CONTACT_DRAFT, hold_s=0)
    item = await desk.unclear(queued.items[0])
    await desk.world.outbox.attest(item, True)
    for change in (desk.ways.edit(queued.uid, CONTACT_DRAFT), desk.ways.delete(queued.uid)):
        with pytest.raises(ConflictError) as told:
            await change
        assert told.value.code == "way_unlinked_yet"
    record = EntryWayRecord("cfg-1", "门店易拉宝", state_of(item), "https://x.test/q", ("staff1",))

    def pull(tx: Any) -> tuple[int, int]:
        (account,) = accounts.listing(tx.db.conn)
        return entry_ways.ingest(tx, account, CONTACT, [record])

    assert await desk.world.store.write(pull, kind="test.pull") == (0, 1)
    (row,) = await desk.ways.rows(CONTACT)
    assert (row.uid, row.standing, row.external_id) == (queued.uid, Standing.READY, "cfg-1")


@pytest.mark.parametrize("given", ["编号", "a b", "x" * 129])
async def test_an_id_that_cannot_be_one_is_refused_and_decides_nothing(desk: Desk, given: str) -> None:
    _, item = await desk.join_way()
    with pytest.raises(InvalidInputError) as told:
        await desk.world.outbox.attest(item, True, platform_id=given)
    assert told.value.code == "attest_id"
    assert await desk.world.states() == ["unknown"]


async def test_an_id_that_another_way_has_is_refused(desk: Desk) -> None:
    _, first = await desk.join_way()
    await desk.world.outbox.attest(first, True, platform_id="cfg-77")
    _, second = await desk.join_way()
    with pytest.raises(ConflictError) as told:
        await desk.world.outbox.attest(second, True, platform_id="cfg-77")
    assert told.value.code == "attest_id_taken"
    assert [row.external_id for row in await desk.ways.rows(JOIN)] == ["", "cfg-77"]


async def test_an_id_that_nobody_asks_for_is_refused(desk: Desk) -> None:
    queued = await desk.ways.add(CONTACT_DRAFT, hold_s=0)
    item = await desk.unclear(queued.items[0])
    with pytest.raises(InvalidInputError):
        await desk.world.outbox.attest(item, True, platform_id="cfg-1")


async def test_edits_and_deletions_said_to_be_done_are_done_here_too(desk: Desk) -> None:
    way, item = await desk.join_way()
    await desk.world.outbox.attest(item, True, platform_id="cfg-77")
    wider = EntryWayDraft(JOIN, "两个群", groups=("wr1", "wr2"), auto_create=False)
    edit = await desk.ways.edit(way, wider, hold_s=0)
    assert (await desk.ways.row(way)).draft == JOIN_DRAFT
    await desk.world.outbox.attest(await desk.unclear(edit.items[0]), True)
    row = await desk.ways.row(way)
    assert (row.draft, row.standing) == (wider, Standing.READY)
    gone = await desk.ways.delete(way, hold_s=0)
    await desk.world.outbox.attest(await desk.unclear(gone.items[0]), True)
    assert await desk.ways.rows(JOIN) == []


async def test_a_welcome_said_to_be_made(desk: Desk) -> None:
    made = await desk.welcomes.add(WelcomeDraft("欢迎 {昵称}"), hold_s=0)
    await desk.world.outbox.attest(await desk.unclear(made.items[0]), True)
    (row,) = await desk.welcomes.rows()
    assert row.standing is Standing.UNLINKED
    with pytest.raises(ConflictError) as told:
        await desk.welcomes.edit(made.uid, WelcomeDraft("你好"))
    assert told.value.code == "way_unlinked"
    other = await desk.welcomes.add(WelcomeDraft("欢迎光临"), hold_s=0)
    await desk.world.outbox.attest(await desk.unclear(other.items[0]), True, platform_id="tpl-1")
    row = await desk.welcomes.row(other.uid)
    assert (row.standing, row.external_id) == (Standing.READY, "tpl-1")
    edit = await desk.welcomes.edit(other.uid, WelcomeDraft("新的话"), hold_s=0)
    await desk.world.outbox.attest(await desk.unclear(edit.items[0]), True)
    assert (await desk.welcomes.row(other.uid)).draft.text == "新的话"


async def test_a_remark_said_to_be_written_stands_here(desk: Desk) -> None:
    done = await desk.notes.set_notes(1, "staff1", CustomerNotes("三楼王姐", "", ()), hold_s=0)
    await desk.world.outbox.attest(await desk.unclear(done.items[0]), True)
    (side,) = await desk.notes.sides(1)
    assert (side.notes.remark, side.mine) == ("三楼王姐", None)
    assert await desk.world.query("SELECT DISTINCT status FROM delivery") == [("sent",)]


async def test_not_done_changes_nothing_and_goes_again(desk: Desk) -> None:
    way, item = await desk.join_way()
    assert await desk.world.outbox.attest(item, False, platform_id="ignored id") is State.QUEUED
    row = await desk.ways.row(way)
    assert (row.standing, row.external_id) == (Standing.ADDING, "")
