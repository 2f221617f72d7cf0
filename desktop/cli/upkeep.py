"""Commands that look after the shop's file: `backup`, `restore`, `check`, `log`, `undo`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from desktop.cli.parser import Document, Opens, Subcommands, add_command
from desktop.composition import device, lock
from desktop.composition.graph import BACKUPS, DATABASE, Graph, GraphConfig
from desktop.services.backups import RestoredBy, ShopFile, restore_shop


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    backup = add_command(subcommands, "backup", _backup, help_text="a verified copy of the shop")
    backup.add_argument("--to", type=Path, required=True, metavar="FILE")
    restore = add_command(
        subcommands,
        "restore",
        _restore,
        opens=Opens.NOTHING,
        help_text="put a backup in the shop's place; the present shop is kept as a backup",
    )
    restore.add_argument("file", type=Path)
    add_command(subcommands, "check", _check, help_text="integrity, foreign keys, sums over the rows")
    log = add_command(subcommands, "log", _log, help_text="what was done, newest first")
    log.add_argument("--limit", type=int, default=50)
    log.add_argument("--kind", default="", help="fan.note, or its first word: fan")
    undo = add_command(subcommands, "undo", _undo, help_text="take one simple command back")
    undo.add_argument("operation", metavar="OPERATION", help="the uid that `log` shows")


async def _backup(graph: Graph, args: argparse.Namespace) -> Document:
    made = await graph.backups.backup(args.to)
    return {"file": str(args.to), "verified": True, "bytes": made.bytes, **_facts(made)}


async def _restore(args: argparse.Namespace) -> Document:
    config = GraphConfig(data_dir=args.data_dir)
    held = await lock.take_soon(config.data_dir, lock.COMMAND)
    try:
        here = device.recognise(config.data_dir)
        by = RestoredBy(config.operator, here.device_id, config.clock.now_ms())
        result = restore_shop(args.file, config.data_dir / DATABASE, config.data_dir / BACKUPS, by)
    finally:
        held.release()
    return {
        "restored": str(args.file),
        "kept": None if result.kept is None else str(result.kept),
        "held": result.held,
        "unknown": result.unknown,
        "erased": result.erased,
        **_facts(result.restored),
    }


def _facts(shop: ShopFile) -> dict[str, Any]:
    return {
        "shop": shop.shop_name,
        "shop_uid": shop.shop_uid,
        "schema_version": shop.schema_version,
        "fans": shop.fans,
        "orders": shop.orders,
        "outbox": shop.outbox,
        "last_operation_at": shop.last_operation_at,
    }


async def _check(graph: Graph, args: argparse.Namespace) -> Document:
    report = await graph.backups.check()
    return {
        "ok": report.is_whole,
        "findings": [{**asdict(finding), "rows": list(finding.rows)} for finding in report.findings],
        "counts": dict(report.counts),
        "outbox_states": dict(report.outbox_states),
    }


async def _log(graph: Graph, args: argparse.Namespace) -> Document:
    rows = await graph.backups.operations(limit=max(0, args.limit), kind=args.kind)
    return {"rows": [asdict(row) for row in rows]}


async def _undo(graph: Graph, args: argparse.Namespace) -> Document:
    undone = await graph.backups.undo(args.operation)
    return {"undone": undone.uid, "kind": undone.kind}
