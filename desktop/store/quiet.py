"""No garbage collection while worker threads run: what it frees may be a widget, which must die at home.

Python collects in whichever thread happens to allocate. A window freed in a worker thread is a crash.
"""

from __future__ import annotations

import gc


class Quiet:
    """Counts the jobs under way. `begin` and `end` are called on the event loop's thread only."""

    def __init__(self) -> None:
        self._jobs = 0
        self._was_enabled = False

    def begin(self) -> None:
        """A job goes to a worker thread."""
        if self._jobs == 0:
            self._was_enabled = gc.isenabled()
            gc.disable()
        self._jobs += 1

    def end(self) -> None:
        """A job came back; after the last one, collect what is young here, then go on as before."""
        self._jobs -= 1
        if self._jobs == 0 and self._was_enabled:
            gc.collect(0)  # or the first thread to allocate would do it
            gc.enable()


quiet = Quiet()
