"""Customers as rows: what arrives together, in parts, again, and with keys that came later."""

from desktop.domain.accounts import Account, AccountState
from desktop.domain.platform_records import CustomerRecord, FollowRecord, TagRecord
from desktop.store.pulled import platform_people, platform_tags
from desktop.store.pulled.platform_staff import Ingested
from tests.sync.bench import Bench

ACCOUNT = Account(1, "acc", "wecom", "店", "http://x", "ww1", AccountState.NEW, 1)


def seen_by(staff: str, number: int, **follow: object) -> CustomerRecord:
    details = (("type", "1"), ("gender", str(number % 3)))
    told = FollowRecord(staff, followed_at=1_700_000_000_000 + number, **follow)
    avatar = f"https://wx.qlogo.cn/{number}"
    return CustomerRecord(f"wm{number}", f"客户{number}", told, avatar_url=avatar, details=details)


async def ingest(bench: Bench, *records: CustomerRecord) -> Ingested:
    def work(tx) -> Ingested:
        tx.db.execute(
            "INSERT OR IGNORE INTO account (id, uid, platform, name, base_url, external_id, created_at)"
            " VALUES (1, 'acc', 'wecom', '店', 'http://x', 'ww1', 1)"
        )
        platform_tags.ingest(tx, ACCOUNT, [TagRecord("et1", "老客"), TagRecord("et2", "新客")])
        return platform_people.ingest_customers(tx, ACCOUNT, records)

    return await bench.store.write(work, kind="test")


async def test_a_page_of_newcomers_stands_complete_at_once(bench: Bench) -> None:
    people = [seen_by("ann", number, tag_ids=("et1",) if number % 2 else ()) for number in range(150)]
    done = await ingest(bench, *people)
    assert (len(done.new), len(done.changed), done.first_seen) == (150, 0, 150)
    assert await bench.rows(
        "SELECT name, avatar_url, details, account_id FROM identity WHERE external_id = 'wm7'"
    ) == [("客户7", "https://wx.qlogo.cn/7", '{"type": "1", "gender": "1"}', 1)]
    assert await bench.one("SELECT count(*) FROM fan_tag WHERE source = 'platform'") == 75
    assert await bench.rows("SELECT DISTINCT interactions, orders FROM fan_stats") == [(1, 0)]
    assert await bench.one("SELECT count(DISTINCT uid) FROM fan") == 150


async def test_the_same_again_writes_nothing(bench: Bench) -> None:
    people = [seen_by(staff, number) for number in range(30) for staff in ("ann", "bob")]
    await ingest(bench, *people)
    operations = await bench.one("SELECT count(*) FROM operation")

    def again(tx) -> None:
        done = platform_people.ingest_customers(tx, ACCOUNT, people)
        assert (done.new, done.changed, done.first_seen) == (set(), set(), 0)
        tx.is_bookkeeping = not tx.changes().topics

    await bench.store.write(again, kind="test")
    assert await bench.one("SELECT count(*) FROM operation") == operations


async def test_a_second_friendship_on_the_same_page_adds_its_phone_number(bench: Bench) -> None:
    await ingest(bench, seen_by("ann", 1), seen_by("bob", 1, mobiles=("13800000001",)), seen_by("ann", 2))
    assert await bench.rows("SELECT name, phone, pinyin FROM fan ORDER BY id") == [
        ("客户1", "13800000001", "kehu1"),
        ("客户2", None, "kehu2"),
    ]
    assert await bench.one("SELECT count(*) FROM interaction") == 2 + 1


async def test_a_tag_goes_only_when_the_last_friendship_drops_it(bench: Bench) -> None:
    both = ("et1", "et2")
    await ingest(bench, seen_by("ann", 1, tag_ids=both), seen_by("bob", 1, tag_ids=("et1",)))
    await ingest(bench, seen_by("ann", 1))
    carried = "SELECT t.external_id FROM fan_tag f JOIN tag t ON t.id = f.tag_id ORDER BY 1"
    assert await bench.rows(carried) == [("et1",)]
    done = await ingest(bench, seen_by("bob", 1))
    assert await bench.rows(carried) == []
    assert done.changed == {"wm1"}


async def test_looks_of_an_identity_stay_with_the_platforms_own_id(bench: Bench) -> None:
    known = CustomerRecord("wm9", "客户9", FollowRecord("ann"), "https://a", "union9", (("type", "2"),))
    await ingest(bench, known)
    assert await bench.rows("SELECT platform, avatar_url, details FROM identity ORDER BY id") == [
        ("wecom", "https://a", '{"type": "2"}'),
        ("wechat_union", "", "{}"),
    ]
