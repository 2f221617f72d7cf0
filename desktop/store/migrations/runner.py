"""Bring a shop's file to this version's schema: guard, backup, one transaction, checks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
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
    m0011_sums,
)

log = logging.getLogger(__name__)

KEPT_BACKUPS = 5


def split_statements(script: str) -> list[str]:
    """Statements of a script, so that each runs inside the migration's transaction."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]


def _step(statements: Sequence[str]) -> Callable[[Database], None]:
    def take(db: Database) -> None:
        for statement in statements:
            db.execute(statement)

    return take


# The names stand in every shop's file: a step that was released keeps its name, and what it does.
STEPS = (
    ("m0001_initial_schema", split_statements(m0001_initial.SCRIPT)),
    ("m0002_whole_exchange", split_statements(m0002_exchange.SCRIPT)),
    ("m0003_official_account_step", split_statements(m0003_official_account.SCRIPT)),
    ("m0004_douyin_step", split_statements(m0004_douyin.SCRIPT)),
    ("m0005_directory_step", m0005_directory.STATEMENTS),
    ("m0006_audiences_step", split_statements(m0006_audiences.SCRIPT)),
    ("m0007_people_step", split_statements(m0007_people.SCRIPT)),
    ("m0008_group_pictures_step", split_statements(m0008_group_pictures.SCRIPT)),
    ("m0009_erasures_step", split_statements(m0009_erasures.SCRIPT)),
    ("m0010_matching_step", split_statements(m0010_matching.SCRIPT)),
    ("m0011_sums_step", split_statements(m0011_sums.SCRIPT)),
)
SCHEMA_VERSION = len(STEPS)

migrations = Migrations("desktop")
for _name, _statements in STEPS:
    migrations(name=_name)(_step(_statements))


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
