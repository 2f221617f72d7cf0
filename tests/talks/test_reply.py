"""Answering through the sandbox: rules, the key, what the platform says later."""

from __future__ import annotations

import json

import pytest

from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.home import TodayItem, TodayKind
from desktop.domain.outbox import State
from desktop.domain.talks import FAILS_WITHIN_MS, HOUR_MS, MAX_TEXT_BYTES
from desktop.services.talks import Queued
from desktop.store.boards import today
from tests.talks.bench import TalkBench
from tests.unit.outbox.world import PNG


async def asked(bench: TalkBench, words: str = "还有货吗") -> str:
    """A customer wrote and was pulled; the talk's uid."""
    bench.asks(3, words)
    await bench.sync()
    return (await bench.waiting_row(words)).uid


async def replied(bench: TalkBench, uid: str, text: str = "有的") -> Queued:
    return await bench.talks.reply(uid, text, hold_s=0)


async def state_of(bench: TalkBench, item_uid: str) -> State:
    return (await bench.outbox.detail(item_uid)).row.item.state


async def test_from_question_to_delivered_answer(bench: TalkBench) -> None:
    uid = await asked(bench)
    assert await bench.talks.waiting() == (await bench.talks.inbox()).waiting > 0
    queued = await replied(bench, uid, "有的，今天发货")
    thread = await bench.talks.thread(uid)
    assert thread.row.waiting_since is None
    assert (thread.messages[-1].text, thread.messages[-1].item_state) == ("有的，今天发货", "confirmed")
    await bench.sync()
    assert await state_of(bench, queued.uid) is State.DONE
    (sent,) = bench.sent()
    assert sent["msgid"] == queued.uid.replace("-", "")
    assert json.loads(sent["received"])["text"] == {"content": "有的，今天发货"}
    detail = await bench.outbox.detail(queued.uid)
    assert detail.row.known[0] == "talk_sent"
    assert [d.status for d in detail.recipients] == ["unknown"]
    bench.advance(FAILS_WITHIN_MS / 1000 + 5)
    await bench.sync()
    detail = await bench.outbox.detail(queued.uid)
    assert [d.status for d in detail.recipients] == ["sent"]
    assert detail.row.known[0] == "talk_arrived"


@pytest.mark.parametrize(
    ("kind", "when", "calls"),
    [
        ("reset", "before", 2),
        ("reset", "after", 2),
        ("half_body", "after", 2),
        ("garbage", "after", 2),
        ("status", "before", 2),
    ],
)
async def test_after_doubt_one_repeat_with_the_same_key(
    bench: TalkBench, kind: str, when: str, calls: int
) -> None:
    uid = await asked(bench)
    queued = await replied(bench, uid)
    bench.sandbox.fault(kind, "kf/send_msg", when=when)
    await bench.sync()
    assert await state_of(bench, queued.uid) is State.UNKNOWN
    for _ in range(3):
        bench.advance(70)
        await bench.sync()
    assert len(bench.sandbox.calls("kf/send_msg")) == calls
    assert len(bench.sent()) == 1
    row = (await bench.outbox.detail(queued.uid)).row
    if when == "before":
        assert row.item.state is State.DONE
    else:  # the platform refuses the second one: only a person can say what that means
        assert row.item.state is State.UNKNOWN
        assert row.known[0].startswith("unknown_ask")
        await bench.outbox.attest(queued.uid, True)
        assert await state_of(bench, queued.uid) is State.DONE
        assert len(bench.sandbox.calls("kf/send_msg")) == calls


async def test_word_of_failure_settles_a_doubt(bench: TalkBench) -> None:
    uid = await asked(bench)
    queued = await replied(bench, uid)
    bench.sandbox.fault("reset", "kf/send_msg", when="after")
    await bench.sync()
    bench.sandbox.play("kf_message_fails", msgid=queued.uid.replace("-", ""), fail_type=10)
    bench.sandbox.fault("errcode", "kf/send_msg", code=45009, count=0)
    await bench.sync()
    item = (await bench.outbox.detail(queued.uid)).row.item
    assert item.state in (State.DONE, State.QUEUED)
    thread = await bench.talks.thread(uid)
    assert next(m for m in thread.messages if m.item_uid == queued.uid).failed_code == "10"


async def test_a_message_that_does_not_arrive_is_told_and_said_again(bench: TalkBench) -> None:
    uid = await asked(bench)
    queued = await replied(bench, uid)
    await bench.sync()
    bench.sandbox.play("kf_message_fails", msgid=queued.uid.replace("-", ""), fail_type=4)
    await bench.sync()
    thread = await bench.talks.thread(uid)
    failed = next(m for m in thread.messages if m.item_uid == queued.uid)
    assert failed.failed_code == "4"
    assert thread.row.waiting_since is not None
    detail = await bench.outbox.detail(queued.uid)
    assert detail.row.known[0] == "talk_failed"
    again = await bench.talks.again(queued.uid, hold_s=0)
    await bench.sync()
    assert await state_of(bench, again.uid) is State.DONE
    assert len(bench.sent()) == 2


async def test_five_replies_for_one_message(bench: TalkBench) -> None:
    uid = await asked(bench)
    for n in range(5):
        await replied(bench, uid, f"第{n + 1}条")
    with pytest.raises(ConflictError) as caught:
        await replied(bench, uid, "第六条")
    assert caught.value.code == "talk_limit"
    await bench.sync()
    texts = [json.loads(sent["received"])["text"]["content"] for sent in bench.sent()]
    assert texts == ["第1条", "第2条", "第3条", "第4条", "第5条"]
    bench.advance(2)
    bench.asks(3, "谢谢")
    await bench.sync()
    await replied(bench, uid, "不客气")
    await bench.sync()
    assert len(bench.sent()) == 6


async def test_too_late_and_too_long(bench: TalkBench) -> None:
    uid = await asked(bench)
    with pytest.raises(InvalidInputError, match="talk_too_long"):
        await replied(bench, uid, "好" * (MAX_TEXT_BYTES // 3 + 1))
    with pytest.raises(InvalidInputError, match="talk_empty"):
        await replied(bench, uid, " \n ")
    queued = await replied(bench, uid)
    bench.clock.advance(49 * HOUR_MS / 1000)
    with pytest.raises(ConflictError) as caught:
        await replied(bench, uid)
    assert caught.value.code == "talk_too_old"
    await bench.outbox.mark_missed()
    assert await state_of(bench, queued.uid) is State.MISSED
    assert bench.sent() == []


async def test_when_staff_take_over_nothing_leaves(bench: TalkBench) -> None:
    uid = await asked(bench)
    queued = await replied(bench, uid)
    await bench.store.write(
        lambda tx: tx.db.execute("UPDATE conversation SET state = 'staff' WHERE uid = ?", (uid,)), kind=None
    )
    await bench.sync()
    item = (await bench.outbox.detail(queued.uid)).row.item
    assert (item.state, item.reason) == (State.REJECTED, {"code": "talk_with_staff"})
    assert bench.sandbox.calls("kf/send_msg") == []
    thread = await bench.talks.thread(uid)
    assert thread.messages[-1].failed_code == "talk_with_staff"


async def test_taken_back_in_time(bench: TalkBench) -> None:
    uid = await asked(bench)
    queued = await bench.talks.reply(uid, "发错了")
    assert queued.hold_until > bench.clock.now_ms()
    assert await bench.talks.take_back(queued.uid) == "发错了"
    thread = await bench.talks.thread(uid)
    assert thread.row.waiting_since is not None
    assert thread.messages[-1].text == "还有货吗"
    assert thread.row.last_text == "还有货吗"
    await bench.sync()
    assert bench.sent() == []


async def test_drafts_and_reading(bench: TalkBench) -> None:
    uid = await asked(bench)
    row = (await bench.talks.thread(uid)).row
    await bench.talks.save_draft(row.id, "亲，稍")
    await bench.talks.mark_read(uid)
    row = (await bench.talks.thread(uid)).row
    assert (row.draft, row.unread) == ("亲，稍", 0)
    assert row.waiting_since is not None
    await replied(bench, uid)
    assert (await bench.talks.thread(uid)).row.draft == ""


async def test_who_waits_stands_on_todays_list(bench: TalkBench) -> None:
    uid = await asked(bench)

    async def lines() -> list[TodayItem]:
        now = bench.clock.now_ms()
        return await bench.store.read(lambda conn: today.talk_items(conn, now))

    (line,) = await lines()
    assert (line.kind, line.params["n"]) == (TodayKind.TALKS_WAITING, await bench.talks.waiting())
    for row in (await bench.talks.inbox()).rows:
        if row.waiting_since is not None:
            await replied(bench, row.uid)
    assert await lines() == []
    assert (await bench.talks.thread(uid)).row.pending == 1


async def test_talks_alone_leave_the_rest_of_the_outbox(bench: TalkBench) -> None:
    uid = await asked(bench)
    queued = await replied(bench, uid)
    runs = await bench.one("SELECT count(*) FROM sync_run")
    report = await bench.sync(talks_only=True)
    assert list(report.accounts[0].streams) == ["talks"]
    assert await state_of(bench, queued.uid) is State.DONE
    assert await bench.one("SELECT count(*) FROM sync_run") == runs


async def test_a_picture_goes_as_a_picture(bench: TalkBench) -> None:
    uid = await asked(bench)
    picture = await bench.talks.keep_pasted(PNG, "sample.png")
    await bench.talks.reply(uid, "", picture, hold_s=0)
    await bench.sync()
    (sent,) = bench.sent()
    assert json.loads(sent["received"])["msgtype"] == "image"
