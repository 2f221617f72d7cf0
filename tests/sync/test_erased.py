"""Whoever was erased stays out, whatever a platform tells of them afterwards."""

from pathlib import Path

import pytest

from desktop.domain.errors import ConflictError
from desktop.services.backups import BackupService
from desktop.services.erasures import ErasureService
from desktop.services.purges import PurgeService
from desktop.store import upkeep
from tests.sandbox_process import SandboxProcess
from tests.sync.bench import Bench
from tests.sync.shell import Shop


async def test_a_second_sync_brings_nobody_back(
    bench: Bench, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    await bench.connect(sandbox)
    await bench.sync()
    (wanted,) = await bench.rows(  # whose name is no part of what others are called: those texts stay
        "SELECT i.fan_id, i.external_id FROM group_member m JOIN identity i ON i.id = m.identity_id"
        " JOIN conversation c ON c.identity_id = i.id WHERE NOT EXISTS (SELECT 1 FROM group_member o"
        "  WHERE o.identity_id <> i.id AND instr(o.group_nickname || ' ' || o.name, i.name) > 0)"
        " AND NOT EXISTS (SELECT 1 FROM identity o WHERE o.id <> i.id AND instr(o.name, i.name) > 0)"
        " GROUP BY 1 ORDER BY 1 LIMIT 1"
    )
    fan_id, external_id = wanted
    follows = await bench.one("SELECT count(*) FROM follow")
    theirs = await bench.one(
        "SELECT count(*) FROM follow JOIN identity i ON i.id = identity_id WHERE i.external_id = ?",
        external_id,
    )
    backups = BackupService(bench.store, bench.clock, tmp_path / "backups")
    done = await ErasureService(bench.store, backups).erase(fan_id)
    assert done.traces == ()
    before = await bench.fingerprint()
    again = await bench.sync(full=True)
    assert again.outcome == "ok"
    assert await bench.fingerprint() == before
    streams = again.accounts[0].streams
    customers = streams["customers"]
    assert (customers.requested, customers.received, customers.new, customers.removed) == (230, 230, 0, 0)
    assert (customers.skipped, customers.notes) == (1, ["erased"])
    assert "erased" in streams["groups"].notes
    assert await bench.one("SELECT count(*) FROM follow") == follows - theirs
    assert await bench.one("SELECT count(*) FROM identity WHERE external_id = ?", external_id) == 0
    assert await bench.one("SELECT count(*) FROM conversation WHERE external_id = ?", external_id) == 0
    assert (await bench.store.read(upkeep.check)).is_whole
    await bench.store.rewrite()
    assert external_id.encode() not in bench.store.path.read_bytes()


async def test_everything_of_a_platform_goes_and_comes_back_when_it_is_connected_again(
    bench: Bench, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    account = await bench.connect(sandbox)
    await bench.sync()
    backups = BackupService(bench.store, bench.clock, tmp_path / "backups")
    await backups.make()
    purges = PurgeService(bench.store, backups)
    with pytest.raises(ConflictError, match="purge_account_live"):
        await purges.look("wecom")
    await bench.accounts.remove(account.id)
    plan = await purges.look("wecom")
    everybody = await bench.one("SELECT count(*) FROM fan")
    assert (plan.people, plan.staying, plan.groups, len(plan.backups)) == (everybody, 0, 5, 1)
    bench.clock.advance(60)
    done = await purges.purge("wecom")
    assert (done.failed, done.log_held, len(done.deleted)) == ({}, False, 1)
    for table in (
        "fan",
        "identity",
        "follow",
        "fan_group",
        "group_member",
        "conversation",
        "message",
        "staff",
    ):
        assert await bench.one(f"SELECT count(*) FROM {table}") == 0, table
    assert (await bench.store.read(upkeep.check)).is_whole
    await bench.connect(sandbox)
    again = await bench.sync()
    assert again.accounts[0].streams["customers"].new == 230


def test_the_command_shows_first_and_erases_with_yes(connected: Shop) -> None:
    connected.sync()
    (fan_id,) = connected.rows("SELECT fan_id FROM identity WHERE platform = 'wecom' ORDER BY id LIMIT 1")[
        0
    ]
    ((external_id,),) = connected.rows(
        f"SELECT external_id FROM identity WHERE platform = 'wecom' AND fan_id = {fan_id}"
    )
    shown = connected.run("erase", str(fan_id))
    assert (shown["done"], shown["rows"]["fan"]) == (False, 1)
    assert connected.run("fans", "show", str(fan_id))["fan_id"] == str(fan_id)
    done = connected.run("erase", str(fan_id), "--yes")
    assert (done["done"], done["clean"], done["traces"]) == (True, True, [])
    assert connected.run("erase", str(fan_id), "--yes")["error"]["code"] == "fan_missing"
    needle = external_id.encode()
    found = [p.name for p in connected.folder.rglob("*") if p.is_file() and needle in p.read_bytes()]
    assert found == []
