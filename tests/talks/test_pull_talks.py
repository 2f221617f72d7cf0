"""Pulling talks from the sandbox: who wrote, what a second time changes, where a cut round goes on."""

from __future__ import annotations

import pytest

from desktop.domain.talks import Answerer, Direction
from desktop.platforms.wecom import kf
from tests.talks.bench import TalkBench

FINGERPRINT = (
    "SELECT c.external_id, c.name, c.state, c.last_text, m.external_id, m.direction, m.kind, m.text, m.at"
    " FROM conversation c JOIN message m ON m.conversation_id = c.id ORDER BY m.at, m.external_id"
)


async def test_customers_who_wrote_become_fans_with_their_messages(bench: TalkBench) -> None:
    bench.asks(3, "还有货吗")
    report = await bench.sync()
    assert report.outcome == "ok", report
    stream = report.accounts[0].streams["talks"]
    assert (stream.requested, stream.failed, stream.skipped) == (2, 0, 0)
    assert stream.new == stream.received
    row = await bench.waiting_row("还有货吗")
    assert row.name
    assert (row.standing.answerer, row.unread, row.desk_name) == (Answerer.NEW, 1, "好吃研究所客服")
    assert row.waiting_since is not None
    assert row.fan_id is not None
    inbound = await bench.one("SELECT count(*) FROM message WHERE direction = 'in'")
    assert await bench.one("SELECT count(*) FROM interaction WHERE kind = 'dm'") == inbound
    same = await bench.rows(
        "SELECT count(*) FROM identity WHERE platform = 'wecom' AND external_id = ?", row.external_id
    )
    assert same == [(1,)]


async def test_reading_again_changes_nothing(bench: TalkBench) -> None:
    await bench.sync()
    before = await bench.rows(FINGERPRINT)
    assert before
    operations = await bench.one("SELECT max(id) FROM operation")
    for options in ({}, {"full": True}):
        again = await bench.sync(**options)
        stream = again.accounts[0].streams["talks"]
        assert (stream.new, stream.changed) == (0, 0)
        assert await bench.rows(FINGERPRINT) == before
    assert await bench.one("SELECT max(id) FROM operation") == operations


async def test_a_cut_round_goes_on_where_it_stopped(
    bench: TalkBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kf, "MESSAGES", 3)
    bench.sandbox.fault("status", "kf/sync_msg", nth=2, count=3)
    first = await bench.sync()
    assert first.outcome != "ok"
    held = await bench.one("SELECT count(*) FROM message")
    cursor = await bench.one("SELECT cursor FROM desk WHERE is_ours = 1")
    assert cursor
    bench.sandbox.clear_faults()
    second = await bench.sync()
    assert second.outcome == "ok"
    stream = second.accounts[0].streams["talks"]
    assert stream.new == await bench.one("SELECT count(*) FROM message") - held
    ids = await bench.rows("SELECT external_id, count(*) FROM message GROUP BY 1 HAVING count(*) > 1")
    assert ids == []


async def test_a_forgotten_cursor_begins_anew(bench: TalkBench) -> None:
    await bench.sync()
    before = await bench.rows(FINGERPRINT)
    await bench.store.write(lambda tx: tx.db.execute("UPDATE desk SET cursor = 'lost'"), kind=None)
    report = await bench.sync()
    assert report.outcome == "ok"
    assert await bench.rows(FINGERPRINT) == before


async def test_too_many_pulls_stop_this_stream_only(bench: TalkBench) -> None:
    bench.sandbox.fault("errcode", "kf/sync_msg", code=45009, count=0)
    report = await bench.sync()
    streams = report.accounts[0].streams
    assert streams["talks"].error_code == "wecom_rate"
    assert streams["customers"].received == 40
    assert len(bench.sandbox.calls("kf/sync_msg")) == 1


async def test_desks_of_another_app_are_not_read(bench: TalkBench) -> None:
    await bench.sync()
    assert await bench.rows("SELECT is_ours FROM desk ORDER BY id") == [(1,), (0,)]
    kfids = {call["path"] for call in bench.sandbox.calls("kf/sync_msg")}
    assert len(kfids) == 1
    assert await bench.one("SELECT count(DISTINCT desk_id) FROM conversation") == 1


async def test_events_are_kept_as_events(bench: TalkBench) -> None:
    bench.asks(5, "你好")
    await bench.sync()
    row = await bench.waiting_row("你好")
    thread = await bench.talks.thread(row.uid)
    kinds = [(message.direction, message.kind) for message in thread.messages]
    assert (Direction.EVENT, "enter_session") in kinds
    assert kinds[-1] == (Direction.IN, "text")
    facts = await bench.rows("SELECT facts FROM message WHERE kind = 'enter_session'")
    assert not any("welcome_code" in text for (text,) in facts)
