"""What a row of a file means once it is read: orders, people, interactions, claims, and refusals.

None and '' mean that the file does not say; they never overwrite what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from desktop.domain.identity import IdentityKey

MODES = ("add", "update", "fill")
ERASED = "erased"  # why a row, or the person in it, is left out
CARD = (
    "level",
    "paid_level",
    "points",
    "growth",
    "balance_cents",
    "member_since",
    "valid_until",
    "birthday",
)
OF_NOBODY = frozenset({"is_joined", "total_quantity", "goods_unsplit", "unknown_words"})  # of `extra`


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One kind of goods in an order. Money in cents."""

    line_no: str
    item: str = ""
    spec: str = ""
    item_code: str = ""
    quantity: int | None = None
    paid_cents: int | None = None
    refund_cents: int = 0
    status_text: str = ""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order as a file tells it. Money in cents, times in UTC milliseconds.

    `buyer` is None where nothing in the file names the buyer (masked or cipher recipients).
    `is_partial`: the file may hold only some of the order's lines; sums follow the lines.
    """

    platform: str
    scope: str
    order_no: str
    paid_cents: int
    buyer: IdentityKey | None = None
    buyer_name: str = ""
    buyer_phone: str | None = None
    status: str = "unknown"
    status_text: str = ""
    refund_status: str | None = None
    refund_cents: int | None = None
    created_at: int | None = None
    paid_at: int | None = None
    finished_at: int | None = None
    receiver: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    lines: tuple[OrderLine, ...] = ()
    is_partial: bool = False
    rows: tuple[int, ...] = ()
    sheet: str = ""


def order_of_nobody(record: OrderRecord) -> OrderRecord:
    """The goods and the money of an order, without anything about a person."""
    extra = {name: value for name, value in record.extra.items() if name in OF_NOBODY}
    return replace(record, buyer=None, buyer_name="", buyer_phone=None, receiver={}, extra=extra)


class Added(NamedTuple):
    """Who added a customer (account of the staff member), when (UTC ms) and under which name.

    Customer lists of the console carry no id of the customer; this is what names one row of them.
    """

    staff: str
    at: int
    name: str


@dataclass(frozen=True, slots=True)
class FanRecord:
    """One person as a file tells them; `consent` is agreed, refused or ''.

    `seen_at` is when they were first met, where they follow nobody (a lead); `channel` how they came. `added`
    is told of customers whom nothing else names. `card` is what a membership says, by the names of `CARD`.
    """

    key: IdentityKey
    name: str = ""
    phone: str | None = None
    followed_at: int | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    consent: str = ""
    seen_at: int | None = None
    channel: str = ""
    added: Added | None = None
    card: Mapping[str, str | int] = field(default_factory=dict)
    row: int = 0
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class InteractionRecord:
    """One touch of a fan; `event_key` is the same whenever the same touch is read again.

    `key` is None where only `name` tells who spoke, in the fan group of that name or id.
    """

    key: IdentityKey | None
    kind: str
    at: int
    event_key: str
    name: str = ""
    quantity: int = 1
    domain: str = "private"
    channel: str = ""
    note: str = ""
    referred: IdentityKey | None = None
    group: str = ""
    row: int = 0
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """One claim of a welfare drop, which `drop` names by uid or by item."""

    drop: str
    claimed_at: int
    event_key: str
    fan_id: str = ""
    scope: str = ""
    phone: str | None = None
    name: str = ""
    quantity: int = 1
    is_redeemed: bool | None = None
    code: str = ""
    row: int = 0
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One member of the fan group that `group` names by id or by name. Times in UTC milliseconds.

    `key` is None where nothing but the name tells who it is; `external_id` names them within the group.
    """

    group: str
    external_id: str
    key: IdentityKey | None = None
    name: str = ""
    nickname: str = ""
    joined_at: int | None = None
    left_at: int | None = None
    row: int = 0
    sheet: str = ""


Record = OrderRecord | FanRecord | InteractionRecord | ClaimRecord | MemberRecord


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is not brought in, and why: `code` has the text `import_reason.<code>`.

    `row` is the line of the sheet as a spreadsheet numbers it, header included.
    """

    row: int
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    sheet: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Everything one reading of a file gave.

    `rows` are data rows met; `repeated` are rows equal to an earlier row of the same file; `notes`
    counts what was set aside or left open, by code (total rows, unknown status words ...).
    """

    records: tuple[Record, ...]
    rejections: tuple[Rejection, ...]
    rows: int
    repeated: int
    notes: Mapping[str, int]
    unknown_words: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value of a known record before and after."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Verdict:
    """What bringing in one record does: new, changed, same, kept (known otherwise and left alone) or rejected.

    `changes` are what it changes; of a kept one what the file says and is not taken, where that is known.
    `code` is why a record is rejected; ERASED with another kind: it comes in without its person.
    """

    kind: str
    changes: tuple[FieldChange, ...] = ()
    code: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import as it was done. Times in UTC milliseconds; `undone_at` None while it stands."""

    id: int
    uid: str
    file_name: str
    source: str
    mode: str
    at: int
    exported_at: int | None
    counts: Mapping[str, int]
    undone_at: int | None
    headers: tuple[str, ...] = ()
