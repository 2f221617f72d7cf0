"""What a write sees: the open transaction, the time, and where to note changes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from sqlite_utils import Database

from desktop.domain.changes import ChangeSet, Topic
from desktop.domain.identity import IdentityKey
from desktop.domain.ids import UID_BYTES, new_uid, new_uids

REWRITE_DUE = "file.rewrite_due"  # a setting: what was deleted may still lie in the file


class Transaction:
    """One open write. Gateways run SQL through `db`, and say with `touch` what they changed.

    `replaced` is what the command overwrote; it is stored with the operation for undo and audit.
    `is_bookkeeping` is set by work that found nothing to change: no operation row is written then.
    `with_tier` are fans who came in with their tier decided, and of whom nothing changed since.
    `turned_away` names people who were told of and did not come in, because they were erased here.
    """

    def __init__(self, db: Database, now_ms: int) -> None:
        self.db = db
        self.now_ms = now_ms
        self.replaced: Mapping[str, Any] | None = None
        self.operation_uid: str | None = None
        self.is_bookkeeping = False
        self.with_tier: set[int] = set()
        self.turned_away: set[IdentityKey] = set()
        self._ids: dict[Topic, set[int] | None] = {}
        self._entropy = b""

    def touch(self, topic: Topic, ids: Iterable[int] | None = None) -> None:
        """Note that rows of a topic changed; ids None means many."""
        known = self._ids.setdefault(topic, set())
        if ids is None or known is None:
            self._ids[topic] = None
        else:
            known.update(ids)  # in place: an import touches many thousand rows one by one

    def ask_rewrite(self) -> None:
        """Nothing that this deletes may stay in the file: `Store.rewrite` is due from now on."""
        self.db.execute(
            "INSERT INTO setting (key, value, updated_at) VALUES (?, 'true', ?) ON CONFLICT DO NOTHING",
            (REWRITE_DUE, self.now_ms),
        )

    def new_uid(self) -> str:
        """A fresh UUIDv7 of this moment."""
        if not self._entropy:  # asked of the system for many at once: a sync needs thousands
            self._entropy = secrets.token_bytes(UID_BYTES * 256)
        taken, self._entropy = self._entropy[:UID_BYTES], self._entropy[UID_BYTES:]
        return new_uid(self.now_ms, taken)

    def new_uids(self, count: int) -> list[str]:
        """So many fresh UUIDv7 of this moment."""
        return new_uids(self.now_ms, count)

    def touched(self, topic: Topic) -> AbstractSet[int] | None:
        """The ids noted of a topic so far; None means many."""
        return self._ids.get(topic, frozenset())

    @property
    def has_touched(self) -> bool:
        """Whether anything was noted yet."""
        return bool(self._ids)

    def changes(self, origin: object | None = None) -> ChangeSet:
        """All that was noted, as one change set."""
        frozen = {topic: None if ids is None else frozenset(ids) for topic, ids in self._ids.items()}
        return ChangeSet(frozenset(frozen), frozen, origin)
