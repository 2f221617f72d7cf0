"""Who wants to know each row a gateway added or changed, with what stood there before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Effects(Protocol):
    """Receives effects in the order they happen; an import keeps them to be able to undo itself."""

    def added(self, entity: str, entity_id: int) -> None:
        """A row of table `entity` was inserted."""
        ...

    def changed(
        self, entity: str, entity_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """A row of table `entity` was changed: the row as it was and as it is."""
        ...


class NoEffects:
    """For those who do not need to take anything back."""

    def added(self, entity: str, entity_id: int) -> None:
        """Ignore it."""

    def changed(
        self, entity: str, entity_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """Ignore it."""


NO_EFFECTS = NoEffects()
