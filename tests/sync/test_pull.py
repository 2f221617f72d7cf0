"""Pulling a whole corp from the sandbox: what arrives, what a second time changes, what survives."""

import asyncio
import json
from itertools import groupby

import pytest

from desktop.domain.sync_reports import COUNTS, Outcome, SyncProgress
from desktop.store.fans.names import spellings
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.sync.bench import Bench

GO_ON = ("talks", "statistics")  # they ask only for what is not kept yet


async def test_everything_arrives_and_a_second_time_changes_nothing(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    account = await bench.connect(sandbox)
    seen: list[SyncProgress] = []
    report = await bench.sync(progress=seen.append)
    assert report.outcome == "ok", report
    streams = report.accounts[0].streams
    customers = streams["customers"]
    assert (customers.requested, customers.received, customers.new) == (230, 230, 230)
    assert (customers.changed, customers.removed, customers.skipped, customers.failed) == (0, 0, 0, 0)
    assert customers.notes == []
    assert streams["staff"].new == 3
    assert streams["groups"].new == 5
    assert streams["tags"].new == await bench.one("SELECT count(*) FROM tag")
    assert streams["members"].new == await bench.one("SELECT count(*) FROM group_member")
    assert await bench.one("SELECT count(DISTINCT identity_id) FROM follow") == 230
    assert await bench.one("SELECT count(*) FROM follow") == await bench.one(
        "SELECT count(*) FROM interaction WHERE kind = 'follow'"
    )
    assert bench.pusher.steps == ["recover", f"push {sandbox.corpid}", f"collect {sandbox.corpid}"]
    assert report.accounts[0].outbox == {**report.accounts[0].outbox, "sent": 2, "results": 7}
    assert bench.recomputed == 1
    assert [p.done for p in seen if p.stream == "groups"][-1] == 5
    assert any(p.stream == "customers" and (p.done, p.total) == (230, 230) for p in seen)

    before = await bench.fingerprint()
    assert before["tags"]
    steps = await bench.rows("SELECT payload FROM operation WHERE kind = 'sync.page' ORDER BY id")
    told = [step for step, _ in groupby(json.loads(payload)["step"] for (payload,) in steps)]
    assert told[:4] == ["staff", "tags", "customers", "groups"]
    assert {"talk desks", "talks", "talk states"} <= set(told)
    assert len([1 for (payload,) in steps if json.loads(payload)["step"] == "customers"]) <= 3
    operations = await bench.one("SELECT max(id) FROM operation")
    again = await bench.sync()
    assert await bench.fingerprint() == before
    for name, counts in again.totals().items():
        assert (counts["new"], counts["changed"], counts["removed"]) == (0, 0, 0), name
        read = report.totals()[name]["received"]
        if name != "mass_sends":
            assert counts["received"] == (0 if name in GO_ON else read)
    assert bench.recomputed == 2  # what is due for the whole shop, at the beginning of each round
    assert await bench.one("SELECT max(id) FROM operation") == operations
    assert await bench.one("SELECT count(*) FROM sync_seen") == 0
    (health,) = await bench.accounts.list()
    assert (health.account.state.value, health.customers, health.groups) == ("connected", 230, 5)
    assert health.account.last_sync_at
    runs = await bench.rows("SELECT outcome, error_code FROM sync_run WHERE account_id = ?", account.id)
    assert runs == [("ok", None)] * 2


async def test_group_members_who_are_no_customers_become_prospects(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    strangers = await bench.rows(
        "SELECT DISTINCT f.tier, i.id FROM group_member m JOIN identity i ON i.id = m.identity_id"
        " JOIN fan f ON f.id = i.fan_id WHERE NOT EXISTS (SELECT 1 FROM follow WHERE identity_id = i.id)"
    )
    outside = await bench.one(
        "SELECT count(*) FROM group_member WHERE kind = 'fan' AND identity_id IS NULL"
    )
    assert outside == 0
    assert {tier for tier, _ in strangers} <= {"prospect"}
    assert await bench.one("SELECT count(*) FROM group_member WHERE kind = 'staff'") >= 5


async def test_what_the_operator_said_is_never_overwritten(bench: Bench, sandbox: SandboxProcess) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    ids = await bench.rows(
        "SELECT i.fan_id, i.external_id FROM identity i WHERE platform = 'wecom' ORDER BY i.id LIMIT 2"
    )
    (kept, kept_id), (renamed, renamed_id) = ids
    await bench.act(
        "UPDATE fan SET name = '老林', name_source = 'operator', note = '爱吃芒果', tier = 'devoted',"
        " tier_pinned = 'devoted', marketing = 'refused' WHERE id = ?",
        kept,
    )
    await bench.act("INSERT INTO tag (uid, name) VALUES ('own', '自家标签')")
    await bench.act("INSERT INTO fan_tag SELECT ?, id, 'operator', 1 FROM tag WHERE uid = 'own'", kept)
    await bench.act("UPDATE fan_group SET kind = 'vip'")
    for external_id, name in ((kept_id, "新昵称"), (renamed_id, "梅子")):
        sandbox.play("rename_customer", external_userid=external_id, name=name)
    report = await bench.sync()
    assert report.totals()["customers"]["changed"] == 2
    fan = await bench.rows(
        "SELECT name, note, tier, tier_pinned, marketing, pinyin FROM fan WHERE id = ?", kept
    )
    assert fan[0][:5] == ("老林", "爱吃芒果", "devoted", "devoted", "refused")
    assert await bench.one("SELECT name FROM identity WHERE external_id = ?", kept_id) == "新昵称"
    assert await bench.rows("SELECT name, pinyin FROM fan WHERE id = ?", renamed) == [("梅子", "meizi")]
    own = await bench.rows("SELECT fan_id, source FROM fan_tag WHERE source = 'operator'")
    assert own == [(kept, "operator")]
    assert await bench.rows("SELECT DISTINCT kind FROM fan_group") == [("vip",)]


async def test_changes_at_the_platform_arrive(bench: Bench, sandbox: SandboxProcess) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    sandbox.play("new_customers", count=3)
    sandbox.play("rename_group", group="0", name="芒果团")
    sandbox.play("leave_group", group="1", member=await a_member(bench, sandbox, 1))
    sandbox.play("staff_deletes_customer", index=5)
    sandbox.play("dismiss_group", group="4")
    report = await bench.sync()
    totals = report.totals()
    assert report.outcome == "ok"
    assert (totals["customers"]["new"], totals["customers"]["removed"]) == (3, 1)
    assert totals["customers"]["requested"] == 232
    assert (totals["groups"]["changed"], totals["groups"]["removed"]) == (2, 1)
    assert totals["members"]["removed"] == 1
    assert await bench.one("SELECT count(*) FROM fan_group WHERE name = '芒果团'") == 1
    assert await bench.one("SELECT count(*) FROM fan_group WHERE removed_at IS NOT NULL") == 1
    (health,) = await bench.accounts.list()
    assert (health.customers, health.groups) == (232, 4)


async def a_member(bench: Bench, sandbox: SandboxProcess, group: int) -> str:
    chat_id = sandbox.control("world")["groups"][group]
    return await bench.one(
        "SELECT m.external_id FROM group_member m JOIN fan_group g ON g.id = m.group_id"
        " WHERE g.external_id = ? AND m.kind = 'fan' ORDER BY 1 LIMIT 1",
        chat_id,
    )


async def test_many_missing_at_once_are_held_until_agreed_to(bench: Bench, sandbox: SandboxProcess) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    for index in range(20):
        sandbox.play("staff_deletes_customer", index=index)
    held = (await bench.sync()).accounts[0].streams["customers"]
    assert (held.removed, held.notes) == (0, ["removals_held"])
    assert await bench.one("SELECT count(*) FROM follow WHERE removed_at IS NOT NULL") == 0
    agreed = (await bench.sync(accept_removals=True)).accounts[0].streams["customers"]
    assert (agreed.removed, agreed.notes) == (20, [])
    assert await bench.one("SELECT count(*) FROM fan WHERE removed_at IS NOT NULL") == 0


@pytest.mark.parametrize("kind", ["duplicates", "reorder", "string_numbers", "drift"])
async def test_odd_pages_end_in_the_same_state(bench: Bench, sandbox: SandboxProcess, kind: str) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    before = await bench.fingerprint()
    sandbox.fault(kind, "externalcontact/batch/get_by_user", count=0)
    report = await bench.sync(full=True)
    assert report.outcome == "ok", report
    counts = report.totals()["customers"]
    assert (counts["received"], counts["new"], counts["removed"]) == (230, 0, 0)
    if kind != "drift":
        assert await bench.fingerprint() == before


async def test_rows_missing_from_pages_are_told_and_nothing_is_removed(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    sandbox.fault("vanish", "externalcontact/batch/get_by_user", count=0)
    stream = (await bench.sync()).accounts[0].streams["customers"]
    assert stream.notes == ["count_mismatch"]
    assert stream.failed > 0
    assert stream.removed == 0
    sandbox.clear_faults()
    assert (await bench.sync()).accounts[0].streams["customers"].notes == []


async def test_nothing_at_all_is_not_shown_as_success(bench: Bench, sandbox: SandboxProcess) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    for path in ("batch/get_by_user", "externalcontact/list", "groupchat/list"):
        sandbox.fault("vanish_all", path, count=0)
    streams = (await bench.sync()).accounts[0].streams
    assert set(streams["customers"].notes) == {"zero_rows", "removals_held"}
    assert set(streams["groups"].notes) == {"zero_rows", "removals_held"}
    assert await bench.one("SELECT count(*) FROM follow WHERE removed_at IS NOT NULL") == 0
    assert await bench.one("SELECT count(*) FROM fan_group WHERE removed_at IS NOT NULL") == 0


async def test_a_customer_known_from_elsewhere_is_the_same_fan(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    known = next(
        row["external_contact"]
        for index in range(60)
        if (row := sandbox.control(f"world?index={index}"))["external_contact"].get("unionid")
    )
    await bench.act(
        "INSERT INTO fan (uid, name, name_source, first_seen_at, created_at, updated_at)"
        " VALUES ('f', '收货人', 'file', 1, 1, 1)"
    )
    await bench.act(
        "INSERT INTO identity (fan_id, platform, external_id, origin, first_seen_at, updated_at)"
        " VALUES (1, 'wechat_union', ?, 'import:b', 1, 1)",
        known["unionid"],
    )
    await bench.sync()
    found = await bench.rows(
        "SELECT i.fan_id, f.name FROM identity i JOIN fan f ON f.id = i.fan_id WHERE i.external_id = ?",
        known["external_userid"],
    )
    assert found == [(1, known["name"])]


@pytest.mark.slow
async def test_three_thousand_fans_page_by_page(bench: Bench) -> None:
    with running_sandbox(fans=3_000, staff=6, groups=12, seed=5) as sandbox:
        await bench.connect(sandbox)
        await asyncio.to_thread(spellings, "拼音")  # its tables are loaded once, at the first name
        longest = await longest_gap(bench.sync)
        assert longest < 0.25  # a busy machine included; the window stays alive
        assert await bench.one("SELECT count(DISTINCT identity_id) FROM follow") == 3_000
        again = await bench.sync()
        assert again.outcome == "ok"
        totals = again.totals()
        assert sum(totals[name][key] for name in totals for key in ("new", "changed", "removed")) == 0
        assert set(totals["customers"]) == set(COUNTS)
        assert again.accounts[0].outcome is Outcome.OK


async def longest_gap(work) -> float:
    """Run `work()` and give the longest time the event loop did not turn."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work())
    longest, last = 0.0, loop.time()
    while not task.done():
        await asyncio.sleep(0.005)
        now = loop.time()
        longest, last = max(longest, now - last), now
    task.result()
    return longest
