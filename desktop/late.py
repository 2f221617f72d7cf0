"""Modules that run when something of them is first used, not when an import statement names them.

`install()` once, before anything else of the program is imported. From then on a statement that names
a module of ours (`from desktop.views import talks_page`) gives one that has not run yet: its
first attribute runs it. A statement that takes a name out of a module (`from desktop.domain.shop
import Shop`) needs the name, and runs it at once, as ever. Without `install()` everything is the
same, only earlier. Why, and what it brings: ADR 0037.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

OURS = "desktop"
_KNOWN_BEFORE = frozenset(
    {"__class__", "__file__", "__loader__", "__name__", "__package__", "__path__", "__spec__"}
)


class _Late(ModuleType):
    """A module that has not run. Any thread may be the first to use it; others wait meanwhile."""

    def __getattribute__(self, name: str) -> Any:
        if name not in _KNOWN_BEFORE:
            object.__getattribute__(self, "__spec__").loader.run(self)
        return object.__getattribute__(self, name)

    def __delattr__(self, name: str) -> None:
        object.__getattribute__(self, "__spec__").loader.run(self)
        object.__delattr__(self, name)


def _waits(module: ModuleType) -> bool:
    return type(module) is _Late


class _LateLoader(Loader):
    """Puts off what the module's own loader does."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._lock = threading.RLock()
        self._is_running = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the module's own loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing yet."""
        module.__class__ = _Late

    def run(self, module: ModuleType) -> None:
        """Run the module unless it ran. One that failed is tried again at the next use."""
        with self._lock:
            if self._is_running or not _waits(module):  # used by its own statements, or meanwhile
                return
            self._is_running = True
            try:
                self._loader.exec_module(module)
                module.__class__ = ModuleType
            finally:
                self._is_running = False

    def __getattr__(self, name: str) -> Any:
        """What else a loader can do, such as giving the source for a traceback."""
        return getattr(self._loader, name)


class _Finder(MetaPathFinder):
    """Finds what the usual finder finds, and puts it off where that is wanted."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The late form of a module of ours; None for the rest."""
        if fullname.partition(".")[0] != OURS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _LateLoader(spec.loader)
        return spec


def install() -> None:
    """From now on, for this process."""
    if not is_installed():
        sys.meta_path.insert(0, _Finder())


def is_installed() -> bool:
    """Whether this process puts modules off."""
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


def load_qt() -> None:
    """Load Qt without what PySide does to import statements.

    PySide's own reads the source of each module imported after it, in search of `__feature__`, and so
    runs it. Features are not used here.
    """
    python = builtins.__import__
    importlib.import_module("PySide6.QtCore")
    builtins.__import__ = python


def is_waiting(name: str) -> bool:
    """Whether this module did not run yet."""
    module = sys.modules.get(name)
    return module is None or _waits(module)


def load(name: str) -> None:
    """Run this module now, unless it ran. Raises ImportError."""
    vars(importlib.import_module(name))
