"""Garbage is collected between tests, on the thread that runs them.

Python collects wherever it happens to allocate. A thread of a store, or of the test runner, that meets
a cycle with widgets left by an earlier test deletes them away from Qt's own thread: the process dies,
often only at the next turn of the event loop.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """Collect by hand from now on; what is there already stays and is left out."""
    gc.disable()
    gc.collect()
    gc.freeze()


def collect() -> None:
    """What the test before left in circles goes now."""
    gc.disable()
    gc.collect()
    if gc.get_freeze_count() == 0:  # a window that ran here and closed gives back what start-up made
        gc.freeze()
