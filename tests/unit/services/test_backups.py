from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError, StoreError
from desktop.services.backups import BackupService, RestoreResult
from desktop.store.database import Store
from desktop.store.migrations.runner import SCHEMA_VERSION
from desktop.store.upkeep import DOMAIN_CHECKS
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor


@pytest.fixture
def backups(shop: Store, clock: FakeClock, tmp_path: Path) -> BackupService:
    return BackupService(shop, clock, tmp_path / "backups")


async def test_a_backup_is_verified_and_replaces_only_backups(
    shop: Store, backups: BackupService, tmp_path: Path
) -> None:
    await shop.write(lambda tx: floor.fan(tx, "林小满"), kind=None)
    target = tmp_path / "备份 🍉.db"
    made = await backups.backup(target)
    assert (made.fans, made.shop_name, made.schema_version) == (1, "小满鲜果", SCHEMA_VERSION)
    await shop.write(lambda tx: floor.fan(tx, "第二位"), kind=None)
    assert (await backups.backup(target)).fans == 2
    assert (await backups.inspect(target)).fans == 2
    letter = tmp_path / "合同.db"
    letter.write_text("不是备份", encoding="utf-8")
    for wrong, code in (
        (letter, "backup_target_exists"),
        (shop.path, "backup_target_shop"),
        (tmp_path / "nowhere" / "x.db", "backup_target_folder"),
        (tmp_path, "backup_target_folder"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            await backups.backup(wrong)
        assert refused.value.code == code
    assert letter.read_text(encoding="utf-8") == "不是备份"


async def test_a_backup_that_breaks_off_leaves_the_older_one(
    shop: Store, backups: BackupService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.db"
    await backups.backup(target)
    before = target.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError) as refused:
        await backups.backup(target)
    assert refused.value.code == "disk_full"
    monkeypatch.undo()
    assert target.read_bytes() == before


async def test_one_automatic_backup_a_day_and_seven_are_kept(
    backups: BackupService, clock: FakeClock, tmp_path: Path
) -> None:
    assert backups.newest_at() is None
    (tmp_path / "backups").mkdir()
    mine = tmp_path / "backups" / "before-restore-x.db"
    mine.write_bytes(b"kept by hand")
    made = []
    for _ in range(9):
        file = await backups.daily()
        assert file is not None
        made.append(file.path.name)
        assert await backups.daily() is None
        clock.advance(86_400)
    assert [file.path.name for file in backups.backups()] == made[:1:-1]
    assert mine.exists()
    assert backups.newest_at() is not None


async def test_a_restore_from_the_window_is_handed_to_the_app(
    shop: Store, clock: FakeClock, backups: BackupService, tmp_path: Path
) -> None:
    target = tmp_path / "b.db"
    await backups.backup(target)
    with pytest.raises(InvalidInputError):
        await backups.restore(target)
    told: list[str] = []

    async def reopen(swap: Any) -> RestoreResult:
        told.append("closed")
        await shop.close()
        result: RestoreResult = swap()
        told.append("opened")
        return result

    windowed = BackupService(shop, clock, tmp_path / "backups", reopen)
    with pytest.raises(NotFoundError):
        await windowed.restore(tmp_path / "missing.db")
    assert told == []
    result = await windowed.restore(target)
    assert told == ["closed", "opened"]
    assert result.kept is not None


DAMAGE = {
    "fan_stats": "UPDATE fan_stats SET spend_cents = spend_cents + 1",
    "order_identity": 'UPDATE "order" SET fan_id = NULL, identity_id = 1;'
    " DELETE FROM fan_stats; INSERT INTO fan_stats (fan_id) SELECT id FROM fan",
    "merged_chain": "UPDATE fan SET merged_into = id WHERE id = 2",
    "merged_homes": "UPDATE identity SET home_fan_id = 2 WHERE id = 1",
    "merged_rows": "UPDATE fan SET merged_into = 2 WHERE id = 1",
    "outbox_entity": "DELETE FROM post",
    "outbox_done_without_proof": "UPDATE outbox SET platform_id = NULL",
    "outbox_attempts": "UPDATE outbox SET attempts = 3",
    "outbox_in_flight": "INSERT INTO attempt (outbox_id, n, started_at, started_mono_ms, boot_id,"
    " request_sha256) VALUES (1, 1, 1, 1, 'b', 'x'); UPDATE outbox SET attempts = 1",
    "tier_history": "UPDATE fan SET tier = 'devoted', tier_since = 1 WHERE id = 1;"
    " INSERT INTO tier_change (fan_id, to_tier, reason, at) VALUES (1, 'prospect', '[]', 1)",
}


@pytest.mark.parametrize("code", sorted(DAMAGE))
async def test_check_finds_planted_damage(shop: Store, backups: BackupService, code: str) -> None:
    def fill(tx: Any) -> None:
        ids = [floor.fan(tx, "甲"), floor.fan(tx, "乙")]
        floor.order(tx, ids[0], floor.at("2026-05-01"), 100, refund=10)
        floor.touch(tx, ids[1], "comment", floor.at("2026-05-01"), 3)
        floor.outbox(tx, floor.account(tx), "done", not_before=1)

    await shop.write(fill, kind=None)
    whole = await backups.check()
    assert whole.is_whole, whole.findings
    assert (whole.counts["fan"], whole.counts["order"], whole.outbox_states) == (2, 1, {"done": 1})

    def plant(tx: Any) -> None:
        for statement in DAMAGE[code].split(";"):
            tx.db.execute(statement)

    await shop.write(plant, kind=None)
    report = await backups.check()
    assert code in [finding.code for finding in report.findings]
    assert all(finding.n >= 1 for finding in report.findings)


async def test_check_finds_rows_that_point_nowhere(shop: Store, backups: BackupService) -> None:
    import sqlite3 as plain

    await shop.write(lambda tx: floor.fan(tx, "甲"), kind=None)
    other = plain.connect(shop.path)  # foreign keys are off here, as in another program
    other.execute("UPDATE identity SET fan_id = 99")
    other.commit()
    other.close()
    report = await backups.check()
    assert [(f.code, f.detail) for f in report.findings] == [("foreign_keys", "identity")]


def test_every_check_has_its_planted_damage_or_cannot_be_planted() -> None:
    assert set(DOMAIN_CHECKS) - set(DAMAGE) == {"order_net"}  # generated columns: only a broken file


async def test_unknown_steps_cannot_be_undone(shop: Store, backups: BackupService) -> None:
    with pytest.raises(NotFoundError):
        await backups.undo("nobody")
    await shop.write(lambda tx: floor.fan(tx, "甲"), kind="import.commit")
    (row,) = await backups.operations(limit=1)
    assert (row.kind, row.can_undo) == ("import.commit", False)
    with pytest.raises(ConflictError) as refused:
        await backups.undo(row.uid)
    assert refused.value.code == "undo_not_possible"
    assert [r.kind for r in await backups.operations(limit=9, kind="import")] == ["import.commit"]
    assert await backups.operations(limit=9, kind="imp") == []
