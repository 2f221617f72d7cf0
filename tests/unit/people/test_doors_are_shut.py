"""Each way in which a platform tells of people leaves out who was erased, and takes the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desktop.domain import official_account as oa
from desktop.domain import public_accounts as public
from desktop.domain.accounts import Account, AccountState
from desktop.domain.identity import IdentityKey, phone_key
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.domain.live_orders import LiveOrder
from desktop.domain.platform_records import (
    CustomerRecord,
    FollowRecord,
    GroupRecord,
    MemberKind,
    MemberRecord,
)
from desktop.domain.talks import Direction, PersonRecord, TalkPage, TalkRecord
from desktop.store.database import Store
from desktop.store.erasures import marks
from desktop.store.posts import article_comments
from desktop.store.pulled import (
    followers,
    platform_groups,
    platform_orders,
    platform_people,
    platform_public,
    platform_talks,
    platform_touches,
)
from tests.fakes import FakeClock

GONE, HERE, PHONE = "pErasedPerson1", "pOtherPerson22", "13812345678"
UNION, NEW_ID = "uErasedUnion333", "pNewNumberSame4"
SHOP = Account(1, "acc", "there", "店", "http://x", "scope", AccountState.NEW, 1)
BOTH = (GONE, HERE)


def _customers(tx: Any) -> None:
    records = [CustomerRecord(one, f"名{one}", FollowRecord("lisi", followed_at=5)) for one in BOTH]
    records.append(CustomerRecord(NEW_ID, "换号", FollowRecord("lisi", followed_at=5), union_id=UNION))
    records.append(
        CustomerRecord("pByPhone5", "手机", FollowRecord("lisi", followed_at=5, mobiles=(PHONE,)))
    )
    platform_people.ingest_customers(tx, SHOP, records)
    missing = platform_people.unmet_relations(tx.db, SHOP, [f"{one.external_id} lisi" for one in records])
    assert missing == (set(), 3)


def _followers(tx: Any) -> None:
    records = [oa.FollowerRecord(one, followed_at=5) for one in BOTH]
    assert followers.ingest(tx, SHOP, records).first_seen == 2
    assert followers.ingest(tx, SHOP, records).first_seen == 0


def _groups(tx: Any) -> None:
    members = tuple(MemberRecord(one, MemberKind.FAN, f"名{one}") for one in BOTH)
    staff = MemberRecord("lisi", MemberKind.STAFF, "李四")
    platform_groups.ingest_groups(tx, SHOP, [GroupRecord("g1", "群", "lisi", (*members, staff))])
    assert tx.db.execute("SELECT count(*) FROM group_member").fetchone()[0] == 2


def _talks(tx: Any) -> None:
    tx.db.execute("INSERT INTO desk (id, account_id, external_id) VALUES (1, 1, 'kf')")
    items = tuple(TalkRecord(f"m{one}", one, 5, Direction.IN, "text", f"我是{one}") for one in BOTH)
    people = {one: PersonRecord(one, f"名{one}", "https://x/a.png") for one in BOTH}
    platform_talks.ingest_page(
        tx, SHOP, platform_talks.Desk(1, "kf", ""), TalkPage(items, "c", False), people
    )


def _touches(tx: Any) -> None:
    touches = [public.TouchRecord(one, "comment", 5, f"k{one}", "好吃") for one in BOTH]
    assert platform_touches.ingest(tx, SHOP, touches, {}) == 1


def _video_comments(tx: Any) -> None:
    tx.db.execute("INSERT INTO video (id, account_id, external_id, created_at) VALUES (1, 1, 'v', 1)")
    told = [public.CommentRecord(f"c{one}", one, 5, f"名{one}", "好") for one in BOTH]
    assert platform_public.ingest_comments(tx, SHOP, 1, told, "me") == (1, 0)


def _requests(tx: Any) -> None:
    told = [public.JoinRequest(f"r{one}", "g", one, 5) for one in BOTH]
    assert platform_public.ingest_requests(tx, SHOP, told) == (1, 0)


def _article_comments(tx: Any) -> None:
    tx.db.execute("INSERT INTO article (id, account_id) VALUES (1, 1)")
    told = [oa.CommentRecord(f"c{one}", one, 5, f"我是{one}") for one in BOTH]
    assert article_comments.ingest(tx, SHOP, 1, told) == (1, 0)


def _orders(tx: Any) -> None:
    found = [
        LiveOrder(
            OrderRecord(
                "there", "", f"no-{n}", 990, buyer_name=one, receiver={"name": one}, extra={"buyer_note": one},
                lines=(OrderLine("1", "桂圆"),), paid_at=5, status="paid",
            ),
            (IdentityKey("there", "scope", one),),
            5,
        )
        for n, one in enumerate(BOTH)
    ]  # fmt: skip
    platform_orders.ingest(tx, SHOP, found, 6)
    rows = tx.db.execute('SELECT fan_id IS NULL, receiver, extra, net_cents FROM "order" ORDER BY order_no')
    assert [tuple(row)[:1] + tuple(row)[3:] for row in rows.fetchall()] == [(1, 990), (0, 990)]


DOORS = (
    _customers, _followers, _groups, _talks, _touches, _video_comments, _requests, _article_comments, _orders,
)  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
async def test_a_door_lets_in_everybody_but_who_was_erased(
    shop: Store, clock: FakeClock, door: Callable[[Any], None]
) -> None:
    def work(tx: Any) -> None:
        tx.db.execute(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
            " VALUES (1, 'acc', 'there', '店', 'http://x', 'scope', 1)"
        )
        keys = [
            IdentityKey("there", "scope", GONE),
            IdentityKey("wechat_union", "", UNION),
            phone_key(PHONE),
        ]
        marks.keep(tx, keys, "tester")
        door(tx)
        named = {key.external_id for key in tx.turned_away}
        assert GONE in named
        assert HERE not in named

    await shop.write(work, kind=None)
    await shop.rewrite()
    told = shop.path.read_bytes()
    assert not [one for one in (GONE, NEW_ID, UNION, PHONE, "pByPhone5") if one.encode() in told]
    assert HERE.encode() in told


async def test_a_hash_tells_nothing_without_the_key(shop: Store) -> None:
    def work(tx: Any) -> None:
        marks.keep(tx, [phone_key(PHONE)], "tester")
        known = marks.digests(tx.db, [phone_key(PHONE)])
        assert marks.erased(tx.db, known) == set(known)
        tx.db.execute("UPDATE setting SET value = ? WHERE key = ?", ('"' + "0" * 64 + '"', marks.KEY))
        assert marks.erased(tx.db, [phone_key(PHONE)]) == set()

    await shop.write(work, kind=None)
