"""Faults of replies and of tasks: error codes, half-truths, tokens, quotas, lagging and broken listings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.desk import LONG_S, Desk
from tests.faults.line import SEND, TASKS, Line, reply, says
from tests.simulator.wecom import CHECKED

RULES = Path(__file__).resolve().parents[2] / "resources" / "rules" / "wecom_codes.json"
CODES = json.loads(RULES.read_text(encoding="utf-8"))["codes"]
SUCCESS = b'"errcode":0,"errmsg":"ok","msgid":"ghost"}'


def listed(*kinds: str) -> list[int]:
    return [int(code) for code, rule in CODES.items() if rule["kind"] in kinds and rule["evidence"] == "N"]


@pytest.mark.parametrize("code", listed("rejected", "not_ready", "busy", "rate", "serialise"))
def test_f18_a_listed_code_means_not_executed(desk: Desk, code: int) -> None:
    desk.post()
    desk.trouble("code", "add_msg", code=code)
    desk.sync()
    kind = CODES[str(code)]["kind"]
    again = kind != "rejected" or code == 40007
    assert desk.states() == ["queued" if again else "rejected"]
    assert desk.rows("SELECT outcome, json_extract(detail, '$.platform_code') FROM attempt") == [
        ("N", str(code))
    ]
    desk.wait(LONG_S)
    desk.sync()
    assert desk.states() == ["done" if again else "rejected"]
    assert desk.tasks == int(again)


def test_f18_the_documented_codes_are_listed() -> None:
    assert {str(code) for code in CHECKED} <= CODES.keys()


@pytest.mark.parametrize(
    "raw",
    [
        b'{"errcode":123456,"errmsg":"new"}',
        b'{"errcode":"zero","msgid":"ghost"}',
        b'{"errcode":null,"msgid":"ghost"}',
        b'{"errcode":false,"msgid":"ghost"}',
        b'{"errcode":0.0,"errmsg":"ok"}',
        b"{}",
    ],
)
async def test_f19_unlisted_and_odd_codes_are_no_evidence(line: Line, raw: bytes) -> None:
    assert await line.outcome(says(reply(raw)), executes=False) == "U"


async def test_f19_a_code_as_digits_is_a_number(line: Line) -> None:
    line.does(says(lambda true: reply(true.replace(b'"errcode": 0', b'"errcode": "0"')), executes=True))
    assert await line.send() == ["done"]


async def test_f20_an_outer_success_without_the_task_is_none(line: Line) -> None:
    inner = b'{"errcode":0,"errmsg":"ok","extra":{"sub_error_code":7},"fail_list":[]}'
    assert await line.outcome(says(reply(inner)), executes=False) == "U"


@pytest.mark.parametrize("executes", [True, False])
async def test_f21_a_warning_inside_a_success(line: Line, executes: bool) -> None:
    warned = b'{"errcode":0,"errmsg":"Warning: wrong json format. ok","msgid":"ghost"}'
    assert (
        await line.outcome(says(lambda _true: reply(warned), executes=executes), executes=executes) == "U"
    )


async def test_f22_recipients_left_out_are_told_one_by_one(line: Line) -> None:
    line.platform.moods.refuses_some = True
    assert await line.send() == ["done"]
    rows = await line.world.query("SELECT target_external_id, status FROM delivery ORDER BY 1")
    assert rows == [("wm1", "refused"), ("wm2", "waiting_staff"), ("wm3", "waiting_staff")]


def test_f23_a_task_nobody_confirms_waits_and_says_so(desk: Desk) -> None:
    desk.post()
    for _ in range(5):
        desk.wait(86_400)
        desk.sync()
    (row,) = desk.do(desk.life.graph.outbox.rows())
    assert (row.item.state, row.known[0], row.next_step[0]) == ("done", "waiting_staff", "ask_staff")
    assert "since_at" in row.known[1]
    assert desk.tasks == 1


@pytest.mark.parametrize("first", [b'{"errcode":45009,', b'{"errcode":0,'])
async def test_f24_a_name_twice_is_no_reply(line: Line, first: bytes) -> None:
    assert await line.outcome(says(reply(first + SUCCESS)), executes=False) == "U"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"wait":NaN,' + SUCCESS,
        b'{"wait":Infinity,' + SUCCESS,
        b'{"wait":' + b"9" * 5_000 + b"," + SUCCESS,
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"0" + b"}" * 100_000,
        b'{"\xff":1,' + SUCCESS,
    ],
)
async def test_f25_numbers_and_depths_beyond_reason(line: Line, raw: bytes) -> None:
    assert await line.outcome(says(reply(raw)), executes=False) == "U"


async def test_f25_half_a_character_is_kept_as_a_mark(line: Line) -> None:
    line.does(says(lambda true: reply(true.replace(b'"ok"', b'"\\ud83d"')), executes=True))
    assert await line.send() == ["done"]


@pytest.mark.parametrize("k", range(4))
def test_f26_a_token_that_dies_before_item_k(desk: Desk, k: int) -> None:
    for _ in range(3):
        desk.post()
    drawn, sends = desk.life.wires["wecom"]._trouble, 0

    def dying(path: str) -> object:
        nonlocal sends
        sends += path == SEND
        if path == SEND and sends == k + 1:
            desk.trouble("token", SEND)
        return drawn(path)

    desk.life.wires["wecom"]._trouble = dying  # type: ignore[method-assign,assignment]
    before = desk.platform.tokens_given
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"] * 3, 3)
    assert desk.platform.tokens_given - before <= 2
    tries = desk.rows("SELECT outcome, coalesce(json_extract(detail, '$.free'), 0) FROM attempt")
    assert sorted(tries) == [("D", 0)] * 3 + [("N", 1)] * (k < 3)  # the dead token cost no try


def test_f26_a_token_that_dies_is_not_replaced_beyond_the_window(desk: Desk) -> None:
    """Renewing takes time; what was in time before it may be late after it."""
    desk.post(scheduled_at=desk.line.local_ms(), grace_minutes=0)
    desk.post()
    now = desk.line.local_ms()
    desk.do(
        desk.life.graph.store.write(
            lambda tx: (
                tx.db.execute("UPDATE outbox SET not_after = ? WHERE id = 1", (now + 6_000,)) and None
            ),
            kind="test.window",
        )
    )
    desk.trouble("token", "add_msg")
    drawn, tokens = desk.life.wires["wecom"]._trouble, 0

    def slow_token(path: str) -> object:
        nonlocal tokens
        tokens += path == "gettoken"
        if path == "gettoken" and tokens == 2:
            desk.trouble("slow", "gettoken")
        return drawn(path)

    desk.life.wires["wecom"]._trouble = slow_token  # type: ignore[method-assign,assignment]
    desk.sync()
    desk.sync()
    assert desk.states() == ["missed", "done"]
    assert desk.tasks == 1


def test_f27_a_refused_secret_stops_the_account(desk: Desk) -> None:
    desk.post()
    desk.platform.secret = "changed"
    desk.platform.revoke_token()
    for _ in range(3):
        desk.wait(LONG_S)
        assert desk.sync().error_code == "wecom_secret_wrong"
    assert (desk.states(), desk.tasks) == (["confirmed"], 0)
    assert desk.rows("SELECT state, last_error_code FROM account") == [("refused", "wecom_secret_wrong")]
    asked = [line for line in desk.watch.lines if "gettoken" in line]
    assert len(asked) == 4  # one for each round: a wrong secret is not tried again and again
    desk.platform.secret = "s3cret"
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


def test_f28_many_callers_and_another_computer_renew_one_token(desk: Desk) -> None:
    before = desk.platform.tokens_given
    desk.platform.revoke_token()  # another computer made a new one
    desk.trouble("token", "groupchat/get")
    assert desk.sync().outcome == "ok"
    assert desk.platform.tokens_given - before == 2


def test_f29_killed_with_a_new_token_in_hand(desk: Desk) -> None:
    desk.post()
    desk.platform.revoke_token()
    desk.life.fuse.left = 8
    with pytest.raises(SystemExit):
        desk.sync()
    desk.kill()
    desk.start()
    assert desk.tasks == 0
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


def test_f30_the_monthly_quota_runs_out_in_a_batch(desk: Desk) -> None:
    graph = desk.life.graph
    desk.do(graph.shop.set_setting("reach_quota.wecom", "wecom_once_a_day"))
    day = 86_400_000
    desk.post(scheduled_at=desk.line.local_ms() + day)
    desk.do(
        graph.store.write(
            lambda tx: tx.db.execute("UPDATE outbox SET not_before = not_before - ?", (day,)) and None,
            kind="test.window",
        )
    )
    people = len(desk.rows("SELECT 1 FROM delivery"))
    desk.sync()
    desk.do(graph.shop.set_setting("reach_quota.wecom", None))
    desk.post()
    desk.do(graph.shop.set_setting("reach_quota.wecom", "wecom_once_a_day"))
    desk.sync()
    assert desk.states() == ["done", "rejected"]
    assert desk.reasons()[1] == "nobody_left"
    assert desk.rows("SELECT count(*) FROM delivery WHERE status = 'over_limit'") == [(people,)]
    assert desk.tasks == 1


@pytest.mark.parametrize("code", listed("permission"))
def test_f31_an_ability_taken_away(desk: Desk, code: int) -> None:
    desk.post()
    desk.trouble("code", "add_msg", code=code)
    report = desk.sync()
    assert report.outcome == "ok"  # people and groups are still read
    assert (desk.states(), desk.reasons()) == (["queued"], [CODES[str(code)]["text"]])
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


def test_f32_busy_for_ever(desk: Desk) -> None:
    desk.post()
    desk.trouble("busy", "add_msg", times=99)
    for _ in range(10):
        desk.wait(5_000)
        desk.sync()
    assert (desk.states(), desk.tasks) == (["rejected"], 0)
    assert desk.rows("SELECT outcome, code FROM attempt") == [("N", "platform_busy")] * 3


@pytest.mark.parametrize("lag_s", [1, 119, 121, 300, 600])
def test_f33_a_listing_that_lags(desk: Desk, lag_s: int) -> None:
    desk.platform.moods.lag_ms = lag_s * 1000
    desk.post()
    desk.trouble("reset", "add_msg", executes=True)
    desk.sync()
    while "unknown" in desk.states():
        desk.wait(30)
        desk.sync()
        assert desk.states()[0] in ("unknown", "done")
    assert desk.tasks == 1


@pytest.mark.parametrize("broken", ["reset", "cut", "http500", "odd_rows"])
def test_f34_a_listing_with_a_page_missing_proves_nothing(desk: Desk, broken: str) -> None:
    desk.post()
    desk.trouble("reset", "add_msg")
    desk.sync()
    if broken == "odd_rows":
        desk.platform.moods.odd_rows = True
    else:
        desk.trouble(broken, TASKS, times=99)
    for _ in range(4):
        desk.wait(LONG_S)
        desk.sync()
    assert (desk.states(), desk.tasks) == (["unknown"], 0)


def test_f35_the_same_words_twice_on_purpose(desk: Desk) -> None:
    """The second one is asked about once, and each is matched with a task of its own."""
    desk.watch.broken.clear()
    drop = {"body": "今晚到货", "hold_s": 0.0}
    desk.post(**drop)
    desk.trouble("reset", "add_msg", executes=True)
    desk.sync()
    desk.wait(10)
    desk.sync()
    assert desk.states() == ["done"]
    desk.post(**drop)
    desk.watch.reached.clear()  # on purpose
    desk.trouble("reset", "add_msg", executes=True)
    for _ in range(3):
        desk.wait(LONG_S)
        desk.sync()
        for (uid,) in desk.rows("SELECT uid FROM outbox WHERE state = 'held'"):
            desk.do(desk.life.graph.outbox.release(uid))
    assert (desk.states(), desk.tasks) == (["done", "done"], 2)
    assert len(desk.rows("SELECT DISTINCT platform_id FROM outbox")) == 2
