"""What people said about being reached: note it, show it, and what is queued for them all the same."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

from desktop.domain.clock import Clock
from desktop.domain.consents import Channel, ConsentDraft, Purpose, Said, Standing, checked
from desktop.domain.errors import InvalidInputError
from desktop.store import consents, fan_edits
from desktop.store.database import Store
from desktop.store.transaction import Transaction

__all__ = ["Channel", "ConsentDraft", "ConsentService", "Purpose", "Said", "Standing"]


class ConsentService:
    """Every command is one operation and can be undone. Ids of fans that are gone raise NotFoundError."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def now_ms(self) -> int:
        """The moment a word is noted at when no other is told."""
        return self._clock.now_ms()

    async def standing(self, fan_id: int) -> Standing:
        """All that decides about reaching a fan."""
        return await self._store.read(lambda conn: consents.standing(conn, fan_id))

    async def note(self, fan_id: int, draft: ConsentDraft, proof_file: Path | None = None) -> Standing:
        """Keep a word of a fan; how they stand now, with what is queued for them.

        `proof_file` stays where it is: its path and hash are kept, so that it can be shown unchanged.
        Raises InvalidInputError('consent_future' / 'consent_too_long' / 'consent_proof').
        """
        if proof_file is not None:
            try:
                content = await asyncio.to_thread(proof_file.read_bytes)
            except OSError as error:
                raise InvalidInputError("consent_proof", path=str(proof_file)) from error
            digest = hashlib.sha256(content).hexdigest()
            draft = replace(draft, proof=draft.proof or str(proof_file), proof_sha256=digest)
        draft = checked(draft, self._clock.now_ms())

        def work(tx: Transaction) -> Standing:
            live = fan_edits.live_ids(tx.db, [fan_id])
            tx.replaced = {"added": consents.note(tx, live, draft)}
            return consents.standing(tx.db, fan_id)

        payload = {
            "fan_id": fan_id,
            "purpose": draft.purpose.value,
            "channel": draft.channel.value,
            "said": draft.said.value,
        }
        return await self._store.write(work, kind="fan.consent", payload=payload)

    async def set_under_14(self, fan_id: int, is_under: bool) -> None:
        """Mark a fan as a child below fourteen years, or not."""
        await self._store.write(
            lambda tx: consents.set_under_14(tx, fan_id, is_under),
            kind="fan.under_14",
            payload={"fan_id": fan_id, "under_14": is_under},
        )
