from __future__ import annotations

from typing import Any

import pytest

from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.domain.groups import GroupHealth
from desktop.services.backups import BackupService
from desktop.services.groups import GroupService
from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor


@pytest.fixture
def groups(shop: Store, clock: FakeClock) -> GroupService:
    return GroupService(shop, clock)


def a_group(tx: Any) -> int:
    acc = floor.account(tx)
    grp = floor.group(tx, "尝鲜群", acc)
    for n, (joined, left, spend) in enumerate(
        [
            ("2026-05-19", None, 5_000),
            ("2026-05-01", None, 0),
            ("2026-01-01", None, 9_000),
            ("2026-01-01", "2026-05-10", 700),
        ]
    ):
        who = floor.fan(tx, f"客{n}")
        if spend:
            floor.order(tx, who, floor.at("2026-05-02"), spend)
        friend = floor.befriend(tx, who, acc, 1)
        floor.member(
            tx,
            grp,
            f"wm{who}",
            identity=friend,
            joined=floor.at(joined),
            left=floor.at(left) if left else None,
        )
    floor.member(tx, grp, "stranger", joined=floor.at("2026-05-18"))
    floor.member(tx, grp, "lisi", kind="staff", joined=floor.at("2026-05-18"))
    floor.group(tx, "空群", acc)
    return grp


async def test_a_group_counts_its_people_and_says_no_data_about_talk(
    shop: Store, groups: GroupService
) -> None:
    grp = await shop.write(a_group, kind=None)
    full, empty = await groups.groups()
    assert (full.group_id, full.name, full.account_name) == (grp, "尝鲜群", "小满企微")
    assert (full.fans, full.staff, full.unknown_members) == (4, 1, 1)
    assert (full.joined_7_days, full.joined_30_days, full.left_30_days) == (2, 3, 1)
    assert (full.buyers, full.spend_cents) == (2, 14_000)
    assert (full.messages_7_days, full.speakers_7_days, full.health) == (None, None, GroupHealth.NO_DATA)
    assert (empty.fans, empty.buyers, empty.spend_cents, empty.is_crowded) == (0, 0, 0, False)
    detail = await groups.detail(grp)
    assert [member.spend_cents for member in detail.members] == [9_000, 5_000, 0, 0, 0]
    assert [member.kind for member in detail.members] == ["fan"] * 4 + ["staff"]
    assert detail.members[3].fan_id is None
    assert [week.joined for week in detail.weeks][-3:] == [1, 0, 2]
    assert (detail.weeks[-2].left, detail.weeks[-1].messages) == (1, None)
    assert await groups.members(grp, limit=1, offset=1) == [detail.members[1]]


async def test_with_messages_silence_means_something(shop: Store, groups: GroupService) -> None:
    def work(tx: Any) -> int:
        grp = a_group(tx)
        floor.touch(tx, 1, "group_message", floor.at("2026-05-19"), 3, group=grp)
        floor.touch(tx, 2, "group_help", floor.at("2026-05-01"), 2, group=grp)
        return grp

    grp = await shop.write(work, kind=None)
    full, empty = await groups.groups()
    assert (full.messages_7_days, full.speakers_7_days, full.health) == (3, 1, GroupHealth.HEALTHY)
    assert full.last_message_at == floor.at("2026-05-19")
    assert (empty.messages_7_days, empty.health) == (0, GroupHealth.ZOMBIE)
    weeks = (await groups.detail(grp)).weeks
    assert [week.messages for week in weeks][-3:] == [2, 0, 3]


async def test_a_groups_purpose_is_set_and_undone(
    shop: Store, groups: GroupService, clock: FakeClock, tmp_path: Any
) -> None:
    grp = await shop.write(a_group, kind=None)
    await groups.set_kind(grp, "vip")
    assert (await groups.detail(grp)).row.kind == "vip"
    log = BackupService(shop, clock, tmp_path)
    await log.undo((await log.operations(limit=1))[0].uid)
    assert (await groups.detail(grp)).row.kind is None
    with pytest.raises(InvalidInputError):
        await groups.set_kind(grp, "party")
    for missing in (groups.detail(999), groups.set_kind(999, "vip")):
        with pytest.raises(NotFoundError):
            await missing
