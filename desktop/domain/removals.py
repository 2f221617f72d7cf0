"""When so many rows are missing at the platform that a person should look before they go here too."""

from __future__ import annotations

FREELY = 50
FREE_SHARE = 0.05


def needs_consent(missing: int, known: int) -> bool:
    """Whether removing `missing` of `known` rows has to be agreed to: over 50, or over 5 %.

    One missing row never asks: in a small shop it is over 5 % by itself.
    """
    return missing > 1 and (missing > FREELY or missing > known * FREE_SHARE)
