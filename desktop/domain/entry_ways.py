"""Ways in: codes through which people come to a staff member (contact) or into groups (join). Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from desktop.domain.errors import InvalidInputError

CONTACT, JOIN = "contact", "join"
KINDS = (CONTACT, JOIN)
READ_AGAIN_MS = 86_400_000  # how long what was read about a contact way stands, unless it is changed here
LONGEST_NAME = 30  # characters; the platform's own remark of a way
MOST_STAFF = 100
MOST_GROUPS = 5
LONGEST_BASE_NAME = 40
LONGEST_BASE_NUMBER = 99_999
SCANNED_HOSTS = ("work.weixin.qq.com", "weixin.qq.com", "u.wechat.com")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class EntryWayDraft:
    """What the operator decides about a way in. `staff` and `groups` are the platform's ids.

    A contact way uses name, staff and skip_verify (people are added without being asked); a join way
    uses name, groups and what happens when they are full: with `auto_create` the platform opens another
    group named `base_name` and a number counted from `base_id`.
    """

    kind: str
    name: str
    staff: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    skip_verify: bool = True
    auto_create: bool = True
    base_name: str = ""
    base_id: int = 1


def checked(draft: EntryWayDraft) -> EntryWayDraft:
    """The draft, tidied. Raises InvalidInputError: way_kind, way_name, way_staff, way_groups, way_base."""
    if draft.kind not in KINDS:
        raise InvalidInputError("way_kind", kind=draft.kind)
    name = " ".join(draft.name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInputError("way_name", longest=LONGEST_NAME)
    staff, groups = tuple(dict.fromkeys(draft.staff)), tuple(dict.fromkeys(draft.groups))
    if draft.kind == CONTACT:
        if not 1 <= len(staff) <= MOST_STAFF:
            raise InvalidInputError("way_staff", most=MOST_STAFF)
        return EntryWayDraft(CONTACT, name, staff=staff, skip_verify=draft.skip_verify)
    if not 1 <= len(groups) <= MOST_GROUPS:
        raise InvalidInputError("way_groups", most=MOST_GROUPS)
    base_name = " ".join(draft.base_name.split())
    if len(base_name) > LONGEST_BASE_NAME or not 0 <= draft.base_id <= LONGEST_BASE_NUMBER:
        raise InvalidInputError("way_base", longest=LONGEST_BASE_NAME)
    return EntryWayDraft(
        JOIN,
        name,
        groups=groups,
        auto_create=draft.auto_create,
        base_name=base_name if draft.auto_create else "",
        base_id=draft.base_id if draft.auto_create else 1,
    )


def body_of(draft: EntryWayDraft, config_id: str = "") -> dict[str, Any]:
    """The body of an adding or changing write, as KINDS describes it."""
    body: dict[str, Any] = {"config_id": config_id} if config_id else {}
    body["remark"] = draft.name
    if draft.kind == CONTACT:
        return body | {"staff": list(draft.staff), "skip_verify": draft.skip_verify}
    return body | {
        "groups": list(draft.groups),
        "auto_create": draft.auto_create,
        "base_name": draft.base_name,
        "base_id": draft.base_id,
    }


def draft_of(kind: str, body: Mapping[str, Any]) -> EntryWayDraft:
    """What a body says, as a draft."""
    return EntryWayDraft(
        kind,
        str(body.get("remark", "")),
        staff=tuple(body.get("staff", ())),
        groups=tuple(body.get("groups", ())),
        skip_verify=bool(body.get("skip_verify", True)),
        auto_create=bool(body.get("auto_create", True)),
        base_name=str(body.get("base_name", "")),
        base_id=int(body.get("base_id", 1)),
    )


def state_of(key: str) -> str:
    """The mark that people carry who came this way, made of an item's key (a uuid): at most 27 characters."""
    number = int(key.replace("-", ""), 16)
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return "fk" + (digits or "0")


def is_scannable(address: str) -> bool:
    """Whether an address may be drawn as a code: a phone that scans it lands in the chat app itself.

    WeCom mostly answers with the address of its own picture of the code instead; drawn as a code it
    would lead to a picture, not to the staff member.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and (parts.hostname or "") in SCANNED_HOSTS
