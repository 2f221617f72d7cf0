"""The demo shop: its own folder and database inside the data folder, made and erased in one go.

It is furnished by the same services as a real shop: sample files are brought in, and a round of
exchange is made with the platforms' stand-in, which runs as a child process while the shop is open.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop.composition import lock
from desktop.composition.graph import DATABASE, Graph, GraphConfig, open_graph
from desktop.composition.sandbox_process import SandboxAddress, SandboxProcess
from desktop.domain.audience import Audience
from desktop.domain.drops import DropDraft
from desktop.domain.errors import ConflictError, StoreReadOnlyError
from desktop.domain.fans import Tier
from desktop.domain.posts import PostDraft
from desktop.services.secrets.memory import MemorySecretStore

FOLDER = "demo"
MARKER = "demo.json"
RESOURCES = Path(__file__).resolve().parents[2] / "resources"
SAMPLES = RESOURCES / "samples"
DRAFTS = RESOURCES / "demo" / "drafts.json"
HOUR_MS = 3_600_000
SEED, FANS = 7, 400

Step = Callable[[str], None]


@dataclass(frozen=True)
class OpenDemo:
    """An open demo shop and what it needs while it is open."""

    graph: Graph
    held: lock.FolderLock
    sandbox: SandboxProcess

    async def close(self) -> None:
        """Close the shop, end the stand-in, let go of the folder."""
        try:
            await self.graph.close()
        finally:
            try:
                await self.sandbox.stop()
            finally:
                self.held.release()


def folder_of(data_dir: Path) -> Path:
    """Where the demo shop of a data folder lives."""
    return data_dir / FOLDER


def exists(data_dir: Path) -> bool:
    """Whether a whole demo shop is there."""
    return _marker(folder_of(data_dir)).get("furnished") is True


async def open_demo(config: GraphConfig, step: Step = lambda _key: None, *, fans: int = FANS) -> OpenDemo:
    """Open the demo shop beside the real one, making it first where there is none or half of one.

    `config` is the real shop's. `step` is told wording keys of what is being done. Raises StoreError
    subclasses, SandboxFailedError, ConflictError('demo_folder_foreign'); nothing is left half open.
    """
    folder = folder_of(config.data_dir)
    if not exists(config.data_dir) and folder.exists():
        await asyncio.to_thread(erase_demo, config.data_dir)  # cut off while being made
    held = lock.take(folder, lock.WINDOW)
    sandbox = SandboxProcess(seed=SEED, fans=fans)
    try:
        step("demo.step_platform")
        address = await sandbox.start()
        is_new = not exists(config.data_dir)
        if is_new:
            _mark(folder, furnished=False)
        graph = await open_graph(replace(config, data_dir=folder, secrets=MemorySecretStore()))
        try:
            if is_new:
                await _furnish(graph, address, step)
                _mark(folder, furnished=True)
            else:
                await _point_at(graph, address)
        except BaseException:
            await graph.close()
            raise
    except BaseException:
        await sandbox.stop()
        held.release()
        raise
    return OpenDemo(graph, held, sandbox)


def erase_demo(data_dir: Path) -> bool:
    """Delete the demo shop; False when there is none.

    Only a folder with the demo's own marker is touched. Raises ConflictError('demo_folder_foreign')
    for any other, StoreLockedError while it is open, StoreReadOnlyError.
    """
    folder = folder_of(data_dir)
    if not folder.exists():
        return False
    marked = _marker(folder)
    has_shop = (folder / DATABASE).exists()
    if folder.is_symlink() or not folder.is_dir() or (not marked and (has_shop or not _is_bare(folder))):
        raise ConflictError("demo_folder_foreign", path=str(folder))
    lock.take(folder, lock.WINDOW).release()  # nobody has it open
    try:
        for path in sorted(folder.iterdir(), key=lambda path: path.name == MARKER):  # the marker goes last
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        folder.rmdir()
    except OSError as error:
        raise StoreReadOnlyError(path=str(folder)) from error
    return True


async def _furnish(graph: Graph, address: SandboxAddress, step: Step) -> None:
    said = json.loads(DRAFTS.read_text(encoding="utf-8"))
    await graph.shop.create(**said["shop"], is_demo=True)
    step("demo.step_files")
    for file in sorted(SAMPLES.glob("*.*")):
        if file.suffix in (".csv", ".xlsx"):
            await graph.imports.commit(await graph.imports.plan(file))
    step("demo.step_sync")
    secrets = {"corpid": address.corpid, "corpsecret": address.corpsecret}
    account = await graph.accounts.add("wecom", said["account"], address.wecom_base_url, secrets)
    await graph.sync.run([account.id])
    step("demo.step_drafts")
    now = graph.config.clock.now_ms()
    for post in said["posts"]:
        await graph.posts.save_draft(_post(post, now))
    groups = [group.group_id for group in await graph.groups.groups()]
    for drop in said["drops"]:
        await graph.drops.save_draft(_drop(drop, now, groups))


def _post(said: Mapping[str, Any], now: int) -> PostDraft:
    tiers = tuple(Tier(name) for name in said.get("tiers", ()))
    audience = Audience(everyone=bool(said.get("all")), tiers=tiers)
    return PostDraft(
        title=said["title"],
        body=said["body"],
        audience=audience,
        scheduled_at=_later(now, said["in_hours"]),
    )


def _drop(said: Mapping[str, Any], now: int, groups: list[int]) -> DropDraft:
    return DropDraft(
        kind=said["kind"],
        item=said["item"],
        price_cents=said["price_cents"],
        normal_price_cents=said["normal_price_cents"],
        cost_cents=said["cost_cents"],
        stock=said["stock"],
        cap_per_person=said["cap_per_person"],
        window_minutes=said["window_minutes"],
        opens_at=_later(now, said["in_hours"]),
        group_ids=tuple(groups[: said["groups"]]),
        body=said["body"],
    )


def _later(now: int, hours: int | None) -> int | None:
    """The full hour so many hours from now."""
    return None if hours is None else (now // HOUR_MS + hours) * HOUR_MS


async def _point_at(graph: Graph, address: SandboxAddress) -> None:
    """The stand-in has another port in each run: lead the demo's account there."""
    secrets = {"corpid": address.corpid, "corpsecret": address.corpsecret}
    for health in await graph.accounts.list():
        if health.account.external_id == address.corpid:
            await graph.accounts.move(health.account.id, address.wecom_base_url)
            await graph.accounts.lend(health.account.id, secrets)


def _marker(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) and said.get("made_by") == "fankeeper" else {}


def _mark(folder: Path, *, furnished: bool) -> None:
    (folder / MARKER).write_text(
        json.dumps({"made_by": "fankeeper", "furnished": furnished}), encoding="utf-8"
    )


def _is_bare(folder: Path) -> bool:
    """Nothing in it but a lock file: cut off right after it was made."""
    return all(path.name == lock.FILE for path in folder.iterdir())
