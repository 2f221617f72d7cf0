"""The corp as a whole: world, clock, switches and every store the endpoints share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from desktop.sandbox.chance import Chance
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.paging import BadCursor, Pager
from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.world.groups import Groups
from desktop.sandbox.world.people import People, Relation
from desktop.sandbox.world.staff import Staff, hire
from desktop.sandbox.world.tags import Tags


@dataclass(slots=True)
class Settings:
    """Switches the control endpoint can turn."""

    settle_s: float = 2.0  # a new mass send answers 41063 this long
    listing_lag_s: float = 0.0  # a new mass send or moment stays out of the listing this long
    auto_confirm_s: float | None = None  # staff confirm by themselves after this time
    per_day: int = 0  # mass messages per customer, tightened by the admin; 0 = platform's cap only
    per_week: int = 0
    ip_trusted: bool = True
    calls_per_minute: int = 10_000
    calls_per_hour: int = 150_000
    max_in_flight: int = 8  # stored-data reads at once before 45033
    uneven_pages: bool = True
    latency_s: float = 0.0  # every call takes this long
    token_life_s: int = 7200
    visible_staff: int | None = None  # only the first N staff are in the app's range
    customer_contact_allowed: bool = True  # off: 48002
    moment_seconds: float = 3.0  # a moment job runs this long
    transfer_hours: float = 24.0
    kf_calls_without_token_per_minute: int = 60


Shelf = TypeVar("Shelf")


class Corp:
    """One corp with one self-built app (and a second one, for the codes that need two)."""

    def __init__(
        self, seed: int, fans: int, staff: int, groups: int, origin: int, clock: SandboxClock
    ) -> None:
        self.chance = Chance(seed)
        self.clock = clock
        self.origin = origin
        self.settings = Settings()
        self.pager = Pager(self.chance)
        self.tags = Tags(self.chance, origin)
        self.staff: list[Staff] = hire(staff)
        self.people = People(self.chance, origin, fans, self.staff, self.tags.seeded_ids)
        self.groups = Groups(self.chance, self.people, groups)
        self.app = "main"  # the app whose token the present call carries
        self._shelves: dict[type[Any], Any] = {}

    def shelf(self, kind: type[Shelf]) -> Shelf:
        """The one store of this kind, made on first use."""
        if kind not in self._shelves:
            self._shelves[kind] = kind()
        found: Shelf = self._shelves[kind]
        return found

    def now(self) -> int:
        """Sandbox seconds."""
        return self.clock.now()

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
