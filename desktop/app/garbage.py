"""Cyclic garbage is collected on the window's thread only.

Python collects wherever it happens to allocate. A worker thread that collects a cycle with Qt objects
in it deletes them while Qt uses them, and the process dies.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

from PySide6.QtCore import QTimer

EVERY_MS = 500


def collect_due() -> int | None:
    """Collect the oldest generation whose count is over its threshold; which one, None for none."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return generation
    return None


@contextlib.contextmanager
def collected_here() -> Iterator[None]:
    """While this holds, only the present thread collects, twice a second where it is due."""
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()  # what start-up made stays anyhow; no need to look through it again
    timer = QTimer()
    timer.timeout.connect(collect_due)
    timer.start(EVERY_MS)
    try:
        yield
    finally:
        timer.stop()
        gc.collect()
        gc.unfreeze()
        if was_on:
            gc.enable()
