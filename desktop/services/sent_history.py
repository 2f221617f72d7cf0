"""The history of everything ever sent: look through it, and take it away as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from desktop.domain.clock import local
from desktop.domain.errors import InvalidInputError
from desktop.domain.sent_history import Sent, SentFilter
from desktop.services.table_files import Cell, place_of, write_cells
from desktop.store.database import Store
from desktop.store.rules import zone_of
from desktop.store.sends import sent_history

MOST_EXPORTED = 200_000

# What a file may hold; texts that depend on the language are made by `word(family, value)`.
Word = Callable[[str, str], str]
COLUMNS: Mapping[str, Callable[[Sent, str, Word], Cell]] = {
    "when": lambda sent, zone, word: local(sent.at, zone).strftime("%Y-%m-%d %H:%M:%S"),
    "what": lambda sent, zone, word: word("write_kind", sent.kind),
    "made": lambda sent, zone, word: word("sent_made", "here" if sent.is_ours else "elsewhere"),
    "who": lambda sent, zone, word: sent.who,
    "account": lambda sent, zone, word: sent.account_name,
    "state": lambda sent, zone, word: word("outbox_state", sent.state),
    "title": lambda sent, zone, word: sent.title,
    "text": lambda sent, zone, word: sent.text,
    "recipients": lambda sent, zone, word: _number(sent.recipients),
    "sent": lambda sent, zone, word: _number(sent.sent),
    "failed": lambda sent, zone, word: _number(sent.failed),
    "staff_asked": lambda sent, zone, word: _number(sent.staff_asked),
    "staff_confirmed": lambda sent, zone, word: _number(sent.staff_confirmed),
    "proof": lambda sent, zone, word: word("sent_proof", proof_of(sent)),
    "platform_id": lambda sent, zone, word: sent.platform_id,
    "bytes": lambda sent, zone, word: _number(sent.bytes),
    "sha256": lambda sent, zone, word: sent.sha256,
}


def proof_of(sent: Sent) -> str:
    """What shows that it went out: reply, listing, state, key, operator; 'listed' elsewhere, 'none' yet."""
    if not sent.is_ours:
        return "listed"
    return str((sent.proof or {}).get("by") or "none")


class SentHistoryService:
    """Reads only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def rows(self, wanted: SentFilter, limit: int = 200, offset: int = 0) -> list[Sent]:
        """Everything that left or may have left, newest first."""
        return await self._store.read(lambda conn: sent_history.listed(conn, wanted, limit, offset))

    async def total(self, wanted: SentFilter) -> int:
        """How many rows() has without a limit."""
        return await self._store.read(lambda conn: sent_history.counted(conn, wanted))

    async def kinds(self) -> list[str]:
        """Kinds of writes that ever went out."""
        return await self._store.read(sent_history.kinds)

    async def export(self, target: Path, wanted: SentFilter, headers: Mapping[str, str], word: Word) -> int:
        """Write what passes the filter to an .xlsx or .csv file; how many rows.

        `headers` maps keys of COLUMNS to their titles. Raises InvalidInputError('export_column'),
        StoreReadOnlyError where the folder cannot be written, DiskFullError.
        """
        unknown = [key for key in headers if key not in COLUMNS]
        if unknown:
            raise InvalidInputError("export_column", columns=unknown)
        zone = await self._store.read(zone_of)
        rows = await self.rows(wanted, MOST_EXPORTED)
        table = [[COLUMNS[key](row, zone, word) for key in headers] for row in rows]
        payload = {"file": target.name, "rows": len(rows), "to": place_of(target)}
        await self._store.write(lambda tx: None, kind="sent.export", payload=payload)
        write_cells(target, list(headers.values()), table)
        return len(rows)


def _number(value: int | None) -> Cell:
    return "" if value is None else value
