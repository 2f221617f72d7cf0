"""Every row of the evidence table, and what follows from it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from desktop.domain.consents import Channel, ConsentDraft, Purpose, ReachChange, Said
from desktop.domain.errors import (
    AuthError,
    InvalidInputError,
    OfflineError,
    RateLimitedError,
    RejectedError,
    UnclearReplyError,
)
from desktop.domain.outbox import MAX_ATTEMPTS, MAX_BUSY
from desktop.domain.writes import sha256_text
from desktop.services.consents import ConsentService
from tests.unit.outbox.world import MINUTE, PNG, Crash, World
from tests.waiting import until


async def test_a_send_is_done_with_the_platforms_id(world: World) -> None:
    await world.post()
    report = await world.push()
    detail = await world.only()
    assert report.sent == 1
    assert detail.row.item.state == "done"
    assert detail.row.item.platform_id == "msg1"
    assert detail.row.item.proof["by"] == "reply"
    assert {d.status for d in detail.recipients} == {"waiting_staff"}
    assert detail.row.known[0] == "waiting_staff"
    await world.push()
    assert world.adapter.calls.count("create") == 1


async def test_refused_recipients_are_theirs_alone(world: World) -> None:
    world.adapter.refused = ("wm2",)
    await world.post()
    await world.push()
    detail = await world.only()
    assert {d.target_external_id: d.status for d in detail.recipients} == {
        "wm1": "waiting_staff",
        "wm2": "refused",
        "wm3": "waiting_staff",
    }


@pytest.mark.parametrize(
    "error",
    [
        OfflineError(),
        AuthError("wecom_ip_not_trusted"),
        RejectedError("wecom_no_permission", is_permission=True),
    ],
)
async def test_what_never_reached_the_business_uses_up_no_try(world: World, error: Exception) -> None:
    await world.post()
    for _ in range(MAX_ATTEMPTS + 3):
        world.adapter.script = [("error", error, False)]
        report = await world.push()
        assert report.stopped_by or report.notes == ["wecom_no_permission"]
        world.clock.advance(5)
    assert await world.states() == ["queued"]
    await world.push()
    assert await world.states() == ["done"]


async def test_a_busy_line_is_waited_for_and_given_up_after_six(world: World) -> None:
    await world.post()
    for tries in range(1, MAX_ATTEMPTS + 1):
        world.adapter.script = [("error", RateLimitedError("wecom_rate", retry_after_s=5), False)]
        await world.push()
        detail = await world.only()
        assert len(detail.attempts) == tries
        if tries < MAX_ATTEMPTS:
            assert detail.row.item.state == "queued"
            wait = detail.row.item.next_attempt_at - world.clock.now_ms()
            assert wait == min(30_000 * 2 ** (tries - 1), 3_600_000)
            await world.push()  # too early: nothing happens
            assert len((await world.only()).attempts) == tries
            world.clock.advance(wait / 1000)
    assert detail.row.item.state == "rejected"
    assert detail.row.item.reason["tries"] == MAX_ATTEMPTS


async def test_a_refusal_of_these_bytes_is_final(world: World) -> None:
    world.adapter.script = [("error", RejectedError("wecom_nobody_reachable", platform_code=41048), False)]
    await world.post()
    await world.push()
    detail = await world.only()
    assert detail.row.item.state == "rejected"
    assert detail.row.item.reason == {"code": "wecom_nobody_reachable", "platform_code": "41048"}
    assert await world.outcomes() == [("N", "wecom_nobody_reachable")]


async def test_an_adapters_own_check_is_final(world: World) -> None:
    world.adapter.script = [("error", InvalidInputError("mass_send_empty"), False)]
    await world.post()
    await world.push()
    assert await world.states() == ["rejected"]


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize(
    "error",
    [
        UnclearReplyError("reply_lost"),
        UnclearReplyError("platform_code_unknown", platform_code=99),
        RuntimeError("bug"),
        ValueError("bad"),
    ],
)
async def test_doubt_is_unknown_and_never_repeated(world: World, error: Exception, executed: bool) -> None:
    world.adapter.listing_error = OfflineError()
    world.adapter.script = [("error", error, executed)]
    await world.post()
    for _ in range(5):
        await world.push()
        world.clock.advance(600)
    assert await world.states() == ["unknown"]
    assert world.adapter.calls.count("create") == 1
    world.adapter.listing_error = None
    await world.push()
    assert await world.states() == ["done"]
    assert max(world.adapter.reached().values()) == 1
    assert len(world.adapter.made) == 1


async def test_found_in_the_listing_is_done_with_that_row(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), True)]
    await world.post()
    await world.push()
    assert await world.states() == ["unknown"]
    report = await world.push()
    detail = await world.only()
    assert (report.reconciled, report.sent) == (1, 0)
    assert detail.row.item.state == "done"
    assert detail.row.item.proof["by"] == "listing"
    assert detail.row.item.platform_id == "msg1"
    assert await world.outcomes() == [("D", "reply_lost")]


async def test_absence_is_proven_only_after_the_listing_settled(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    await world.post()
    await world.push()
    world.clock.advance(899)
    await world.push()
    assert await world.states() == ["unknown"]
    world.clock.advance(2)
    report = await world.push()
    assert (report.reconciled, report.sent) == (1, 1)
    assert await world.outcomes() == [("N", "reply_lost"), ("D", "accepted")]


async def test_an_incomplete_listing_proves_nothing(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    world.adapter.is_listing_complete = False
    await world.post()
    await world.push()
    world.clock.advance(3600)
    await world.push()
    assert await world.states() == ["unknown"]


async def test_a_lagging_listing_never_makes_a_duplicate(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), True)]
    world.adapter.lag_ms = 119_000
    await world.post()
    for _ in range(20):
        await world.push()
        world.clock.advance(20)
    assert await world.states() == ["done"]
    assert max(world.adapter.reached().values()) == 1


async def test_busy_is_reconciled_and_given_up_after_three(world: World) -> None:
    await world.post()
    for _ in range(20):
        world.adapter.script = [("error", UnclearReplyError("platform_busy", platform_code=-1), False)]
        await world.push()
        world.clock.advance(1800)
    assert await world.states() == ["rejected"]
    assert world.adapter.calls.count("create") == MAX_BUSY


async def test_absent_after_the_window_is_missed(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    await world.drop()
    await world.push()
    world.clock.advance(3601)
    await world.push()
    assert await world.states() == ["missed"]
    assert world.adapter.made == []


async def test_the_operator_decides_where_no_listing_can(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), True)]
    await world.post()
    await world.push()
    world.clock.advance(40 * 86_400)
    await world.push()
    detail = await world.only()
    assert detail.row.known[0] == "unknown_ask"
    assert detail.row.next_step[0] == "attest"
    state = await world.outbox.attest(detail.row.item.uid, True, "老板")
    detail = await world.only()
    assert state == "done"
    assert detail.row.item.proof["operator"] == "老板"
    await world.push()
    assert world.adapter.calls.count("create") == 1


async def test_attested_as_not_done_goes_back_to_the_queue(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    world.adapter.listing_error = OfflineError()
    await world.post()
    await world.push()
    uid = (await world.only()).row.item.uid
    assert await world.outbox.attest(uid, False) == "queued"
    await world.push()
    assert await world.states() == ["done"]
    outcomes = await world.outcomes()
    assert outcomes[0][0] == "N"


async def test_a_crash_between_mark_and_reply_leaves_unknown_at_start(world: World) -> None:
    world.adapter.script = [("crash", True)]
    await world.post()

    async def dies(*_args: Any, **_named: Any) -> None:
        return None

    world.pusher._settle.failed = dies  # type: ignore[method-assign]  # a dead process writes nothing down
    with pytest.raises(Crash):
        await world.push()
    assert await world.states() == ["in_flight"]
    world.restart()
    assert await world.pusher.recover() == 1
    assert await world.states() == ["unknown"]
    assert await world.outcomes() == [("U", "process_ended")]
    await world.push()
    assert await world.states() == ["done"]
    assert max(world.adapter.reached().values()) == 1


async def test_a_push_without_recovery_first_still_never_resends(world: World) -> None:
    world.adapter.script = [("crash", True)]
    await world.post()

    async def dies(*_args: Any, **_named: Any) -> None:
        return None

    world.pusher._settle.failed = dies  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await world.push()
    world.restart()
    await world.push()
    assert await world.states() == ["done"]
    assert world.adapter.calls.count("create") == 1


async def test_cancelling_the_task_records_the_doubt(world: World) -> None:
    world.adapter.script = [("hang", True)]
    await world.post()
    task = asyncio.ensure_future(world.push())
    await until(lambda: "create" in world.adapter.calls)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await world.states() == ["unknown"]
    assert await world.outcomes() == [("U", "stopped_while_sending")]


async def test_the_mark_is_durable_before_the_request(world: World) -> None:
    seen: list[Any] = []

    async def look() -> None:
        seen.extend(await world.query("SELECT o.state, a.n, a.outcome FROM outbox o, attempt a"))

    world.adapter.before_create = look
    await world.post()
    await world.push()
    assert seen == [("in_flight", 1, None)]


async def test_sent_bytes_are_the_frozen_ones(world: World) -> None:
    uid = await world.post("你好{昵称}")
    await world.push()
    rows = await world.query("SELECT payload, payload_sha256 FROM outbox ORDER BY id")
    assert all(sha256_text(payload) == sha for payload, sha in rows)
    assert sorted(send.canonical() for _, _, send in world.adapter.made) == sorted(
        payload for payload, _ in rows
    )
    assert sorted(send.text for _, _, send in world.adapter.made) == ["你好小满", "你好老陈", "你好阿青"]
    assert uid


async def test_changed_bytes_are_held(world: World) -> None:
    await world.post()
    await world.sql("UPDATE outbox SET payload = replace(payload, '到货', '涨价')")
    await world.push()
    assert await world.states() == ["held"]
    assert world.adapter.made == []


async def test_pictures_are_uploaded_before_and_once_in_three_days(world: World) -> None:
    picture = world.media.keep_bytes(PNG, "a.png")
    await world.post(media=(picture,))
    await world.push()
    await world.post("第二条", media=(picture,))
    await world.push()
    assert world.adapter.uploads == 1
    assert [send.media_ids for _, _, send in world.adapter.made] == [("media1",), ("media1",)]
    world.clock.advance(3 * 86_400)
    await world.post("第三条", media=(picture,))
    await world.push()
    assert world.adapter.uploads == 2


async def test_an_upload_that_fails_is_no_attempt(world: World) -> None:
    world.adapter.upload_error = UnclearReplyError("reply_lost")
    picture = world.media.keep_bytes(PNG, "a.png")
    await world.post(media=(picture,))
    await world.push()
    assert await world.states() == ["queued"]
    assert await world.outcomes() == []
    world.adapter.upload_error = None
    world.clock.advance(60)
    await world.push()
    assert await world.states() == ["done"]


async def test_a_dead_media_id_is_replaced(world: World) -> None:
    picture = world.media.keep_bytes(PNG, "a.png")
    world.adapter.script = [("error", RejectedError("wecom_media_expired", platform_code=40007), False)]
    await world.post(media=(picture,))
    await world.push()
    world.clock.advance(60)
    await world.push()
    assert await world.states() == ["done"]
    assert world.adapter.uploads == 2


async def test_a_lost_picture_is_said(world: World) -> None:
    picture = world.media.keep_bytes(PNG, "a.png")
    await world.post(media=(picture,))
    world.media.path(picture.sha256).unlink()
    await world.push()
    assert (await world.only()).row.item.reason["code"] == "picture_gone"


async def test_who_withdrew_meanwhile_is_left_out(world: World) -> None:
    await world.post()
    await world.sql("INSERT INTO suppression (fan_id, at) VALUES (1, 0)")
    await world.sql("UPDATE fan SET marketing = 'refused' WHERE id = 2")
    await world.push()
    assert world.adapter.made[0][2].targets == ("wm3",)
    detail = await world.only()
    assert {d.target_external_id: d.status for d in detail.recipients}["wm1"] == "refused"
    await world.sql("INSERT INTO suppression (fan_id, at) VALUES (3, 0)")


async def test_a_word_given_while_a_post_waits_counts_at_sending(world: World) -> None:
    await world.post()
    now = world.clock.now_ms()
    words = ConsentService(world.store, world.clock)
    no = ConsentDraft(Purpose.MARKETING, Said.REFUSED, now, Channel.MASS_SEND)
    standing = await words.change(1, ReachChange(no))
    assert [one.may_go for one in standing.waiting] == [False]
    await words.change(2, ReachChange(is_under_14=True))
    sms = ConsentDraft(Purpose.MARKETING, Said.REFUSED, now, Channel.SMS)
    assert [one.may_go for one in (await words.change(3, ReachChange(sms))).waiting] == [True]
    await world.push()
    assert world.adapter.made[0][2].targets == ("wm3",)


async def test_nobody_left_is_rejected_without_a_request(world: World) -> None:
    await world.post()
    await world.sql("UPDATE fan SET marketing = 'refused'")
    await world.push()
    assert await world.states() == ["rejected"]
    assert world.adapter.calls.count("create") == 0


async def test_quota_is_checked_again_at_sending(world: World) -> None:
    await world.store.write(
        lambda tx: (
            tx.db.execute(
                "INSERT INTO setting (key, value, updated_at) VALUES ('reach_quota.wecom', ?, 0)",
                ('"wecom_once_a_day"',),
            )
            and None
        ),
        kind="test.setting",
    )
    await world.post("第一条", scheduled_at=world.clock.now_ms() + 30 * MINUTE)
    await world.sql(
        "UPDATE outbox SET not_before = not_before + 86400000, not_after = not_after + 86400000"
    )
    await world.post("第二条")
    await world.push()
    await world.sql("UPDATE outbox SET not_before = not_before - 86400000 WHERE state = 'confirmed'")
    world.clock.advance(3600)
    await world.push()
    assert await world.states() == ["rejected", "done"]
    assert max(count for count in world.adapter.reached().values()) == 1
    assert len(world.adapter.made) == 1


async def test_items_of_another_computer_are_held(world: World) -> None:
    await world.post()
    await world.sql("UPDATE outbox SET device_id = 'elsewhere'")
    await world.push()
    assert await world.states() == ["held"]
    uid = (await world.only()).row.item.uid
    assert await world.outbox.release(uid) == "queued"
    await world.push()
    assert await world.states() == ["done"]


async def test_nothing_to_do_makes_no_call(world: World) -> None:
    await world.post(scheduled_at=world.clock.now_ms() + 60 * MINUTE)
    await world.push()
    assert world.adapter.calls == []


async def test_an_account_that_cannot_sign_in_keeps_everything(world: World) -> None:
    world.adapter.ready_error = AuthError("wecom_secret_wrong")
    await world.post()
    report = await world.push()
    assert report.stopped_by == "wecom_secret_wrong"
    assert await world.states() == ["confirmed"]


async def test_results_come_per_recipient(world: World) -> None:
    from desktop.domain.mass_send import StaffTask, TargetResult

    await world.post()
    await world.push()
    world.adapter.task_error = RejectedError("wecom_task_not_ready", platform_code=41063, retry_after_s=10)
    assert await world.pusher.collect_results(world.account, world.adapter) == 0
    world.adapter.task_error = None
    world.adapter.tasks["msg1"] = [StaffTask("staff1", None)]
    assert await world.pusher.collect_results(world.account, world.adapter) == 0
    now = world.clock.now_ms()
    world.adapter.tasks["msg1"] = [StaffTask("staff1", now)]
    world.adapter.results["msg1", "staff1"] = [
        TargetResult("wm1", "sent", "staff1", now),
        TargetResult("wm2", "not_friend", "staff1"),
        TargetResult("wm3", "over_limit", "staff1"),
    ]
    assert await world.pusher.collect_results(world.account, world.adapter) == 3
    assert await world.pusher.collect_results(world.account, world.adapter) == 0
    detail = await world.only()
    assert [d.status for d in sorted(detail.recipients, key=lambda d: d.target_external_id)] == [
        "sent",
        "not_friend",
        "over_limit",
    ]
    assert detail.row.known[0] == "sent_partly"


async def test_the_mark_survives_into_a_new_process(world: World) -> None:
    """Everything but the file is dropped between the mark and the reply."""
    from desktop.store.database import Store

    world.adapter.script = [("crash", True)]
    await world.post()

    async def dies(*_args: Any, **_named: Any) -> None:
        return None

    world.pusher._settle.failed = dies  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await world.push()
    await world.store.close()
    reopened = Store(world.store.path, world.clock, operator="tester", device_id="test-device")
    await reopened.open()
    after = World(reopened, world.clock, world.store.path.parent / "media")
    after.adapter = world.adapter
    assert await after.pusher.recover() == 1
    assert await after.states() == ["unknown"]
    await after.push()
    assert await after.states() == ["done"]
    assert after.adapter.calls.count("create") == 1
    await reopened.close()


async def test_a_row_of_what_was_attested_proves_nothing_for_one_that_looks_alike(world: World) -> None:
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), True)]
    await world.post()
    await world.push()
    assert await world.outbox.attest((await world.only()).row.item.uid, True) == "done"
    await world.post()
    await world.push()
    held = (await world.outbox.rows("held"))[0].item
    await world.outbox.release(held.uid)
    world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    await world.push()
    await world.push()
    row = (await world.outbox.rows("unknown"))[0]
    assert row.item.uid == held.uid
    assert row.known[0] == "unknown_ask"
    assert len(world.adapter.made) == 1
