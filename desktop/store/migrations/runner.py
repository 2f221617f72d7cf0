"""Bring a shop's file to this version's schema: guard, backup, one transaction, checks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database, Migrations

from desktop.domain.errors import StoreCorruptError, StoreTooNewError
from desktop.store.migrations import (
    m0001_initial,
    m0002_exchange,
    m0003_official_account,
    m0004_douyin,
    m0005_directory,
    m0006_audiences,
    m0007_people,
    m0008_group_pictures,
    m0009_erasures,
    m0010_matching,
)

log = logging.getLogger(__name__)

SCHEMA_VERSION = 10
KEPT_BACKUPS = 5

migrations = Migrations("desktop")


@migrations()
def m0001_initial_schema(db: Database) -> None:
    """The shop, its people, orders, groups, content, outbox and operation log."""
    for statement in split_statements(m0001_initial.SCRIPT):
        db.execute(statement)


@migrations()
def m0002_whole_exchange(db: Database) -> None:
    """The outbox carries every kind of write; statistics, moments, ways in, welcomes, conversations."""
    for statement in split_statements(m0002_exchange.SCRIPT):
        db.execute(statement)


@migrations()
def m0003_official_account_step(db: Database) -> None:
    """The WeChat official account: followers' facts, articles and their comments, the menu."""
    for statement in split_statements(m0003_official_account.SCRIPT):
        db.execute(statement)


@migrations()
def m0004_douyin_step(db: Database) -> None:
    """Douyin and the Douyin shop: videos, live rooms, coupons, join requests."""
    for statement in split_statements(m0004_douyin.SCRIPT):
        db.execute(statement)


@migrations()
def m0005_directory_step(db: Database) -> None:
    """The fan directory: search words, saved views, tags with colours and rules."""
    for statement in m0005_directory.STATEMENTS:
        db.execute(statement)


@migrations()
def m0006_audiences_step(db: Database) -> None:
    """Saved audiences, their members over time, and lists handed over."""
    for statement in split_statements(m0006_audiences.SCRIPT):
        db.execute(statement)


@migrations()
def m0007_people_step(db: Database) -> None:
    """Consents by purpose and channel, children."""
    for statement in split_statements(m0007_people.SCRIPT):
        db.execute(statement)


@migrations()
def m0008_group_pictures_step(db: Database) -> None:
    """The picture a fan group has at its platform."""
    for statement in split_statements(m0008_group_pictures.SCRIPT):
        db.execute(statement)


@migrations()
def m0009_erasures_step(db: Database) -> None:
    """Who was erased, as keyed hashes."""
    for statement in split_statements(m0009_erasures.SCRIPT):
        db.execute(statement)


@migrations()
def m0010_matching_step(db: Database) -> None:
    """One person known as several."""
    for statement in split_statements(m0010_matching.SCRIPT):
        db.execute(statement)


def split_statements(script: str) -> list[str]:
    """Statements of a script, so that each runs inside the migration's transaction."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]


def upgrade(db: Database, path: Path, backup: Callable[[Path], None]) -> None:
    """Apply what is pending, all in one transaction. `backup(target)` must write a verified copy first.

    Raises StoreTooNewError when the file was written by a newer program, StoreCorruptError when
    foreign keys do not hold afterwards; the file then stays as it was.
    """
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA_VERSION:
        raise StoreTooNewError(found=found, known=SCHEMA_VERSION)
    if found == SCHEMA_VERSION:
        return
    if found:
        target = path.with_name(f"{path.stem}-before-v{SCHEMA_VERSION}-from-v{found}.db")
        backup(target)
        _drop_old_backups(path)
    db.execute("PRAGMA foreign_keys = OFF")
    with db.atomic():  # with the number: a kill between them would next time back up what is changed
        migrations.apply(db)
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise StoreCorruptError(detail=f"foreign keys: {len(broken)}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("PRAGMA foreign_keys = ON")
    log.info("schema %s -> %s", found, SCHEMA_VERSION)


def _drop_old_backups(path: Path) -> None:
    kept = sorted(path.parent.glob(f"{path.stem}-before-v*.db"), key=lambda p: p.stat().st_mtime)
    for old in kept[:-KEPT_BACKUPS]:
        old.unlink()
