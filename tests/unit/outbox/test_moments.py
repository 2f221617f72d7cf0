"""Moments, with the real adapter against the sandbox process: job, publishing, proof, what came of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from desktop.domain.accounts import Account, AccountState
from desktop.domain.audience import Audience
from desktop.domain.errors import ConflictError
from desktop.domain.posts import Channel, PostDraft
from desktop.domain.sync_reports import AccountReport
from desktop.domain.write_kinds.wecom import MASS_SEND_REMIND, MOMENT_CANCEL
from desktop.services.follow_ups import FollowUp
from desktop.services.sending import ConfirmBlockedError
from desktop.store.posts import moments as moment_rows
from desktop.sync.pull_moments import pull_moments
from desktop.sync.round import Round
from tests.fakes import MovedClock
from tests.unit.outbox.test_real_adapter import connected
from tests.unit.outbox.world import CORP, PNG, World

STOP_MOMENT, PUBLISHING = "externalcontact/cancel_moment_task", "externalcontact/get_moment_task"
EVERYONE = Audience(everyone=True)


@pytest.fixture
def clock() -> MovedClock:
    """Sandbox and program must agree on the time here."""
    return MovedClock()


async def joined(world: World, sandbox: Any) -> Any:
    adapter = await connected(world, sandbox)
    staff = [row.external_id for row in await adapter.staff()][:2]
    for n, name in enumerate(staff, start=1):
        await world.sql("UPDATE staff SET external_id = ? WHERE id = ?", name, n)
    return adapter


async def confirmed(world: World, body: str, **more: Any) -> str:
    draft = PostDraft(title=body, body=body, audience=EVERYONE, channel=Channel.MOMENT, **more)
    post = await world.posts.save_draft(draft)
    await world.posts.confirm(post.uid, hold_s=0)
    return post.uid


def round_of(world: World) -> Round:
    account = Account(1, "account-uid", "wecom", "小店", "", CORP, AccountState.CONNECTED, 0)
    report = AccountReport(1, "account-uid", "小店", "wecom")
    return Round(
        world.store, world.clock, account, 1, report,
        is_full=False, accepts_removals=False, cancel=asyncio.Event(), progress=None,
    )  # fmt: skip


async def test_a_moment_goes_from_job_to_published(world: World, sandbox: Any) -> None:
    adapter = await joined(world, sandbox)
    picture = world.posts.keep_picture_bytes
    media = (await picture(PNG, "图.png"),)
    try:
        uid = await confirmed(world, "今晚八点上新", media=media)
        await world.push()
        row = await world.posts.row(uid)
        assert row.progress == "waiting_staff"
        assert row.deliveries.waiting_staff == 1  # the only one of the staff who has customers here
        await world.pusher.collect_results(world.account, adapter)
        assert (await world.posts.row(uid)).progress == "waiting_staff"  # the job still runs
        sandbox.advance(600)
        world.clock.advance(600)
        await world.pusher.collect_results(world.account, adapter)
        sandbox.play("publish_moments")
        changed = await world.pusher.collect_results(world.account, adapter)
        assert changed == 1
        assert (await world.posts.row(uid)).progress == "sent"
        assert await world.pusher.collect_results(world.account, adapter) == 0
        await world.sql("INSERT INTO sync_run (id, uid, account_id, started_at) VALUES (1, 'r', 1, 0)")
        await pull_moments(round_of(world), adapter)
        post_id = (await world.posts.get(uid)).id
        counts = await world.store.read(lambda conn: moment_rows.counts_of_post(conn, post_id))
        assert counts is not None
        assert (counts.staff_asked, counts.staff_published) == (1, 1)
        assert counts.customers_reached > 0
        operations = await world.query("SELECT count(*) FROM operation")
        await pull_moments(round_of(world), adapter)  # the same again changes nothing
        assert await world.query("SELECT count(*) FROM operation") == operations
    finally:
        await adapter.aclose()


@pytest.mark.parametrize(
    ("kind", "when"), [("reset", "after"), ("reset", "before"), ("half_body", "after")]
)
async def test_a_moment_in_doubt_is_found_or_made_once(
    world: World, sandbox: Any, kind: str, when: str
) -> None:
    adapter = await joined(world, sandbox)
    try:
        sandbox.fault(kind, "externalcontact/add_moment_task", when=when)
        uid = await confirmed(world, f"{kind} {when}")
        for _ in range(4):
            await world.push()
            world.clock.advance(310)
            sandbox.advance(310)
        assert await world.states() == ["done"]
        assert len(sandbox.control("sent")["moments"]) == 1
        sandbox.play("publish_moments")
        await world.pusher.collect_results(world.account, adapter)
        assert (await world.posts.row(uid)).progress == "sent"
    finally:
        await adapter.aclose()


@pytest.mark.parametrize("trouble", ["", "reset before", "reset after"])
async def test_a_moment_is_stopped_once_it_is_more_than_a_job(
    world: World, sandbox: Any, trouble: str
) -> None:
    adapter = await joined(world, sandbox)
    try:
        await confirmed(world, "今晚八点上新")
        await world.push()
        (row,) = await world.outbox.rows()
        uid = row.item.uid
        assert (await world.outbox.detail(uid)).follow_up == FollowUp(
            None, is_stopped=False, can_stop=False
        )
        with pytest.raises(ConflictError, match="follow_up_job"):
            await world.outbox.follow_up(uid, MOMENT_CANCEL)
        sandbox.advance(600)
        world.clock.advance(600)
        await world.pusher.collect_results(world.account, adapter)
        assert (await world.outbox.detail(uid)).follow_up == FollowUp(None, is_stopped=False)
        with pytest.raises(ConflictError, match="follow_up_no_reminder"):
            await world.outbox.follow_up(uid, MASS_SEND_REMIND)
        taken_back = await world.outbox.follow_up(uid, MOMENT_CANCEL)
        await world.push()
        await world.outbox.cancel(taken_back)
        assert sandbox.calls(STOP_MOMENT) == []
        asked = await world.outbox.follow_up(uid, MOMENT_CANCEL, hold_s=0)
        with pytest.raises(ConflictError, match="follow_up_stopped"):
            await world.outbox.follow_up(uid, MOMENT_CANCEL)
        if trouble:
            sandbox.fault("reset", STOP_MOMENT, when=trouble.split()[1])
            await world.push()
        await world.push()
        stop = (await world.outbox.detail(asked)).row.item
        assert (stop.state.value, stop.summary["entity_uid"]) == ("done", uid)
        assert sandbox.play("publish_moments")["published"] == 0
        await world.pusher.collect_results(world.account, adapter)
        detail = await world.outbox.detail(uid)
        # WeCom tells no more of a stopped moment: nobody says whether it was published just before.
        assert (detail.row.deliveries.waiting, detail.row.deliveries.unknown) == (0, 1)
        assert detail.follow_up is None
        asked_after = len(sandbox.calls(PUBLISHING))
        await world.pusher.collect_results(world.account, adapter)
        assert len(sandbox.calls(PUBLISHING)) == asked_after
    finally:
        await adapter.aclose()


async def test_a_moment_cannot_leave_people_out(world: World) -> None:
    own = await world.query("SELECT id FROM tag WHERE account_id IS NULL LIMIT 1")
    await world.sql("INSERT INTO suppression (fan_id, channel, at) VALUES (1, '', 0)")
    draft = PostDraft(body="你好 {昵称}", audience=EVERYONE, channel=Channel.MOMENT)
    codes = {problem.code for problem in await world.posts.check(draft)}
    assert {"placeholder_not_here", "moment_shows_to_all"} <= codes
    long = PostDraft(body="字" * 2_001, audience=Audience(tags=tuple(row[0] for row in own), match="any"),
                     channel=Channel.MOMENT)  # fmt: skip
    codes = {problem.code for problem in await world.posts.check(long)}
    assert "moment_too_long" in codes
    saved = await world.posts.save_draft(draft)
    with pytest.raises(ConfirmBlockedError):
        await world.posts.confirm(saved.uid)
    assert await world.states() == []
