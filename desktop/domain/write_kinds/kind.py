"""What is true of every write of one kind: how its outcome is proven, whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    ARTICLE = "article"
    COVER = "cover"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is true of every write of one kind.

    `reaches_people`: do-not-disturb, refusals and quiet hours apply. `counts_as_reach`: the monthly quota
    applies. `answers_people`: a reply to somebody who wrote first, so that quiet hours do not apply.
    `goes_through_staff`: what the platform took is a task that staff confirm on their phones.
    `key_lives_ms`: for how long after the first attempt the platform still knows our key; 0 for always.
    """

    name: str
    proof: Proof
    reaches_people: bool = False
    counts_as_reach: bool = False
    answers_people: bool = False
    goes_through_staff: bool = False
    media_use: MediaUse = MediaUse.MESSAGE
    key_lives_ms: int = 0
