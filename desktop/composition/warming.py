"""What the start put off (ADR 0037) is made ready while nobody waits for it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence

from desktop import late
from desktop.domain.clock import Clock
from desktop.platforms.first_use import http_loaded

BELOW_THE_WINDOW = ("domain", "store", "files", "platforms", "services", "sync")
AFTER_S = 2.0  # the first page is there by then
PAUSE_S = 0.02  # for whatever the operator does meanwhile


async def make_ready(clock: Clock, above: Sequence[str]) -> None:
    """Run the modules that did not run yet, one at a time: each layer, then those named by `above`.

    From the bottom up each module finds what it needs, so that none takes long. Nothing is done where
    modules are not put off.
    """
    if not late.is_installed():
        return
    await clock.sleep(AFTER_S)
    await http_loaded()
    for name in _modules([*BELOW_THE_WINDOW, *above]):
        if late.is_waiting(name):
            late.load(name)
            await clock.sleep(PAUSE_S)


def _modules(layers: Sequence[str]) -> Iterator[str]:
    for layer in layers:
        package = importlib.import_module(f"desktop.{layer}")
        for found in pkgutil.walk_packages(package.__path__, f"desktop.{layer}."):
            yield found.name
