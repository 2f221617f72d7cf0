from __future__ import annotations

import csv
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from desktop.domain.errors import (
    AppError,
    CancelledByOperatorError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from desktop.domain.fans import FanChoice, FanFilter, FanSort, InteractionKind, Tier
from desktop.services.backups import BackupService
from desktop.services.fans import FanService, Steps
from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor


@pytest.fixture
def fans(shop: Store, clock: FakeClock) -> FanService:
    return FanService(shop, clock)


@pytest.fixture
def log(shop: Store, clock: FakeClock, tmp_path: Path) -> BackupService:
    return BackupService(shop, clock, tmp_path / "backups")


async def made(shop: Store, *names: str) -> list[int]:
    return await shop.write(lambda tx: [floor.fan(tx, name) for name in names], kind=None)


async def newest(log: BackupService) -> Any:
    return (await log.operations(limit=1))[0]


async def test_a_note_is_kept_logged_and_undone(shop: Store, fans: FanService, log: BackupService) -> None:
    (who,) = await made(shop, "林小满")
    await fans.set_note(who, "喜欢酥梨")
    await fans.set_note(who, "喜欢皇冠梨")
    done = await newest(log)
    assert (done.kind, done.operator, done.replaced) == (
        "fan.note",
        "tester",
        {"fan_id": who, "note": "喜欢酥梨"},
    )
    await log.undo(done.uid)
    assert (await fans.detail(who)).row.note == "喜欢酥梨"
    with pytest.raises(ConflictError) as refused:
        await log.undo(done.uid)
    assert refused.value.code == "undo_done"


async def test_undo_refuses_to_overwrite_what_came_later(
    shop: Store, fans: FanService, log: BackupService
) -> None:
    (who,) = await made(shop, "林小满")
    await fans.rename(who, "  小满  姐 ")
    first = await newest(log)
    await fans.rename(who, "老林")
    with pytest.raises(ConflictError) as refused:
        await log.undo(first.uid)
    assert refused.value.code == "undo_changed_since"
    assert (await fans.detail(who)).row.name == "老林"
    await log.undo((await newest(log)).uid)
    await log.undo(first.uid)
    row = (await fans.detail(who)).row
    assert row.name == "林小满"
    assert await fans.order(FanFilter(search="lxm")) == [who]


async def tag_lines(fans: FanService, who: int) -> list[tuple[str, object, object]]:
    """What the timeline tells of tags."""
    told = await fans.timeline(who, limit=50)
    return [(e.kind, e.params["tag"], e.params["source"]) for e in told if e.kind in ("tag", "untag")]


async def test_tags_for_many_are_one_step_and_undone_as_one(
    shop: Store, fans: FanService, log: BackupService
) -> None:
    ids = await made(shop, "甲", "乙", "丙")
    assert await fans.add_tag(ids[:1], "爱吃梨") == 1
    assert await fans.add_tag(ids, " 爱吃梨 ") == 2
    added = await newest(log)
    (tag,) = await fans.tags()
    assert (tag.name, tag.fans, tag.is_platform) == ("爱吃梨", 3, False)
    await log.undo(added.uid)
    assert await fans.order(FanFilter(tags=(tag.tag_id,))) == ids[:1]
    assert await fans.remove_tag(ids, tag.tag_id) == 1
    assert await tag_lines(fans, ids[0]) == [("untag", "爱吃梨", "operator")]
    await log.undo((await newest(log)).uid)
    assert await tag_lines(fans, ids[0]) == [("tag", "爱吃梨", "operator")]
    assert await fans.order(FanFilter(tags=(tag.tag_id,))) == ids[:1]
    with pytest.raises(InvalidInputError):
        await fans.add_tag(ids, " ")
    with pytest.raises(NotFoundError):
        await fans.add_tag([999], "爱吃梨")


async def test_a_platforms_tag_is_not_the_shops_to_remove(shop: Store, fans: FanService) -> None:
    def work(tx: Any) -> tuple[int, int]:
        who = floor.fan(tx, "甲")
        return who, floor.tag(tx, "企微标签", [who], account=floor.account(tx))

    who, tag_id = await shop.write(work, kind=None)
    with pytest.raises(ConflictError) as refused:
        await fans.remove_tag([who], tag_id)
    assert refused.value.code == "tag_platform_owned"
    with pytest.raises(NotFoundError):
        await fans.remove_tag([who], 999)


async def test_a_pin_wins_runs_out_and_is_undone(
    shop: Store, fans: FanService, log: BackupService, clock: FakeClock
) -> None:
    (who,) = await made(shop, "林小满")
    assert await fans.pin_tier([who], Tier.DEVOTED, last_day=date(2026, 5, 21)) == 1
    pinned = await newest(log)
    detail = await fans.detail(who)
    assert detail.row.tier is Tier.DEVOTED
    assert [reason["code"] for reason in detail.tier_reasons] == ["pinned_until", "falls_back"]
    await log.undo(pinned.uid)
    assert (await fans.detail(who)).row.tier is Tier.PROSPECT
    await fans.pin_tier([who], Tier.FAVORABLE, last_day=date(2026, 5, 20))
    clock.advance(12 * 3600)
    assert await fans.refresh_tiers() == 1
    assert await fans.refresh_tiers() == 0
    assert (await fans.detail(who)).row.tier is Tier.PROSPECT
    with pytest.raises(InvalidInputError):
        await fans.pin_tier([who], Tier.DEVOTED, last_day=date(2026, 5, 20))
    await fans.pin_tier([who], Tier.DEVOTED)
    await fans.unpin_tier([who])
    assert (await fans.detail(who)).tier_pinned is None
    await log.undo((await newest(log)).uid)
    assert (await fans.detail(who)).tier_pinned is Tier.DEVOTED


async def test_suppression_goes_on_and_off_with_undo(
    shop: Store, fans: FanService, log: BackupService
) -> None:
    ids = await made(shop, "甲", "乙")
    assert await fans.suppress(ids, reason="本人要求") == 2
    put = await newest(log)
    assert (await fans.detail(ids[0])).suppressions[0].reason == "本人要求"
    assert await fans.suppress(ids) == 0
    assert await fans.unsuppress(ids[:1]) == 1
    await log.undo((await newest(log)).uid)
    assert await fans.count(FanFilter(is_suppressed=True)) == 2
    assert (await fans.detail(ids[0])).suppressions[0].reason == "本人要求"
    await log.undo(put.uid)
    assert await fans.count(FanFilter(is_suppressed=True)) == 0


async def test_a_typed_interaction_moves_sums_and_tier(
    shop: Store, fans: FanService, clock: FakeClock
) -> None:
    who, friend = await made(shop, "甲", "乙")
    await fans.record_interaction(who, InteractionKind.REFERRAL, referred_fan_id=friend)
    await fans.record_interaction(who, InteractionKind.COMMENT, quantity=2)
    detail = await fans.detail(who)
    assert (detail.row.interactions, detail.row.tier) == (3, Tier.FAVORABLE)
    decision = await fans.explain_tier(who)
    assert decision.falls_back_on == date(2026, 6, 19)
    entries = await fans.timeline(who)
    assert {entry.kind for entry in entries} == {"comment", "referral", "tier_first", "tier"}
    assert next(e for e in entries if e.kind == "referral").params["referred"] == "乙"
    for wrong in (
        {"at": clock.now_ms() + 1},
        {"quantity": 0},
        {"referred_fan_id": who},
    ):
        with pytest.raises(InvalidInputError):
            await fans.record_interaction(who, InteractionKind.COMMENT, **wrong)


async def test_a_whole_phone_is_shown_only_with_a_line_in_the_log(
    shop: Store, fans: FanService, log: BackupService
) -> None:
    who = await shop.write(lambda tx: floor.fan(tx, "甲", phone="13812341234"), kind=None)
    row = (await fans.detail(who)).row
    assert row.phone_masked == "138****1234"
    assert "13812341234" not in repr(row)
    assert await fans.reveal_phone(who) == "13812341234"
    done = await newest(log)
    assert (done.kind, done.payload) == ("fan.reveal_phone", {"fan_id": who})
    assert not done.can_undo
    with pytest.raises(ConflictError):
        await log.undo(done.uid)


HEADERS = {"name": "名字", "phone": "手机", "spend": "消费", "tags": "标签", "external_ids": "平台号"}
HOSTILE = ["=HYPERLINK(1)", "+1", "-2", "@sum", "\t=1", "＝1", "<b>粗</b>"]


async def test_exports_hold_no_formula_and_are_logged(
    shop: Store, fans: FanService, log: BackupService, tmp_path: Path
) -> None:
    def work(tx: Any) -> list[int]:
        ids = [floor.fan(tx, name) for name in HOSTILE]
        ids.append(floor.fan(tx, "林", phone="13812341234", key=("youzan", "", "0012345")))
        floor.order(tx, ids[-1], floor.at("2026-05-01"), 12_345)
        return ids

    ids = await shop.write(work, kind=None)
    plain, book = tmp_path / "fans.csv", tmp_path / "粉丝.xlsx"
    assert await fans.export(ids, plain, headers=HEADERS) == 8
    raw = plain.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0] == list(HEADERS.values())
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "＝"))]
    assert rows[-1] == ["林", "138****1234", "123.45", "", "0012345、138****1234"]
    await fans.export(ids, book, headers=HEADERS, with_phones=True)
    with zipfile.ZipFile(book) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    cells = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    assert cells[1][0] == "=HYPERLINK(1)"
    assert cells[-1][:3] == ["林", "13812341234", 123.45]
    done = await newest(log)
    assert (done.kind, done.payload["rows"], done.payload["with_phones"]) == ("fan.export", 8, True)
    assert [path.name for path in tmp_path.glob("*.part")] == []
    for wrong, headers in ((tmp_path / "x.pdf", HEADERS), (tmp_path / "x.csv", {"secret": "x"})):
        with pytest.raises(InvalidInputError):
            await fans.export(ids, wrong, headers=headers)
    with pytest.raises(AppError):
        await fans.export(ids, tmp_path / "nowhere" / "x.csv", headers=HEADERS)


async def test_names_and_notes_have_bounds(shop: Store, fans: FanService) -> None:
    (who,) = await made(shop, "甲")
    for name in ("", "  ", "长" * 101):
        with pytest.raises(InvalidInputError):
            await fans.rename(who, name)
    with pytest.raises(InvalidInputError):
        await fans.set_note(who, "长" * 4001)
    with pytest.raises(NotFoundError):
        await fans.set_note(999, "x")
    assert await fans.order(FanFilter(), FanSort.NAME) == [who]


async def test_the_days_tiers_are_decided_in_portions(
    shop: Store, fans: FanService, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = await made(shop, *[f"粉丝{number}" for number in range(5)])
    await fans.pin_tier(many, Tier.FAVORABLE, last_day=date(2026, 5, 20))
    clock.advance(12 * 3600)
    monkeypatch.setattr("desktop.services.fans.TIER_PORTION", 2)
    assert await fans.refresh_tiers() == 5
    log = "SELECT count(*) FROM operation WHERE kind = 'tier.daily'"
    assert await shop.read(lambda conn: conn.execute(log).fetchone()[0]) == 3
    clock.advance(24 * 3600)
    assert await fans.refresh_tiers() == 0  # the next day, and nobody's tier moves: no entry in the log
    assert await shop.read(lambda conn: conn.execute(log).fetchone()[0]) == 3


async def test_one_command_on_everybody_but_some_and_back(
    shop: Store, fans: FanService, log: BackupService
) -> None:
    ids = await shop.write(lambda tx: [floor.fan(tx, f"客{n}") for n in range(30)], kind=None)
    who = FanChoice(wanted=FanFilter(search="客"), but=frozenset(ids[:3]))
    assert await fans.add_tag(who, "回访") == 27
    (tag,) = await fans.tags()
    assert tag.fans == 27
    assert await fans.suppress(who) == 27
    assert await fans.count(FanFilter(is_suppressed=True)) == 27
    assert await fans.pin_tier(who, Tier.DEVOTED) == 27
    for _ in range(3):
        newest = next(row for row in await log.operations(limit=9) if row.can_undo)
        await log.undo(newest.uid)
    assert await fans.count(FanFilter(is_suppressed=True)) == 0
    assert await fans.count(FanFilter(tiers=(Tier.DEVOTED,))) == 0
    assert (await fans.tags())[0].fans == 0
    assert await fans.unsuppress(who) == 0


async def test_a_stopped_command_leaves_nothing_behind(shop: Store, fans: FanService) -> None:
    ids = await shop.write(lambda tx: [floor.fan(tx, f"客{n}") for n in range(5)], kind=None)
    seen: list[tuple[int, int]] = []
    steps = Steps(lambda done, total: seen.append((done, total)))
    assert await fans.add_tag(ids, "甲", steps=steps) == 5
    assert seen == [(0, 5)]
    steps.stop()
    with pytest.raises(CancelledByOperatorError):
        await fans.add_tag(ids, "乙", steps=steps)
    assert [tag.name for tag in await fans.tags()] == ["甲"]


async def test_a_view_is_kept_replaced_and_forgotten_with_a_way_back(
    fans: FanService, log: BackupService
) -> None:
    uid = await fans.save_view("fans", " 老客 ", {"sort": "spend"})
    assert await fans.save_view("fans", "老客", {"sort": "name"}) == uid
    assert [(view.name, view.state) for view in await fans.views("fans")] == [("老客", {"sort": "name"})]
    await log.undo((await log.operations(limit=1))[0].uid)
    assert [view.state for view in await fans.views("fans")] == [{"sort": "spend"}]
    await fans.delete_view(uid)
    assert await fans.views("fans") == []
    await log.undo((await log.operations(limit=1))[0].uid)
    assert [view.name for view in await fans.views("fans")] == ["老客"]
    with pytest.raises(InvalidInputError):
        await fans.save_view("fans", " ", {})
