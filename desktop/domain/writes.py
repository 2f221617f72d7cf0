"""Changes at a platform that the outbox carries: their frozen bytes, the kinds there are, how each is proven.

A kind is '<platform>.<what>'. What its body holds is written at KINDS; ids in it are the platform's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Proof(StrEnum):
    """How an unclear outcome of a kind can be found out."""

    LISTING = "listing"  # the platform lists what it took: compared by looks and time
    STATE = "state"  # the thing can be read back, and the same change twice is the same as once
    KEY = "key"  # the platform refuses a second request that carries our key
    NONE = "none"  # only the operator can tell


class MediaUse(StrEnum):
    """What a picture is uploaded for; the platforms' media ids are not interchangeable."""

    MESSAGE = "message"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is true of every write of one kind.

    `reaches_people`: do-not-disturb, refusals and quiet hours apply. `counts_as_reach`: the monthly quota
    applies. `answers_people`: a reply to somebody who wrote first, so that quiet hours do not apply.
    `goes_through_staff`: what the platform took is a task that staff confirm on their phones.
    """

    name: str
    proof: Proof
    reaches_people: bool = False
    counts_as_reach: bool = False
    answers_people: bool = False
    goes_through_staff: bool = False
    media_use: MediaUse = MediaUse.MESSAGE


MASS_SEND_CUSTOMERS = "wecom.mass_send.single"
MASS_SEND_GROUPS = "wecom.mass_send.group"
MASS_SEND_REMIND = "wecom.mass_send.remind"
MASS_SEND_CANCEL = "wecom.mass_send.cancel"
MOMENT = "wecom.moment"
MOMENT_CANCEL = "wecom.moment.cancel"
TAG_ADD = "wecom.tag.add"
TAG_EDIT = "wecom.tag.edit"
TAG_DELETE = "wecom.tag.delete"
CUSTOMER_TAGS = "wecom.customer.tags"
CUSTOMER_REMARK = "wecom.customer.remark"
CONTACT_WAY_ADD = "wecom.contact_way.add"
CONTACT_WAY_EDIT = "wecom.contact_way.edit"
CONTACT_WAY_DELETE = "wecom.contact_way.delete"
JOIN_WAY_ADD = "wecom.join_way.add"
JOIN_WAY_EDIT = "wecom.join_way.edit"
JOIN_WAY_DELETE = "wecom.join_way.delete"
WELCOME_ADD = "wecom.welcome.add"
WELCOME_EDIT = "wecom.welcome.edit"
WELCOME_DELETE = "wecom.welcome.delete"
KF_MESSAGE = "wecom.kf.message"

_KINDS = (
    # {text, sender}; targets are customers (single) or groups of `sender` (group)
    Kind(
        MASS_SEND_CUSTOMERS,
        Proof.LISTING,
        reaches_people=True,
        counts_as_reach=True,
        goes_through_staff=True,
    ),
    Kind(MASS_SEND_GROUPS, Proof.LISTING, reaches_people=True, goes_through_staff=True),
    # {task}: the mass send's id at the platform. A reminder leaves no trace; cancelling twice is once.
    Kind(MASS_SEND_REMIND, Proof.NONE),
    Kind(MASS_SEND_CANCEL, Proof.STATE),
    # {text, tags: [..]}; targets are the staff who publish it; no `tags` means all their customers
    Kind(MOMENT, Proof.LISTING, reaches_people=True, goes_through_staff=True, media_use=MediaUse.MOMENT),
    Kind(MOMENT_CANCEL, Proof.STATE),  # {moment}
    # {name, group_name, group_id ('' for a new group), position}; the platform keeps one tag of a name a group
    Kind(TAG_ADD, Proof.STATE),
    Kind(TAG_EDIT, Proof.STATE),  # {id, name, position}; id of a tag or of a tag group
    Kind(TAG_DELETE, Proof.STATE),  # {tags: [..], groups: [..]}
    Kind(CUSTOMER_TAGS, Proof.STATE),  # {staff, add: [..], remove: [..]}; one target
    Kind(CUSTOMER_REMARK, Proof.STATE),  # {staff, remark, description, mobiles: [..]}; one target
    # {staff: [..], remark, skip_verify}; `state` at the platform is made of the item's key
    Kind(CONTACT_WAY_ADD, Proof.KEY),
    Kind(CONTACT_WAY_EDIT, Proof.STATE),  # {config_id, staff, remark, skip_verify}
    Kind(CONTACT_WAY_DELETE, Proof.STATE),  # {config_id}
    # {groups: [..], remark, auto_create, base_name, base_id}; join ways cannot be listed
    Kind(JOIN_WAY_ADD, Proof.NONE),
    Kind(JOIN_WAY_EDIT, Proof.STATE),  # {config_id, groups, remark, auto_create, base_name, base_id}
    Kind(JOIN_WAY_DELETE, Proof.STATE),  # {config_id}
    Kind(WELCOME_ADD, Proof.NONE),  # {text}, at most one picture; templates cannot be listed
    Kind(WELCOME_EDIT, Proof.STATE),  # {template_id, text}, at most one picture
    Kind(WELCOME_DELETE, Proof.STATE),  # {template_id}
    Kind(KF_MESSAGE, Proof.KEY, answers_people=True),  # {desk, text}, or one picture; one target
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of frozen bytes, named by the hash of its content."""

    sha256: str
    file_name: str = ""
    kind: str = "image"


@dataclass(frozen=True, slots=True)
class Write:
    """One change, frozen at confirmation.

    `media_ids` are the uploaded pictures in order, filled just before sending and no part of the bytes.
    """

    kind: str
    body: Mapping[str, Any]
    targets: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    media_ids: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words people will read; '' where there are none."""
        return str(self.body.get("text", ""))

    def canonical(self) -> str:
        """The frozen bytes as text: sorted keys, no spaces; what payload_sha256 is taken of."""
        return json.dumps(
            {
                "body": dict(self.body),
                "kind": self.kind,
                "pictures": [
                    {"file_name": p.file_name, "kind": p.kind, "sha256": p.sha256} for p in self.pictures
                ],
                "targets": list(self.targets),
                "version": 2,
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
            allow_nan=False,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform did it. `refused` are targets it left out, `facts` what it told (ids, QR addresses)."""

    platform_id: str = ""
    refused: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def from_payload(payload: str) -> Write:
    """The write that frozen bytes describe; mass sends frozen by earlier versions included."""
    frozen = json.loads(payload)
    named = "attachments" if frozen["version"] == 1 else "pictures"
    pictures = tuple(
        Picture(p["sha256"], p.get("file_name", ""), p.get("kind", "image")) for p in frozen[named]
    )
    if frozen["version"] == 1:
        kind = MASS_SEND_GROUPS if frozen["chat_type"] == "group" else MASS_SEND_CUSTOMERS
        body = {"text": frozen["text"], "sender": frozen["sender"]}
    else:
        kind, body = frozen["kind"], frozen["body"]
    return Write(kind, body, tuple(frozen["targets"]), pictures)


def sha256_text(text: str) -> str:
    """Hash of a text's UTF-8 bytes, as lower-case hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
