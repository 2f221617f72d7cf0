"""Nothing leaves before the owner has seen what leaves; what the platform does not allow is noted."""

import pytest

from desktop.domain.errors import RejectedError
from desktop.domain.sent_history import SentFilter
from desktop.services.first_send import FirstSendService
from desktop.services.sent_history import SentHistoryService
from desktop.store.accounts import abilities
from desktop.sync.push import Pusher
from tests.unit.outbox.world import World


@pytest.fixture
def asking(world: World) -> FirstSendService:
    """A world whose pusher asks before the first send, as the program's does."""
    world.pusher = Pusher(
        world.store, world.clock, world.media, chance=lambda: 0.0, boot_id="b", asks_before_first_send=True
    )
    return FirstSendService(world.store, world.clock)


async def test_until_the_owner_agrees_everything_stays_confirmed(
    world: World, asking: FirstSendService
) -> None:
    await world.post("今晚到货")
    report = await world.push()
    assert report.stopped_by == "first_send_unseen"
    assert world.adapter.made == []
    (row,) = await world.outbox.rows()
    assert row.item.state.value == "confirmed"
    assert row.item.reason == {"code": "first_send_unseen"}
    assert (row.known[0], row.next_step[0]) == ("first_send_unseen", "agree_first")
    operations = await world.query("SELECT count(*) FROM operation")
    await world.push()
    assert await world.query("SELECT count(*) FROM operation") == operations

    (first,) = await asking.unseen()
    assert first.host == "127.0.0.1"
    assert dict(first.kinds) == {"wecom.mass_send.single": 1}
    assert first.people == len(await world.query("SELECT 1 FROM delivery"))
    assert list(first.texts) == ["今晚到货"]
    account = await asking.agree(first.account.id)
    assert account.may_send
    assert await asking.unseen() == []
    assert (await world.outbox.rows())[0].item.reason is None
    assert (await world.push()).sent == 1


async def test_agreeing_holds_for_one_address_only(world: World, asking: FirstSendService) -> None:
    await asking.agree(1)
    await world.sql("UPDATE account SET base_url = 'https://qyapi.weixin.qq.com' WHERE id = 1")
    await world.post()
    assert (await world.push()).stopped_by == "first_send_unseen"
    assert [first.host for first in await asking.unseen()] == ["qyapi.weixin.qq.com"]


async def test_what_is_held_back_or_not_due_does_not_ask(world: World, asking: FirstSendService) -> None:
    await world.post(scheduled_at=world.clock.now_ms() + 3_600_000)
    assert await asking.unseen() == []
    assert (await world.push()).stopped_by is None


async def test_a_kind_that_is_refused_is_noted_until_it_works(world: World) -> None:
    await world.post("一")
    refusal = RejectedError("wecom_no_permission", is_permission=True, platform_code=48002)
    world.adapter.script = [("error", refusal, False)]
    await world.push()
    (noted,) = await world.store.read(lambda conn: abilities.refused(conn, 1))
    assert (noted.ability, noted.code) == ("wecom.mass_send.single", "wecom_no_permission")
    draft = (await world.posts.rows())[0].post.draft
    codes = [problem.code for problem in await world.posts.check(draft)]
    assert "sending_refused" in codes
    await world.push()
    assert await world.store.read(lambda conn: abilities.refused(conn, 1)) == ()


async def test_the_history_has_ours_and_those_made_elsewhere(world: World) -> None:
    await world.post("我们发的")
    await world.push()
    await world.sql(
        "INSERT INTO mass_send_record (account_id, external_id, chat_type, creator, text, created_at,"
        " targets_sent, targets_failed) VALUES (1, 'msg-x', 'group', 'staff1', '=别处', ?, 3, 1)",
        world.clock.now_ms() - 1000,
    )
    history = SentHistoryService(world.store)
    ours, other = await history.rows(SentFilter())
    assert (ours.is_ours, ours.text, len(ours.sha256)) == (True, "我们发的", 64)
    assert ours.bytes == (await world.query("SELECT length(CAST(payload AS BLOB)) FROM outbox"))[0][0]
    assert (other.is_ours, other.kind, other.sent, other.failed) == (
        False, "wecom.mass_send.group", 3, 1,
    )  # fmt: skip
    assert [row.key for row in await history.rows(SentFilter(is_ours=False))] == ["msg-x"]
    assert [row.key for row in await history.rows(SentFilter(search="我们"))] == [ours.key]
    assert await history.total(SentFilter(kind="wecom.moment")) == 0


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_the_history_goes_into_a_file_that_runs_nothing(world: World, tmp_path, ending: str) -> None:
    await world.post("=1+1")
    await world.push()
    history = SentHistoryService(world.store)
    target = tmp_path / f"发送记录.{ending}"
    headers = {"when": "时间", "text": "文字", "sha256": "SHA-256"}
    written = await history.export(target, SentFilter(), headers, lambda family, value: value)
    assert written == 1
    if ending == "csv":
        assert "'=1+1" in target.read_text(encoding="utf-8-sig")
    assert target.stat().st_size > 0
    assert await world.query("SELECT count(*) FROM operation WHERE kind = 'sent.export'") == [(1,)]
