"""Changes at a platform that the outbox carries: their frozen bytes, the kinds there are, how each is proven.

A kind is '<platform>.<what>'. What its body holds is written where it is defined, in `write_kinds`; ids in it
are the platform's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from desktop.domain.write_kinds import doudian, douyin, wechat, wecom
from desktop.domain.write_kinds.kind import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (*doudian.KINDS, *douyin.KINDS, *wechat.KINDS, *wecom.KINDS)}
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of frozen bytes, named by the hash of its content."""

    sha256: str
    file_name: str = ""
    kind: str = "image"


@dataclass(frozen=True, slots=True)
class Write:
    """One change, frozen at confirmation.

    `media_ids` are the uploaded pictures in order, `prior_id` the platform's id of what the predecessor made:
    both are filled just before sending and no part of the bytes.
    """

    kind: str
    body: Mapping[str, Any]
    targets: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    media_ids: tuple[str, ...] = ()
    prior_id: str = ""

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
        is_group = frozen["chat_type"] == "group"
        kind = wecom.MASS_SEND_GROUPS if is_group else wecom.MASS_SEND_CUSTOMERS
        body = {"text": frozen["text"], "sender": frozen["sender"]}
    else:
        kind, body = frozen["kind"], frozen["body"]
    return Write(kind, body, tuple(frozen["targets"]), pictures)


def sha256_text(text: str) -> str:
    """Hash of a text's UTF-8 bytes, as lower-case hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
