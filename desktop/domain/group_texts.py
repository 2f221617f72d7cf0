"""What a fan group was told from here, where its platform takes texts and reads none back."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.outbox import State
from desktop.domain.write_kinds.douyin import GROUP_MESSAGE


@dataclass(frozen=True, slots=True)
class GroupText:
    """Something a group was told from here, or will be. `what` is its write's kind, `text` '' switched it off."""

    uid: str
    group_id: int
    what: str
    text: str
    at: int
    state: State
    platform_id: str
    is_recalled: bool
    is_recalling: bool

    @property
    def can_recall(self) -> bool:
        """A message the platform has, and that nobody is taking back."""
        is_there = self.what == GROUP_MESSAGE and self.state is State.DONE and bool(self.platform_id)
        return is_there and not (self.is_recalled or self.is_recalling)


@dataclass(frozen=True, slots=True)
class GroupTexts:
    """What was told to a group, newest first, and the kinds that the platform does not let the account make."""

    rows: tuple[GroupText, ...]
    refused: frozenset[str]
