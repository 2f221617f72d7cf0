"""The demo shop: made whole or made again, found at the stand-in's new port, erased without a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.composition import demo, lock
from desktop.composition.graph import GraphConfig, open_graph
from desktop.domain.errors import ConflictError, StoreLockedError

ORDERS = (
    "order_id,buyer_id,paid_at,amount\n1001,b1,2026-05-01 10:00,88.00\n1002,b2,2026-05-02 11:00,59.90\n"
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GraphConfig:
    samples = tmp_path / "samples"
    samples.mkdir()
    (samples / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (samples / "README.md").write_text("not a table")
    monkeypatch.setattr(demo, "SAMPLES", samples)
    return GraphConfig(tmp_path / "data", operator="tester")


@pytest.mark.slow
async def test_made_once_opened_again_erased(config: GraphConfig) -> None:
    steps: list[str] = []
    opened = await demo.open_demo(config, steps.append, fans=40)
    try:
        shop = await opened.graph.shop.get()
        assert shop.is_demo
        assert len(await opened.graph.posts.rows()) == 2
        assert [row.drop.draft.item for row in await opened.graph.drops.rows()]
        for row in await opened.graph.drops.rows():
            assert await opened.graph.drops.check(row.drop.draft) == []
        report = await opened.graph.backups.check()
        assert report.is_whole
        assert dict(report.counts)["order"] == 2
        assert dict(report.counts)["fan"] >= 42
        first = (await opened.graph.accounts.list())[0]
        assert first.customers == 40
        with pytest.raises(StoreLockedError):
            demo.erase_demo(config.data_dir)
    finally:
        await opened.close()
    assert steps == ["demo.step_platform", "demo.step_files", "demo.step_sync", "demo.step_drafts"]

    again = await demo.open_demo(config, steps.append, fans=40)
    try:
        (account,) = await again.graph.accounts.list()
        assert account.account.uid == first.account.uid
        synced = await again.graph.sync.run()
        assert [one.error_code for one in synced.accounts] == [None]
    finally:
        await again.close()
    assert len(steps) == 5
    assert demo.exists(config.data_dir)
    assert demo.erase_demo(config.data_dir)
    assert not demo.erase_demo(config.data_dir)
    assert list(config.data_dir.iterdir()) == []


@pytest.mark.slow
async def test_half_a_demo_is_made_anew(config: GraphConfig) -> None:
    folder = demo.folder_of(config.data_dir)
    folder.mkdir(parents=True)
    (folder / demo.MARKER).write_text(json.dumps({"made_by": "fankeeper", "furnished": False}))
    (folder / "shop.db").write_bytes(b"half")
    opened = await demo.open_demo(config, fans=10)
    await opened.close()
    assert demo.exists(config.data_dir)


async def test_a_folder_of_somebody_else_is_never_erased(config: GraphConfig) -> None:
    folder = demo.folder_of(config.data_dir)
    folder.mkdir(parents=True)
    graph = await open_graph(GraphConfig(folder, operator="tester"))
    await graph.shop.create("真店", "rare-online", "Asia/Shanghai")
    await graph.close()
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(ConflictError, match="demo_folder_foreign"):
        demo.erase_demo(config.data_dir)
    with pytest.raises(ConflictError, match="demo_folder_foreign"):
        await demo.open_demo(config)
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_link_is_not_followed(config: GraphConfig, tmp_path: Path) -> None:
    target = tmp_path / "photos"
    target.mkdir()
    (target / demo.MARKER).write_text(json.dumps({"made_by": "fankeeper", "furnished": True}))
    config.data_dir.mkdir()
    demo.folder_of(config.data_dir).symlink_to(target)
    with pytest.raises(ConflictError, match="demo_folder_foreign"):
        demo.erase_demo(config.data_dir)
    assert (target / demo.MARKER).exists()


def test_what_was_cut_off_right_after_it_began_can_be_erased(config: GraphConfig) -> None:
    folder = demo.folder_of(config.data_dir)
    folder.mkdir(parents=True)
    (folder / lock.FILE).touch()
    assert demo.erase_demo(config.data_dir)
