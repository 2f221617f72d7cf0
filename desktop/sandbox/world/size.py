"""How large the imitated shop is, and from which seed it grows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorldSize:
    """What `python -m desktop.sandbox` was asked for."""

    seed: int = 1
    fans: int = 200
    staff: int = 4
    groups: int = 8
    origin: int = 0  # seconds; all seeded times lie before it
