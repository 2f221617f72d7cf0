"""Faults of what is read: cursors that walk in circles, rows twice, rows missing, and shapes that change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.errors import UnclearReplyError
from desktop.platforms.cursors import MAX_BARREN, CursorGuard
from desktop.platforms.strict_json import parse_object, text
from tests.faults.desk import Desk


def people(desk: Desk) -> list[tuple[Any, ...]]:
    """Identities and live friendships."""
    return desk.rows(
        "SELECT i.external_id, i.name, f.remark, f.removed_at FROM identity i JOIN follow f"
        " ON f.identity_id = i.id ORDER BY i.external_id, f.staff_id"
    )


@pytest.mark.parametrize("mood", ["loop", "barren"])
def test_f36_cursors_that_walk_in_circles(desk: Desk, mood: str) -> None:
    before = people(desk)
    desk.platform.moods.paging = mood
    report = desk.sync(full=True)
    assert report.streams["customers"].error_code == "cursor_loop"
    assert people(desk) == before
    desk.platform.moods.paging = ""
    assert desk.sync().outcome == "ok"
    assert desk.has_all()


def test_f36_pages_without_end_or_news_stop() -> None:
    guard = CursorGuard("customers")
    for n in range(MAX_BARREN - 1):
        guard.pass_by(str(n), brought_news=False)
    with pytest.raises(UnclearReplyError):
        guard.pass_by("one too many", brought_news=False)
    guard = CursorGuard("customers")
    guard.pass_by("a")
    with pytest.raises(UnclearReplyError):
        guard.pass_by("a")


def test_f37_rows_twice_are_one(desk: Desk) -> None:
    before = people(desk)
    desk.platform.moods.paging = "repeat"
    assert desk.sync(full=True).outcome == "ok"
    assert people(desk) == before
    assert desk.has_all()


def test_f38_rows_that_move_between_pages_are_met_in_the_end(desk: Desk) -> None:
    desk.platform.moods.paging = "shuffle"
    for _ in range(6):
        desk.sync(full=True, accept_removals=True)
    desk.platform.moods.paging = ""
    desk.sync(full=True, accept_removals=True)
    assert desk.has_all()


def test_f39_somebody_who_left_is_kept_and_not_written_to(desk: Desk) -> None:
    staff, who = next(iter(desk.platform.corp.follows))
    for pair in [pair for pair in desk.platform.corp.follows if pair[1] == who]:
        del desk.platform.corp.follows[pair]
    desk.post()  # confirmed while the shop still thought them a friend
    desk.sync(accept_removals=True)
    assert desk.states() == ["done"]
    assert desk.rows("SELECT status FROM delivery WHERE target_external_id = ?", who) == [("refused",)]
    assert desk.rows("SELECT count(*) FROM identity WHERE external_id = ?", who) == [(1,)]
    assert desk.rows(
        "SELECT count(*) FROM follow f JOIN identity i ON i.id = f.identity_id"
        " WHERE i.external_id = ? AND f.removed_at IS NULL",
        who,
    ) == [(0,)]
    desk.post()
    assert desk.rows(
        "SELECT count(*) FROM delivery WHERE outbox_id = 2 AND target_external_id = ?", who
    ) == [(0,)]
    assert staff in desk.platform.corp.staff


def test_f40_when_everybody_vanishes_nobody_is_removed(desk: Desk) -> None:
    before = people(desk)
    desk.platform.moods.hides = 1.0
    for _ in range(3):
        desk.sync(full=True)
        assert people(desk) == before
    desk.platform.moods.hides = 0.0
    desk.sync(full=True)
    assert desk.has_all()


def test_f40_a_share_that_vanishes_waits_for_a_word(desk: Desk) -> None:
    before = len(people(desk))
    pairs = list(desk.platform.corp.follows)
    for pair in pairs[: max(2, len(pairs) // 2)]:
        del desk.platform.corp.follows[pair]
    report = desk.sync(full=True)
    assert "removals_held" in report.streams["customers"].notes
    assert desk.rows("SELECT count(*) FROM follow WHERE removed_at IS NULL") == [(before,)]
    desk.sync(full=True, accept_removals=True)
    assert desk.has_all()


def test_f41_an_edit_there_leaves_the_words_given_here(desk: Desk) -> None:
    ((fan, who),) = desk.rows("SELECT fan_id, external_id FROM identity WHERE platform = 'wecom' LIMIT 1")
    graph = desk.life.graph
    desk.do(graph.fans.rename(fan, "我家老客"))
    desk.do(graph.fans.set_note(fan, "爱吃甜的"))
    desk.platform.corp.names[who] = "改了名"
    for pair, follow in desk.platform.corp.follows.items():
        if pair[1] == who:
            follow.remark = "新备注"
    desk.sync()
    assert desk.rows("SELECT name, note FROM fan WHERE id = ?", fan) == [("我家老客", "爱吃甜的")]
    assert desk.rows("SELECT name FROM identity WHERE external_id = ?", who) == [("改了名",)]
    assert desk.has_all()


def test_f42_a_new_id_is_a_new_person_until_proven_the_same(desk: Desk) -> None:
    corp = desk.platform.corp
    old = next(iter(corp.names))
    fans = desk.rows("SELECT count(*) FROM fan")[0][0]
    corp.names["wm_again"] = corp.names[old]  # the same name proves nothing
    for pair in [pair for pair in corp.follows if pair[1] == old]:
        corp.follows[pair[0], "wm_again"] = corp.follows.pop(pair)
    for chat in corp.chats.values():
        chat.members = [who for who in chat.members if who != old]
    desk.sync(full=True, accept_removals=True)
    assert desk.rows("SELECT count(*) FROM fan") == [(fans + 1,)]
    assert desk.rows("SELECT count(*) FROM fan WHERE merged_into IS NOT NULL") == [(0,)]
    assert desk.has_all()


@pytest.mark.parametrize("number", [7301234567890123457, 2**63 - 1, 10**30 + 1])
def test_f43_long_numbers_stay_what_they_are(desk: Desk, number: int) -> None:
    told = parse_object(json.dumps({"id": number, "text": str(number)}).encode())
    assert text(told["id"]) == text(told["text"]) == str(number)
    desk.platform.corp.names[str(number)] = "长号"
    pair = next(iter(desk.platform.corp.follows))
    desk.platform.corp.follows[pair[0], str(number)] = desk.platform.corp.follows[pair]
    desk.sync()
    assert desk.rows("SELECT external_id FROM identity WHERE name = '长号'") == [(str(number),)]


def test_f44_fields_nobody_knows_and_values_of_other_types(desk: Desk) -> None:
    before = people(desk)
    desk.platform.moods.drift = True
    desk.platform.moods.odd_rows = True
    report = desk.sync(full=True)
    assert report.outcome == "ok"
    assert report.streams["customers"].skipped >= 2
    assert people(desk) == before
    assert desk.rows("SELECT DISTINCT add_way FROM follow") == [(9_999,)]
    kept = str(desk.rows("SELECT * FROM identity") + desk.rows("SELECT * FROM fan_group"))
    assert "zodiac" not in kept
    assert "sunny" not in kept
