"""Customers nobody here knows go in at one go; those with something in common with others do not."""

from desktop.domain.platform_records import CustomerRecord, FollowRecord
from desktop.services.imports import recompute_tiers
from desktop.store.accounts import sync_runs
from desktop.store.fans import fan_stats
from desktop.store.fans.newcomers import strangers
from desktop.store.pulled.platform_people import RELATIONS, ingest_customers, met_customers
from tests.sync.bench import Bench
from tests.sync.test_people_rows import ACCOUNT, ingest, seen_by


def person(number: int, union: str, staff: str = "ann", name: str = "") -> CustomerRecord:
    return CustomerRecord(f"wm{number}", name or f"客户{number}", FollowRecord(staff), union_id=union)


def test_who_shares_a_key_or_comes_with_two_faces_is_no_stranger() -> None:
    records = [
        person(1, "u1"),
        person(2, "u1"),  # one person at two ids
        person(3, "u3"),  # known by the union id
        person(4, ""),  # known by the platform's id
        person(5, ""),
        person(5, "", "bob", "别名"),
        person(6, ""),
        person(6, "", "bob"),
        person(7, ""),
        person(7, ""),
    ]
    found = strangers(records, {"wm4"}, {"u3"})
    assert {key: len(mine) for key, mine in found.items()} == {"wm6": 2}


async def test_one_person_at_two_ids_of_a_page_is_one_fan(bench: Bench) -> None:
    done = await ingest(bench, person(1, "u1"), person(2, "u1"), person(3, ""))
    assert (done.new, done.first_seen) == ({"wm1", "wm2", "wm3"}, 3)
    assert await bench.one("SELECT count(*) FROM fan") == 2
    assert await bench.rows(
        "SELECT count(*), count(DISTINCT fan_id) FROM identity WHERE external_id IN ('wm1', 'wm2', 'u1')"
    ) == [(3, 1)]


async def test_two_faces_of_one_page_end_as_the_last_one_told(bench: Bench) -> None:
    await ingest(bench, person(5, ""), person(5, "", "bob", "别名"), person(5, "u5", "ann", "别名"))
    assert await bench.rows("SELECT name, pinyin FROM fan") == [("别名", "bieming")]
    assert await bench.rows("SELECT name FROM identity WHERE platform = 'wecom'") == [("别名",)]
    assert await bench.one("SELECT count(*) FROM identity WHERE platform = 'wechat_union'") == 1


async def test_sums_and_tier_are_what_a_whole_recount_gives(bench: Bench) -> None:
    await ingest(bench, seen_by("ann", 1), seen_by("bob", 1), seen_by("ann", 2))
    told = "SELECT fan_id, orders, interactions, last_interaction_at FROM fan_stats ORDER BY 1"
    tiers = "SELECT id, tier, tier_reason FROM fan ORDER BY id"
    before = await bench.rows(told), await bench.rows(tiers)
    assert before[0][0][1:] == (0, 2, 1_700_000_000_001)

    def recount(tx) -> None:
        fan_stats.refresh(tx, [1, 2])
        recompute_tiers(tx, {1, 2})

    await bench.store.write(recount, kind="test")
    assert (await bench.rows(told), await bench.rows(tiers)) == before
    assert await bench.rows("SELECT fan_id, from_tier, to_tier FROM tier_change ORDER BY 1") == [
        (1, None, "passerby"),
        (2, None, "passerby"),
    ]


async def test_tiers_that_count_friendships_are_decided_by_them(bench: Bench) -> None:
    rules = (
        '{"interaction_kinds": ["follow"], "tiers": {"devoted": [[{"what": "orders", "at_least": 9,'
        ' "days": 9}]], "favorable": [[{"what": "interactions", "at_least": 2, "days": 9}]]}}'
    )
    await bench.store.write(
        lambda tx: tx.db.execute("INSERT INTO setting VALUES ('tier_rules', ?, 1)", (rules,)), kind="test"
    )
    now = bench.clock.now_ms()
    one, two = (seen_by(staff, 1) for staff in ("ann", "bob"))
    recent = [each._replace(follow=each.follow._replace(followed_at=now - 5)) for each in (one, two)]
    await ingest(bench, *recent, seen_by("ann", 2))
    assert await bench.rows("SELECT tier FROM fan ORDER BY id") == [("favorable",), ("passerby",)]


async def test_a_beginning_noted_before_is_not_counted_twice(bench: Bench) -> None:
    await ingest(bench, seen_by("ann", 1), seen_by("ann", 2))

    def forget(tx) -> None:
        for table in ("follow", "fan_tag"):
            tx.db.execute(f"DELETE FROM {table}")
        tx.db.execute("DELETE FROM identity WHERE external_id = 'wm2'")

    await bench.store.write(forget, kind="test")
    await ingest(bench, seen_by("ann", 2))
    assert await bench.one("SELECT count(*) FROM interaction") == 2
    assert await bench.rows("SELECT interactions FROM fan_stats ORDER BY fan_id") == [(1,), (1,), (0,)]


async def test_marks_of_many_are_one_row_and_tell_whom_the_pass_met(bench: Bench) -> None:
    await ingest(bench, seen_by("ann", 1), seen_by("bob", 1), seen_by("ann", 2))
    met = await bench.store.read(lambda conn: met_customers(conn, 1))
    relations = await bench.store.read(lambda conn: sync_runs.seen_together(conn, 1, RELATIONS))
    assert (met, relations) == ({"wm1", "wm2"}, {"wm1 ann", "wm1 bob", "wm2 ann"})
    assert await bench.one("SELECT count(*) FROM sync_seen") == 1

    def again(tx) -> None:
        assert ingest_customers(tx, ACCOUNT, [seen_by("ann", 2), seen_by("ann", 3)], met).first_seen == 1

    await bench.store.write(again, kind="test")
    assert met == {"wm1", "wm2", "wm3"}
