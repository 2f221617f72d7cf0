"""What an erasure or a purge would do, did, and could not reach. Pure data: nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.domain.handover import md5, sha256


@dataclass(frozen=True, slots=True)
class Needles:
    """Texts by which what is left of people is looked for, by what they are.

    `shared` counts names that others bear too: those tell nothing.
    """

    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    shared: int = 0

    def by_kind(self) -> dict[str, frozenset[str]]:
        """`name`, `phone`, `id`: their texts; `hash`: phones as lists handed over name them."""
        hashes = {hashed(phone) for phone in self.phones if phone.isascii() for hashed in (md5, sha256)}
        return {"name": self.names, "phone": self.phones, "id": self.ids, "hash": frozenset(hashes)}

    def telling(self) -> frozenset[str]:
        """Those that can mean nobody else."""
        return self.phones | self.ids

    def drafted(self) -> frozenset[str]:
        """Those that are taken out of unsent texts: names of three signs and more among them."""
        return self.telling() | {name for name in self.names if len(name) >= 3}


@dataclass(frozen=True, slots=True)
class Trace:
    """Somewhere something of a person was found: a file, or a column of the shop's file with its rows."""

    where: str
    kinds: tuple[str, ...]
    rows: int = 0


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What would go. `rows` by table; `kept_orders` stay with their money and lose the person.

    `waiting` sends would not reach them; `backups` and `exports` are files that name them, `others` lists
    written for the owner that name others too; `proofs` are files of the owner's that a consent points at.
    """

    rows: Mapping[str, int]
    kept_orders: int
    waiting: int
    backups: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What came from one platform: `people` known from nowhere else, `staying` who keep the rest, orders."""

    origin: str
    people: int
    staying: int
    identities: int
    orders: int
    cents: int
    groups: int
    files: int
    waiting: int
    backups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PurgeResult:
    """What went, by table, and which backups; `failed` are files that could not be deleted, with the reason."""

    plan: PurgePlan
    rows: Mapping[str, int]
    deleted: tuple[str, ...]
    left: tuple[str, ...]
    fresh_backup: str
    log_held: bool
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What was done, and what a search through every byte of the folder found afterwards.

    `traces` is where. `searched` files of so many bytes were looked through for
    `needles` texts, `shared` names could not be looked for. `left` are files that are the owner's to
    deal with. `log_held`: the log of the file could not be emptied while somebody reads.
    """

    rows: Mapping[str, int]
    kept_orders: int
    deleted: tuple[str, ...]
    traces: tuple[Trace, ...]
    searched: int
    bytes: int
    needles: int
    shared: int
    left: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    log_held: bool = False
    fresh_backup: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether nothing of them was found."""
        return not self.traces
