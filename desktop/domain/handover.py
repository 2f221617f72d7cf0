"""Lists of people handed to somebody else (advertising platforms): whom they hold, and in what form.

Forms, as their takers describe them (2026-11): Ocean Engine and Qianchuan take phone numbers as SHA-256 or MD5,
one a line; Tencent Ads takes one id a line, packed as zip; WeChat Pay brand packages take a CSV without
header of MD5 phone numbers, with a description of at least 15 characters and the file's SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop.domain.errors import InvalidInputError

PHONE = re.compile(r"1[3-9][0-9]{9}")
LEAST_PURPOSE = 4
MOST_PURPOSE = 200
PACKED_AT = (2020, 1, 1, 0, 0, 0)  # the same people give the same bytes


class LeftOut(StrEnum):
    """Why somebody is not on the list, the first that applies."""

    SUPPRESSED = "suppressed"
    REFUSED = "refused"
    NOT_AGREED = "not_agreed"
    NO_PHONE = "no_phone"
    SAME_PHONE = "same_phone"


@dataclass(frozen=True, slots=True)
class Person:
    """What decides whether somebody may be handed over. `phone` as the shop keeps it."""

    fan_id: int
    phone: str | None
    marketing: str
    is_suppressed: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """One form a taker wants. `least_purpose`: characters the reason must have."""

    name: str
    suffix: str
    packed: Callable[[Sequence[str]], bytes]
    least_purpose: int = LEAST_PURPOSE


@dataclass(frozen=True, slots=True)
class Handover:
    """One list that left. `at` is UTC ms; `left_out` counts people by reason."""

    uid: str
    segment_name: str
    preset: str
    purpose: str
    file_name: str
    file_sha256: str
    rows: int
    left_out: Mapping[str, int]
    at: int
    operator: str


def valid_phone(phone: str | None) -> str | None:
    """The eleven digits of a mainland mobile number; None for anything else."""
    digits = (phone or "").strip().removeprefix("+86").replace(" ", "").replace("-", "")
    return digits if PHONE.fullmatch(digits) else None


def chosen(people: Iterable[Person]) -> tuple[list[str], dict[str, int]]:
    """(phones that may go, each once and in order; how many are left out by reason)."""
    phones: dict[str, None] = {}
    left: Counter[str] = Counter()
    for person in people:
        phone = valid_phone(person.phone)
        if person.is_suppressed:
            left[LeftOut.SUPPRESSED] += 1
        elif person.marketing == "refused":
            left[LeftOut.REFUSED] += 1
        elif person.marketing != "agreed":
            left[LeftOut.NOT_AGREED] += 1
        elif phone is None:
            left[LeftOut.NO_PHONE] += 1
        elif phone in phones:
            left[LeftOut.SAME_PHONE] += 1
        else:
            phones[phone] = None
    return list(phones), {reason.value: left[reason] for reason in LeftOut if left[reason]}


def md5(phone: str) -> str:
    """Lower-case hex of MD5; what the takers compare by, not a protection."""
    return hashlib.md5(phone.encode("ascii"), usedforsecurity=False).hexdigest()


def sha256(phone: str) -> str:
    """Lower-case hex of SHA-256."""
    return hashlib.sha256(phone.encode("ascii")).hexdigest()


def digest(content: bytes) -> str:
    """Lower-case hex of a file's SHA-256, which WeChat Pay asks for."""
    return hashlib.sha256(content).hexdigest()


def checked_purpose(preset: Preset, purpose: str) -> str:
    """The reason, tidied. Raises InvalidInputError('handover_purpose')."""
    tidy = " ".join(purpose.split())
    if not preset.least_purpose <= len(tidy) <= MOST_PURPOSE:
        raise InvalidInputError("handover_purpose", least=preset.least_purpose, most=MOST_PURPOSE)
    return tidy


def _lines(phones: Sequence[str], hashed: Callable[[str], str]) -> bytes:
    return "".join(f"{hashed(phone)}\n" for phone in phones).encode("ascii")


def _zipped(phones: Sequence[str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo("phones_md5.txt", PACKED_AT), _lines(phones, md5), zipfile.ZIP_DEFLATED
        )
    return held.getvalue()


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("ocean_md5", ".txt", lambda phones: _lines(phones, md5)),
        Preset("ocean_sha256", ".txt", lambda phones: _lines(phones, sha256)),
        Preset("tencent_md5", ".zip", _zipped),
        Preset("wechat_pay", ".csv", lambda phones: _lines(phones, md5), least_purpose=15),
    )
}


def preset_named(name: str) -> Preset:
    """A form by name. Raises InvalidInputError('handover_preset')."""
    if name not in PRESETS:
        raise InvalidInputError("handover_preset", preset=name, known=list(PRESETS))
    return PRESETS[name]
