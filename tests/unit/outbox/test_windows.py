"""Never early, never late, nothing from a clock in doubt; holds, order, and cancels in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desktop.domain.audience import Audience
from desktop.domain.clock import local
from desktop.domain.errors import ConflictError, OfflineError, UnclearReplyError
from desktop.domain.posts import PostDraft
from desktop.services.sending import ConfirmBlockedError
from desktop.store.shop import set_setting
from tests.fakes import ZONE
from tests.unit.outbox.world import MINUTE, World


async def test_the_hold_keeps_it_here_and_undo_brings_the_draft_back(world: World) -> None:
    uid = await world.post(hold_s=10)
    await world.push()
    assert await world.states() == ["confirmed"]
    done = await world.posts.cancel(uid)
    assert (done.cancelled, done.too_late, done.is_draft_again) == (1, 0, True)
    assert (await world.posts.get(uid)).state == "draft"
    world.clock.advance(60)
    await world.push()
    assert world.adapter.made == []
    await world.posts.confirm(uid, 0)
    await world.push()
    assert await world.states() == ["cancelled", "done"]


async def test_after_the_hold_it_leaves(world: World) -> None:
    await world.post(hold_s=10)
    world.clock.advance(10)
    await world.push()
    assert await world.states() == ["done"]


async def test_never_before_its_time(world: World) -> None:
    await world.post(scheduled_at=world.clock.now_ms() + 30 * MINUTE)
    world.clock.advance(30 * 60 - 0.001)
    await world.push()
    assert await world.states() == ["confirmed"]
    world.clock.advance(0.001)
    await world.push()
    assert await world.states() == ["done"]


async def test_a_drop_is_missed_once_it_has_opened(world: World) -> None:
    uid = await world.drop()
    world.clock.advance(3600.001)
    report = await world.push()
    assert (report.missed, report.sent, report.queued) == (1, 0, 0)
    assert await world.states() == ["missed"]
    assert world.adapter.made == []
    detail = await world.only()
    assert detail.row.next_step[0] == "reschedule"
    assert (await world.drops.row(uid)).progress == "missed"


async def test_the_last_moment_is_still_in_time(world: World) -> None:
    await world.drop()
    world.clock.advance(3600)
    await world.push()
    assert await world.states() == ["done"]


async def test_missed_is_marked_offline_too(world: World) -> None:
    await world.drop()
    await world.post(scheduled_at=world.clock.now_ms() + MINUTE, grace_minutes=10)
    world.clock.advance(2 * 3600)
    assert len(await world.outbox.mark_missed()) == 2
    assert await world.outbox.mark_missed() == []
    assert await world.states() == ["missed", "missed"]


async def test_a_window_that_closes_while_a_picture_uploads_is_missed(world: World) -> None:
    from tests.unit.outbox.world import PNG

    picture = world.media.keep_bytes(PNG, "a.png")
    await world.drop(media=(picture,))
    world.clock.advance(3599)
    upload = world.adapter.upload_image

    async def slow(*given: Any) -> str:
        world.clock.advance(5)
        return await upload(*given)

    world.adapter.upload_image = slow  # type: ignore[method-assign]
    await world.push()
    assert await world.states() == ["missed"]
    assert "create" not in world.adapter.calls


async def test_a_window_that_closes_during_the_mark_is_missed(world: World) -> None:
    await world.drop()
    world.clock.advance(3599)
    begin = world.pusher._settle.begin

    async def slow(*given: object) -> object:
        attempt = await begin(*given)  # type: ignore[arg-type]
        world.clock.advance(5)
        return attempt

    world.pusher._settle.begin = slow  # type: ignore[method-assign, assignment]
    await world.push()
    assert await world.states() == ["missed"]
    assert await world.outcomes() == [("N", "window_passed")]
    assert "create" not in world.adapter.calls


async def test_a_drop_moves_to_a_new_time_with_one_new_confirmation(world: World) -> None:
    uid = await world.drop()
    world.clock.advance(2 * 3600)
    await world.push()
    new_time = world.clock.now_ms() + 60 * MINUTE
    moved = await world.drops.reschedule(uid, new_time)
    assert (moved.state, moved.revision, moved.draft.opens_at) == ("draft", 2, new_time)
    await world.push()
    assert world.adapter.made == []
    await world.drops.confirm(uid, 0)
    await world.push()
    assert await world.states() == ["missed", "done"]
    first = (await world.outbox.rows(state="missed"))[0]
    assert first.item.replaced_by is not None
    assert first.next_step[0] == "replaced"


async def test_confirming_twice_queues_once(world: World) -> None:
    saved = await world.drops.save_draft(world.drop_draft())
    await world.drops.confirm(saved.uid, 0)
    with pytest.raises(ConflictError) as caught:
        await world.drops.confirm(saved.uid, 0)
    assert caught.value.code == "already_confirmed"
    assert await world.states() == ["confirmed"]


async def test_two_confirmations_at_once_queue_once(world: World) -> None:
    saved = await world.posts.save_draft(PostDraft(body="到货", audience=Audience(everyone=True)))
    done = await asyncio.gather(
        *(world.posts.confirm(saved.uid, 0) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert await world.states() == ["confirmed"]


async def test_an_edit_needs_a_new_confirmation(world: World) -> None:
    uid = await world.post("第一版")
    post = await world.posts.get(uid)
    with pytest.raises(ConflictError):
        await world.posts.save_draft(replace(post.draft, body="第二版"), uid)
    await world.posts.reopen(uid)
    await world.posts.save_draft(replace(post.draft, body="第二版"), uid)
    await world.push()
    assert world.adapter.made == []
    await world.posts.confirm(uid, 0)
    await world.push()
    assert [send.text for _, _, send in world.adapter.made] == ["第二版"]
    assert (await world.posts.get(uid)).revision == 2


async def test_who_had_it_is_left_out_after_reopening(world: World) -> None:
    world.adapter.refused = ("wm3",)
    uid = await world.post("你好")
    await world.push()
    await world.posts.reschedule(uid, None)
    await world.posts.confirm(uid, 0)
    await world.push()
    assert world.adapter.reached() == {("wm1", "你好"): 1, ("wm2", "你好"): 1, ("wm3", "你好"): 2}
    await world.posts.reschedule(uid, None)
    await world.sql("UPDATE delivery SET status = 'waiting_staff'")
    with pytest.raises(ConfirmBlockedError):
        await world.posts.confirm(uid, 0)


async def test_no_change_while_an_outcome_is_open(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), True)]
    uid = await world.drop()
    await world.push()
    for step in (world.drops.reopen(uid), world.drops.reschedule(uid, world.clock.now_ms() + MINUTE)):
        with pytest.raises(ConflictError) as caught:
            await step
        assert caught.value.code == "outbox_undecided"


async def test_cancel_wins_while_queued_and_loses_in_flight(world: World) -> None:
    said: list[str] = []

    async def cancel() -> None:
        item = (await world.outbox.rows())[0].item
        try:
            await world.outbox.cancel(item.uid)
        except ConflictError as error:
            said.append(error.code)

    world.adapter.before_create = cancel
    await world.post()
    await world.push()
    assert said == ["outbox_too_late"]
    assert await world.states() == ["done"]
    await world.post("第二条")
    newest = (await world.outbox.rows())[0].item
    await world.outbox.cancel(newest.uid)
    await world.push()
    assert await world.states() == ["done", "cancelled"]


async def test_a_cancel_between_look_and_mark_wins(world: World) -> None:
    await world.post()
    item = (await world.outbox.rows())[0].item
    begin = world.pusher._settle.begin

    async def slow(*given: object) -> object:
        await world.outbox.cancel(item.uid)
        return await begin(*given)  # type: ignore[arg-type]

    world.pusher._settle.begin = slow  # type: ignore[method-assign, assignment]
    await world.push()
    assert await world.states() == ["cancelled"]
    assert world.adapter.made == []


async def test_the_stop_wish_is_heeded_before_the_request(world: World) -> None:
    await world.post()
    begin = world.pusher._settle.begin

    async def slow(*given: object) -> object:
        attempt = await begin(*given)  # type: ignore[arg-type]
        world.stop.set()
        return attempt

    world.pusher._settle.begin = slow  # type: ignore[method-assign, assignment]
    await world.push()
    assert await world.states() == ["queued"]
    assert await world.outcomes() == [("N", "left_before_send")]
    world.stop.clear()
    world.restart()
    await world.push()
    assert await world.states() == ["done"]


@pytest.mark.parametrize(("skew_s", "held"), [(121, True), (-121, True), (119, False)])
async def test_a_platform_that_shows_another_time_holds_everything(
    world: World, skew_s: int, held: bool
) -> None:
    world.adapter.skew_ms = skew_s * 1000
    await world.drop()
    report = await world.push()
    assert await world.states() == (["held"] if held else ["done"])
    assert (report.stopped_by == "clock_skew") is held


async def test_a_clock_behind_the_files_own_history_holds(world: World) -> None:
    await world.post()
    world.clock.set_wall(local(world.clock.now_ms(), ZONE) - timedelta(days=1))
    await world.sql("UPDATE outbox SET not_before = 0, hold_until = 0")
    await world.push()
    assert await world.states() == ["held"]
    assert world.adapter.made == []


async def test_a_jump_of_the_wall_clock_holds_unless_the_platform_agrees(world: World) -> None:
    await world.post("甲")
    await world.push()
    world.clock.set_wall(local(world.clock.now_ms(), ZONE) + timedelta(minutes=5))
    await world.post("乙")
    await world.push()
    assert await world.states() == ["done", "held"]
    world.adapter.skew_ms = 0
    world.clock.set_wall(local(world.clock.now_ms(), ZONE) + timedelta(minutes=5))
    await world.post("丙")
    await world.push()
    assert await world.states() == ["done", "held", "done"]


async def test_after_a_jump_without_a_word_from_the_platform_nothing_leaves(world: World) -> None:
    await world.post("甲")
    await world.push()
    world.clock.set_wall(local(world.clock.now_ms(), ZONE) + timedelta(hours=8))
    world.adapter.skew_ms, world.adapter.listing_error = 0, OfflineError()
    await world.post("乙")
    assert (await world.push()).stopped_by == "offline"
    assert await world.states() == ["done", "confirmed"]
    world.adapter.listing_error = None
    await world.push()
    assert await world.states() == ["done", "done"]


async def test_a_released_item_that_is_too_late_is_missed(world: World) -> None:
    await world.drop()
    assert await world.outbox.hold_all("restored") == 1
    uid = (await world.only()).row.item.uid
    world.clock.advance(2 * 3600)
    assert await world.outbox.release(uid) == "missed"


async def test_items_of_one_text_keep_their_order_behind_an_open_outcome(world: World) -> None:
    await world.post()
    await world.sql(
        "INSERT INTO outbox (uid, account_id, kind, entity, entity_id, state, payload, payload_sha256,"
        " order_key, not_before, hold_until, confirmed_at, confirmed_by, device_id, updated_at)"
        " SELECT 'second', account_id, kind, entity, entity_id, state, payload, payload_sha256, order_key,"
        " not_before, hold_until, confirmed_at, confirmed_by, device_id, updated_at FROM outbox"
    )
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    world.adapter.listing_error = UnclearReplyError("reply_lost")
    await world.push()
    await world.push()
    assert await world.states() == ["unknown", "confirmed"]
    assert world.adapter.calls.count("create") == 1


async def test_a_rejected_item_goes_again_as_a_new_one_with_the_same_bytes(world: World) -> None:
    from desktop.domain.errors import RejectedError

    world.adapter.script = [("error", RejectedError("wecom_nobody_reachable"), False)]
    await world.post()
    await world.push()
    uid = (await world.only()).row.item.uid
    new = await world.outbox.retry(uid, hold_s=0)
    with pytest.raises(ConflictError):
        await world.outbox.retry(uid)
    await world.push()
    old, fresh = await world.outbox.detail(uid), await world.outbox.detail(new)
    assert old.row.item.replaced_by == new
    assert old.row.item.payload_sha256 == fresh.row.item.payload_sha256
    assert fresh.row.item.state == "done"


async def test_a_missed_post_gets_a_new_time(world: World) -> None:
    await world.post(scheduled_at=world.clock.now_ms() + MINUTE, grace_minutes=10)
    world.clock.advance(3600)
    await world.outbox.mark_missed()
    uid = (await world.only()).row.item.uid
    at = world.clock.now_ms() + 10 * MINUTE
    new = await world.outbox.reschedule(uid, at, hold_s=0)
    item = (await world.outbox.detail(new)).row.item
    assert (item.not_before, item.not_after) == (at, at + 10 * MINUTE)


async def test_a_missed_drop_is_moved_as_a_drop(world: World) -> None:
    await world.drop()
    world.clock.advance(2 * 3600)
    await world.outbox.mark_missed()
    uid = (await world.only()).row.item.uid
    with pytest.raises(ConflictError) as caught:
        await world.outbox.reschedule(uid, world.clock.now_ms())
    assert caught.value.code == "reschedule_drop"


async def test_what_another_computer_sent_is_asked_about_once(world: World) -> None:
    await world.post("到货啦")
    await world.push()
    rows = await world.outbox.rows()
    world.adapter.made[0] = (world.clock.now_ms(), "elsewhere", world.adapter.made[0][2])
    await world.store.write(lambda tx: tx.db.execute("UPDATE outbox SET platform_id = 'lost'"), kind=None)
    world.clock.advance(86_400)
    await world.post("到货啦")
    await world.push()
    held = next(row.item for row in await world.outbox.rows() if row.item.uid != rows[0].item.uid)
    assert (held.state, held.reason["code"]) == ("held", "sent_elsewhere")
    assert [one["id"] for one in held.reason["alike"]] == ["elsewhere"]
    assert len(world.adapter.made) == 1
    await world.outbox.release(held.uid)
    await world.push()
    assert len(world.adapter.made) == 2


async def test_without_the_list_nothing_leaves(world: World) -> None:
    world.adapter.recent_error = UnclearReplyError("reply_lost")
    await world.post()
    await world.push()
    assert await world.states() == ["confirmed"]
    assert world.adapter.made == []
    world.adapter.recent_error = None
    await world.push()
    assert await world.states() == ["done"]


async def test_quiet_hours_put_off_what_reaches_people(world: World) -> None:
    zone_now = local(world.clock.now_ms(), ZONE)
    quiet = {"from": zone_now.strftime("%H:%M"), "to": (zone_now + timedelta(hours=2)).strftime("%H:%M")}
    await world.store.write(lambda tx: set_setting(tx, "quiet_hours", quiet), kind="shop.setting")
    await world.post()
    await world.push()
    item = (await world.outbox.rows())[0].item
    assert (item.state, item.reason["code"], world.adapter.made) == ("queued", "quiet_hours", [])
    world.clock.advance(7199)
    await world.push()
    assert world.adapter.made == []
    world.clock.advance(61)
    await world.push()
    assert await world.states() == ["done"]


async def test_an_earlier_open_send_to_the_same_people_goes_first(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    world.adapter.is_listing_complete = False
    await world.post("第一条")
    await world.push()
    await world.post("第二条")
    await world.push()
    second = next(row.item for row in await world.outbox.rows() if row.item.state == "queued")
    assert second.reason["code"] == "waiting_earlier"
    world.adapter.is_listing_complete = True
    world.clock.advance(1000)
    await world.push()
    await world.push()
    assert [write.text for _, _, write in world.adapter.made] == ["第一条", "第二条"]
