"""What people said about being reached: note it, show it, and what is queued for them all the same."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

from desktop.domain.clock import Clock
from desktop.domain.consents import Channel, ConsentDraft, Purpose, ReachChange, Said, Standing, checked
from desktop.domain.errors import InvalidInputError
from desktop.store.consents import consents
from desktop.store.database import Store
from desktop.store.transaction import Transaction

__all__ = ["Channel", "ConsentDraft", "ConsentService", "Purpose", "ReachChange", "Said", "Standing"]


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

    async def change(self, fan_id: int, wanted: ReachChange, proof_file: Path | None = None) -> Standing:
        """Do all that is wanted (undoable); how the fan stands now, with what is queued for them.

        `proof_file` stays where it is: its path and hash are kept with the word, so that it can be shown
        unchanged. Raises InvalidInputError('consent_future' / 'consent_too_long' / 'consent_proof').
        """
        draft = wanted.draft
        if draft is not None and proof_file is not None:
            try:
                content = await asyncio.to_thread(proof_file.read_bytes)
            except OSError as error:
                raise InvalidInputError("consent_proof", path=str(proof_file)) from error
            digest = hashlib.sha256(content).hexdigest()
            draft = replace(draft, proof=draft.proof or str(proof_file), proof_sha256=digest)
        if draft is not None:
            wanted = replace(wanted, draft=checked(draft, self._clock.now_ms()))

        def work(tx: Transaction) -> Standing:
            consents.change(tx, fan_id, wanted)
            return consents.standing(tx.db, fan_id)

        return await self._store.write(work, kind="fan.reach", payload=_said(fan_id, wanted))


def _said(fan_id: int, wanted: ReachChange) -> dict[str, object]:
    """What was wanted, for the log: never the texts."""
    draft = wanted.draft
    word = None if draft is None else [draft.purpose.value, draft.channel.value, draft.said.value]
    shut = {channel.value: is_shut for channel, is_shut in wanted.shut.items()}
    return {"fan_id": fan_id, "word": word, "shut": shut, "under_14": wanted.is_under_14}
