"""Phones and recipients as files show them: plain, masked, cipher, virtual. Only plain ones are names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from desktop.files.cells import text_of

_PLAIN = re.compile(r"^1[3-9]\d{9}$")
_BARE = re.compile(r"^1[3-9]\d{9}\Z", re.ASCII)
_VIRTUAL = re.compile(r"^(1[3-9]\d{9})[-转,#*]+(\d{1,6})$")
_BASE64 = re.compile(r"^[A-Za-z0-9+/_-]{24,}={0,2}$")


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone cell: `kind` is plain, masked, cipher, virtual, other or ''; `phone` only when plain."""

    raw: str
    kind: str
    phone: str | None = None


NO_CONTACT = Contact("", "")


def contact_of(cell: str) -> Contact:
    """What a phone cell holds. Anything but eleven plain digits is kept as written and names nobody."""
    if _BARE.match(cell):
        return Contact(str(cell), "plain", str(cell))
    raw = text_of(cell)
    if not raw:
        return NO_CONTACT
    kind = hidden_kind(raw)
    if kind == "cipher":
        return Contact(raw, kind)
    text = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", raw))
    text = re.sub(r"^(?:\+|00)?86-?(?=1[3-9])", "", text)
    text = text[:-2] if re.match(r"^1\d{10}\.0$", text) else text
    if _VIRTUAL.match(text):
        return Contact(raw, "virtual")
    if kind:
        return Contact(raw, kind)
    digits = re.sub(r"^(1\d{2})-?(\d{4})-?(\d{4})$", r"\1\2\3", text)
    if _PLAIN.match(digits):
        return Contact(raw, "plain", digits)
    return Contact(raw, "other")


def hidden_kind(text: str) -> str:
    """`cipher` or `masked` for a text that hides what it stands for, '' for one that does not."""
    if text.startswith(("##", "$$")) or (len(text) >= 24 and _BASE64.match(text) and not text.isalpha()):
        return "cipher"
    return "masked" if "*" in text or "＊" in text else ""


def receiver_of(name: str, phone: Contact, address: str) -> dict[str, str]:
    """The recipient as kept with an order: raw texts with the kind of each that is hidden."""
    parts: dict[str, str] = {}
    for key, text in (("name", name), ("address", address)):
        if text:
            parts[key] = text
            if hidden_kind(text):
                parts[f"{key}_kind"] = hidden_kind(text)
    if phone.raw:
        parts["phone"] = phone.phone or phone.raw
        parts["phone_kind"] = phone.kind
    return parts


def shown_name(nickname: str, receiver: str) -> str:
    """The name to call a buyer: their nickname, else the receiver's name if it is not hidden."""
    if nickname:
        return nickname
    return "" if hidden_kind(receiver) else receiver
