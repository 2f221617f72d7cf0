"""Whatever the order, the overlaps and the repeats of pages: the same people end in the same state."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.accounts import Account, AccountState
from desktop.domain.platform_records import (
    CustomerRecord,
    FollowRecord,
    GroupRecord,
    MemberKind,
    MemberRecord,
    TagRecord,
)
from desktop.store.database import Store
from desktop.store.pulled import platform_groups, platform_people, platform_tags
from tests.fakes import FakeClock
from tests.sync.bench import Bench

STAFF = ("ann", "bob")
TAGS = tuple(TagRecord(f"et{n}", f"标签{n}") for n in range(3))


def customer(n: int, staff: str) -> CustomerRecord:
    tags = tuple(f"et{t}" for t in range(3) if (n + t + ord(staff[0])) % 2)
    follow = FollowRecord(staff, f"备注{n}", followed_at=1_700_000_000_000 + n, tag_ids=tags)
    union = f"u{n}" if n % 3 == 0 else ""
    return CustomerRecord(f"wm{n}", f"客户{n}", follow, union_id=union, details=(("type", "1"),))


RELATIONS = [customer(n, staff) for n in range(12) for staff in STAFF if (n + ord(staff[0])) % 3]
GROUP = GroupRecord(
    "wr1",
    "群",
    "ann",
    (
        MemberRecord("ann", MemberKind.STAFF),
        *(MemberRecord(f"wm{n}", MemberKind.FAN, f"客户{n}", union_id=f"u{n}") for n in range(9, 15)),
    ),
)


async def state_after(pages: list[list[CustomerRecord]], group_first: bool) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "shop.db", FakeClock(), device_id="d")
        await store.open()
        try:
            account = Account(1, "acc", "wecom", "店", "http://x", "ww1", AccountState.NEW, 1)
            await store.write(
                lambda tx: tx.db.execute(
                    "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
                    " VALUES (1, 'acc', 'wecom', '店', 'http://x', 'ww1', 1)"
                ),
                kind="test",
            )
            groups = [lambda tx: platform_groups.ingest_groups(tx, account, [GROUP])]
            people = [
                lambda tx, page=page: platform_people.ingest_customers(tx, account, page) for page in pages
            ]
            tags = [lambda tx: platform_tags.ingest(tx, account, TAGS)]
            for step in [*tags, *groups, *people] if group_first else [*tags, *people, *groups]:
                await store.write(step, kind="test")
            state = await Bench(store, FakeClock()).fingerprint()
            fans = await store.read(lambda conn: conn.execute("SELECT count(*) FROM fan").fetchone()[0])
            return {**state, "people": [(fans,)]}
        finally:
            await store.close()


@settings(max_examples=12, deadline=None)
@given(
    order=st.permutations(RELATIONS),
    repeats=st.lists(st.sampled_from(RELATIONS), max_size=8),
    size=st.integers(1, 7),
    group_first=st.booleans(),
)
def test_any_way_of_reading_ends_the_same(order, repeats, size: int, group_first: bool) -> None:
    stream = [*order, *repeats]
    pages = [stream[at : at + size] for at in range(0, len(stream), size)]
    clean = asyncio.run(state_after([RELATIONS], group_first=False))
    assert asyncio.run(state_after(pages, group_first)) == clean
    assert clean["people"] == [(15,)]
