"""The corp as a whole: world, clock, switches and every store the endpoints share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.imitation import Imitation
from desktop.sandbox.paging import BadCursor, Pager
from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.settings import Settings
from desktop.sandbox.world.groups import Groups
from desktop.sandbox.world.people import People, Relation
from desktop.sandbox.world.size import WorldSize
from desktop.sandbox.world.staff import Staff, hire
from desktop.sandbox.world.tags import Tags


class Corp(Imitation):
    """One corp with one self-built app (and a second one, for the codes that need two)."""

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        super().__init__(size, clock)
        self.settings = Settings()
        self.pager = Pager(self.chance)
        self.tags = Tags(self.chance, size.origin)
        self.staff: list[Staff] = hire(size.staff)
        self.people = People(
            self.chance,
            size.origin,
            size.fans,
            self.staff,
            self.tags.seeded_ids,
            list(self.tags.rule_names),
        )
        self.groups = Groups(self.chance, self.people, size.groups)
        self.app = "main"  # the app whose token the present call carries

    def listed_time(self, at: int) -> int | str:
        """A creation time as the two listings show it: a number, or digits in a text."""
        return str(at) if self.settings.times_as_text else at

    def visible_staff(self) -> list[Staff]:
        """Staff inside the app's visible range that still work here."""
        rows = (
            self.staff if self.settings.visible_staff is None else self.staff[: self.settings.visible_staff]
        )
        return [person for person in rows if not person.resigned]

    def member(self, userid: str, unknown: int = 60111) -> Staff:
        """Staff by userid, compared without case; outside the visible range 60011."""
        person = next((row for row in self.staff if row.userid.lower() == userid.lower()), None)
        if person is None:
            raise Refusal(unknown)
        if (
            self.settings.visible_staff is not None
            and person not in self.staff[: self.settings.visible_staff]
        ):
            raise Refusal(60011)
        return person

    def customer(self, external_userid: str) -> int:
        """The number of a customer; 40096 when this corp never gave out the id."""
        index = self.people.index_of(external_userid.strip())
        if index is None:
            raise Refusal(40096)
        return index

    def relation(self, userid: str, external_userid: str) -> tuple[int, Relation]:
        """A live relation; 84061 when the staff deleted the customer or never had it."""
        person = self.member(userid)
        index = self.customer(external_userid)
        relation = self.people.live(index, person.userid)
        if relation is None:
            raise Refusal(84061)
        return index, relation

    def page(self, listing: str, rows: Sequence[Any], args: Arguments, limit: int) -> tuple[list[Any], str]:
        """One page of a listing at hand; a foreign cursor is 40058."""
        try:
            return self.pager.page(listing, rows, args.optional_text("cursor"), limit)
        except BadCursor:
            raise Refusal(40058) from None


Handler = Callable[[Corp, Arguments], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of the platform; `empty` are the fields that error bodies keep."""

    path: str
    handler: Handler
    verb: str = "POST"
    empty: dict[str, Any] = field(default_factory=dict)
    write: bool = False
    heavy: bool = False  # a stored-data read that answers 45033 under concurrency
