"""One person seen as several fans: what may be one, what was made one, and parting them again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.fans import FanRow
from desktop.domain.matching.clues import SUGGESTED, Candidate
from desktop.domain.tasks import CancelToken, Progress, no_progress
from desktop.store.database import Store
from desktop.store.fans import fans
from desktop.store.matching import candidates, merges, refusals
from desktop.store.matching.merges import Merge
from desktop.store.transaction import Transaction

__all__ = ["MatchingService", "Merge", "Suggestion"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair that may be one person. `kept` is who would stand for both: more orders, then known for longer."""

    candidate: Candidate
    kept: FanRow
    other: FanRow


class MatchingService:
    """Nothing is merged without being asked for; every merge can be undone at any later time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def suggest(
        self,
        *,
        least: float = SUGGESTED,
        limit: int = 200,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
    ) -> tuple[list[Suggestion], int]:
        """(the most probable pairs, how many reach `least` altogether), without those the owner refused.

        `progress` is called on the reading thread. Raises CancelledByOperatorError.
        """
        stop = cancel or CancelToken()

        def work(conn: Any) -> tuple[list[Suggestion], int]:
            found = [one for one in candidates.find(conn, progress, stop) if one.probability >= least]
            shown = found[:limit]
            ids = {fan_id for one in shown for fan_id in (one.fan_id, one.other_id)}
            rows = {row.fan_id: row for row in fans.rows(conn, sorted(ids))}
            return [_suggestion(one, rows[one.fan_id], rows[one.other_id]) for one in shown], len(found)

        return await self._store.read(work)

    async def between(self, fan_id: int, other_id: int) -> Candidate | None:
        """What is known of one pair, however little; None where nothing is."""
        pair = (min(fan_id, other_id), max(fan_id, other_id))

        def work(conn: Any) -> Candidate | None:
            found = candidates.find(conn, no_progress, CancelToken())
            return next((one for one in found if (one.fan_id, one.other_id) == pair), None)

        return await self._store.read(work)

    async def merge(self, kept_id: int, other_id: int, proof: Sequence[tuple[str, str]] = ()) -> str:
        """Make one person of two (undoable); the merge's uid.

        Raises NotFoundError('fan_missing'), ConflictError('match_same').
        """

        def work(tx: Transaction) -> str:
            return merges.merge(tx, kept_id, other_id, proof, self._store.operator)

        return await self._store.write(
            work, kind="fan.merge", payload={"kept": kept_id, "merged": other_id}
        )

    async def part(self, uid: str) -> Merge:
        """Undo a merge; everything stands as if it had not been, with what came in since.

        Raises NotFoundError('match_missing'), ConflictError('match_undone').
        """
        return await self._store.write(
            lambda tx: merges.part(tx, uid), kind="fan.part", payload={"merge": uid}
        )

    async def refuse(self, fan_id: int, other_id: int, marks: Collection[str] = ()) -> None:
        """Say that they are two (undoable); the pair comes again with a new proof only.

        Raises NotFoundError('fan_missing').
        """

        def work(tx: Transaction) -> None:
            refusals.note(tx, fan_id, other_id, marks)

        payload = {"fan_id": fan_id, "other_id": other_id}
        await self._store.write(work, kind="fan.not_same", payload=payload)

    async def merges(self, fan_id: int | None = None) -> list[Merge]:
        """Merges that hold, newest first; with a fan those within that person."""
        return await self._store.read(lambda conn: merges.merges(conn, fan_id))


def _suggestion(candidate: Candidate, one: FanRow, other: FanRow) -> Suggestion:
    kept, shadow = sorted((one, other), key=lambda row: (-row.orders, row.first_seen_at, row.fan_id))
    return Suggestion(candidate, kept, shadow)
