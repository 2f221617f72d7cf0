"""What a commit touched, so that screens know what to read again. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Topic(StrEnum):
    """A kind of data that screens can watch."""

    SHOP = "shop"
    FAN = "fan"
    TAG = "tag"
    GROUP = "group"
    ORDER = "order"
    INTERACTION = "interaction"
    TIER = "tier"
    RANKING = "ranking"
    POST = "post"
    DROP = "drop"
    CLAIM = "claim"
    OUTBOX = "outbox"
    ACCOUNT = "account"
    SYNC = "sync"
    IMPORT = "import"
    OPERATION = "operation"
    ENTRY_WAY = "entry_way"
    WELCOME = "welcome"
    CONVERSATION = "conversation"
    MOMENT = "moment"
    STATISTIC = "statistic"
    ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Topics touched by one commit; `ids` maps a topic to local ids, None meaning many.

    `origin` is the object that asked for the write, so that it does not refresh itself twice.
    """

    topics: frozenset[Topic] = frozenset()
    ids: Mapping[Topic, frozenset[int] | None] = field(default_factory=dict)
    origin: object | None = None

    def merged(self, other: ChangeSet) -> ChangeSet:
        """Both changes as one; ids stay only while both sides name them."""
        ids: dict[Topic, frozenset[int] | None] = dict(self.ids)
        for topic, theirs in other.ids.items():
            mine = ids.get(topic, frozenset())
            ids[topic] = None if mine is None or theirs is None else mine | theirs
        origin = self.origin if self.origin is other.origin else None
        return ChangeSet(self.topics | other.topics, ids, origin)
