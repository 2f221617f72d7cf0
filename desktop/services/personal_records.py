"""A file with everything the shop keeps about one person, for that person."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.domain.errors import InvalidInputError
from desktop.services.fan_files import moment
from desktop.services.table_files import Sheet, name_it, place_of, write_sheets, written_beside
from desktop.store.database import Store
from desktop.store.fans.personal_record import personal_record
from desktop.store.rules import zone_of

Words = Callable[[str], str]  # the words of a key


class PersonalRecordService:
    """What a person gets who asks what the shop knows of them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def export(self, fan_id: int, target: Path, words: Words) -> dict[str, int]:
        """Write a workbook (.xlsx, a sheet a section) or .json; rows by section. The operation log notes it first.

        Phone numbers stand in full. Raises NotFoundError, InvalidInputError('export_kind') for another file
        ending, StoreReadOnlyError where the folder cannot be written, DiskFullError.
        """
        ending = target.suffix.lower()
        if ending not in (".xlsx", ".json"):
            raise InvalidInputError("export_kind_person", ending=target.suffix)
        record = await self._store.read(lambda conn: personal_record(conn, fan_id))
        zone = await self._store.read(zone_of)
        payload = {"fan_id": fan_id, "file": target.name, "to": place_of(target)}
        await self._store.write(lambda tx: None, kind="fan.export_person", payload=payload)
        shown = {
            section: [{name: _shown(name, value, zone) for name, value in row.items()} for row in rows]
            for section, rows in record.items()
        }
        if ending == ".json":
            text = json.dumps(shown, ensure_ascii=False, indent=2)
            name_it(written_beside(target, text.encode()), target)
        else:
            write_sheets(target, [_sheet(section, rows, words) for section, rows in shown.items()])
        return {section: len(rows) for section, rows in record.items()}


def _shown(name: str, value: Any, zone: str) -> Any:
    if value is None:
        return ""
    if name == "at" or name.endswith("_at"):
        return moment(int(value), zone)
    return value / 100 if name.endswith("_cents") else value


def _sheet(section: str, rows: list[dict[str, Any]], words: Words) -> Sheet:
    headers = (
        [words(f"personal.column.{name}") for name in rows[0]] if rows else [words("personal.nothing")]
    )
    return Sheet(words(f"personal.{section}"), headers, [list(row.values()) for row in rows])
