"""Daily figures and mass sends: read once, then only what is new, and nothing invented."""

from datetime import timedelta

from desktop.services.statistics import StatisticsService
from tests.sandbox_process import SandboxProcess
from tests.sync.bench import Bench

BEHAVIOUR = "externalcontact/get_user_behavior_data"
BY_DAY = "externalcontact/groupchat/statistic_group_by_day"
LIST = "externalcontact/get_groupmsg_list_v2"
DAY_S = 86_400


async def test_figures_of_thirty_days_come_first_and_then_day_by_day(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    first = await bench.sync()
    figures = first.accounts[0].streams["statistics"]
    owners = await bench.one(
        "SELECT count(DISTINCT owner_staff_id) FROM fan_group WHERE owner_staff_id IS NOT NULL"
    )
    assert figures.new == figures.received == 30 * (3 + owners)
    days = await bench.rows("SELECT day, count(*) FROM staff_day GROUP BY day")
    assert len(days) == 30
    assert all(count == 3 for _day, count in days)
    before = await bench.rows("SELECT * FROM staff_day ORDER BY 1, 2, 3")
    again = await bench.sync()
    assert again.accounts[0].streams["statistics"].requested == 0
    sandbox.control("clock", {"advance_s": 3 * DAY_S})
    bench.clock.advance(3 * DAY_S)
    later = (await bench.sync()).accounts[0].streams["statistics"]
    assert later.new == 3 * (3 + owners)
    kept = await bench.rows("SELECT * FROM staff_day ORDER BY 1, 2, 3")
    assert set(before) < set(kept)
    assert await bench.one(
        "SELECT count(*) FROM staff_day WHERE chats = 0 AND replied_permille IS NULL"
    ) == (await bench.one("SELECT count(*) FROM staff_day WHERE chats = 0"))


async def test_one_person_that_cannot_be_read_does_not_keep_the_others_from_it(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    sandbox.fault("errcode", BEHAVIOUR, code=60111, nth=2)
    report = await bench.sync()
    assert report.accounts[0].streams["statistics"].failed == 1
    assert await bench.one("SELECT count(DISTINCT staff_external_id) FROM staff_day") == 2
    await bench.sync()
    assert await bench.one("SELECT count(DISTINCT staff_external_id) FROM staff_day") == 3


async def test_what_is_not_allowed_is_noted_and_cleared_when_it_works_again(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    account = await bench.connect(sandbox)
    sandbox.fault("errcode", BEHAVIOUR, code=48002, count=0)
    report = await bench.sync()
    assert report.outcome == "partly"
    assert report.accounts[0].streams["statistics"].error_code == "wecom_no_permission"
    assert report.accounts[0].streams["customers"].received == 230
    (health,) = await bench.accounts.list()
    assert [(refusal.ability, refusal.code) for refusal in health.refusals] == [
        ("stream.statistics", "wecom_no_permission")
    ]
    sandbox.clear_faults()
    await bench.sync()
    (health,) = await bench.accounts.list()
    assert health.refusals == ()
    streams = {stream.stream: stream for stream in await bench.accounts.streams(account.id)}
    assert streams["statistics"].last_success_at == streams["customers"].last_success_at
    assert streams["staff"].last_success_at is not None


async def test_staff_figures_are_summed_for_the_screen(bench: Bench, sandbox: SandboxProcess) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    today = await bench.one("SELECT max(day) FROM staff_day")
    service = StatisticsService(bench.store, bench.clock)
    everyone = await service.staff(days=3650)
    added = await bench.one("SELECT sum(added) FROM staff_day")
    assert sum(one.added for one in everyone) == added
    assert all(one.replied_permille is None or 0 <= one.replied_permille <= 1000 for one in everyone)
    talk = await service.talk(days=3650)
    assert talk[-1].day.isoformat() == today
    assert sum(day.messages for day in talk) == await bench.one("SELECT sum(messages) FROM group_day")
    group = await bench.one("SELECT id FROM fan_group WHERE owner_staff_id IS NOT NULL LIMIT 1")
    own = await service.talk(group, days=3650)
    assert 0 < sum(day.messages for day in own) <= sum(day.messages for day in talk)
    assert talk[-1].day - talk[0].day == timedelta(days=29)


async def test_mass_sends_made_elsewhere_are_kept_and_counted(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    account = await bench.connect(sandbox)
    await bench.sync()
    adapter = await bench.accounts.open(account)
    customers = [
        row[0]
        for row in await bench.rows(
            "SELECT DISTINCT i.external_id FROM identity i JOIN follow f ON f.identity_id = i.id LIMIT 3"
        )
    ]
    task = await adapter._client.write(  # type: ignore[attr-defined]
        "externalcontact/add_msg_template",
        {"chat_type": "single", "external_userid": customers, "text": {"content": "别处发的"}},
    )
    await adapter.aclose()
    sandbox.control("clock", {"advance_s": 3600})
    report = await bench.sync()
    assert report.accounts[0].streams["mass_sends"].new == 1
    (row,) = await bench.rows(
        "SELECT external_id, chat_type, text, outbox_id, staff_asked, staff_confirmed FROM mass_send_record"
    )
    assert row[:4] == (task["msgid"], "single", "别处发的", None)
    assert row[4] >= 1
    again = (await bench.sync()).accounts[0].streams["mass_sends"]
    assert (again.new, again.changed) == (0, 0)
    assert await bench.one("SELECT count(*) FROM mass_send_record") == 1


async def test_a_send_that_is_still_dealt_out_is_read_by_the_next_round(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    sandbox.fault("errcode", LIST, code=41063, nth=1)
    report = await bench.sync()
    assert report.outcome == "ok"
    assert report.accounts[0].streams["mass_sends"].notes == ["not_ready"]
    assert (await bench.sync()).accounts[0].streams["mass_sends"].notes == []
