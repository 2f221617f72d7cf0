"""What a person said about being reached: for which purpose, through which channel, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from desktop.domain.errors import InvalidInputError

LONGEST_TEXT = 2_000
EVERYWHERE = ""


class Purpose(StrEnum):
    """What for. GUARDIAN is a guardian's word about a child below fourteen years."""

    MARKETING = "marketing"
    PROFILING = "profiling"
    SHARING = "sharing"
    GUARDIAN = "guardian"


class Channel(StrEnum):
    """Through what. EVERYWHERE is every channel that has no word of its own."""

    EVERYWHERE = ""
    MASS_SEND = "mass_send"
    DIRECT_MESSAGE = "direct_message"
    SMS = "sms"
    CALL = "call"
    ADS = "ads"


class Said(StrEnum):
    """Yes or no; who never said anything has no word."""

    AGREED = "agreed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """One word of a person. `at` is when they gave it (UTC ms), `source` where, `wording` what they were shown.

    `proof` tells where it can be seen (a file, a chat, a paper), `proof_sha256` the file's hash.
    """

    purpose: Purpose
    said: Said
    at: int
    channel: Channel = Channel.EVERYWHERE
    source: str = ""
    wording: str = ""
    proof: str = ""
    proof_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ReachChange:
    """What the operator changes at once: a word, channels of the do-not-contact list (True: on it), the age."""

    draft: ConsentDraft | None = None
    shut: Mapping[Channel, bool] = field(default_factory=dict)
    is_under_14: bool | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """One word as it was noted: when here, by what (`origin`), and whether it is the one that counts."""

    uid: str
    draft: ConsentDraft
    origin: str
    noted_at: int
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something queued that would reach the person. `may_go`: nothing they said stands against it."""

    outbox_uid: str
    kind: str
    not_before: int
    may_go: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides about reaching one person. `shut` are the channels of the do-not-contact list."""

    consents: tuple[Consent, ...]
    shut: tuple[str, ...]
    is_under_14: bool
    waiting: tuple[Waiting, ...]


def checked(draft: ConsentDraft, now_ms: int) -> ConsentDraft:
    """The draft with tidy texts.

    Raises InvalidInputError('consent_future') for a word given later than now, ('consent_too_long').
    """
    if draft.at > now_ms:
        raise InvalidInputError("consent_future")
    source, wording, proof = (" ".join(text.split()) for text in (draft.source, draft.wording, draft.proof))
    if max(map(len, (source, wording, proof))) > LONGEST_TEXT:
        raise InvalidInputError("consent_too_long", longest=LONGEST_TEXT)
    return replace(draft, source=source, wording=wording, proof=proof)
