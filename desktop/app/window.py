"""Start of the window: everything before the first event, in the one order that works."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop.app import lifecycle
from desktop.app.config import AppSettings, SettingsFile
from desktop.app.faults import Faults
from desktop.app.ime import mend_input_method
from desktop.app.logs import logging_to
from desktop.app.shell import Shell
from desktop.app.single_instance import hand_over
from desktop.composition import lock
from desktop.composition.graph import GraphConfig, default_operator
from desktop.domain.errors import AppError, StoreLockedError
from desktop.qtkit import i18n, theme

SMOKE = "FANKEEPER_SMOKE_S"  # seconds after which the window ends by itself, for tests


def open_window(data_dir: Path, *, language: str | None, files: Sequence[Path] = ()) -> int:
    """Show the shop in `data_dir` until the operator closes the window; the process's exit code.

    A second start for the same folder brings the first window forward, hands it `files`, and returns 0.
    """
    data_dir = data_dir.absolute()
    with logging_to(data_dir):
        faults = Faults()
        faults.install()
        try:
            settings = SettingsFile(data_dir)
            mend_input_method()
            app = new_application()
            held: lock.FolderLock | None = None
            try:
                held = lock.take(data_dir, lock.WINDOW)
            except StoreLockedError as error:
                if error.params["what"] == lock.WINDOW and hand_over(data_dir, files):
                    return 0
            except AppError:
                held = None  # told in the window, where it is tried again
            _dress(settings.now, language)
            return _run(app, settings, faults, held, files)
        finally:
            faults.remove()


def _run(
    app: QApplication,
    settings: SettingsFile,
    faults: Faults,
    held: lock.FolderLock | None,
    files: Sequence[Path],
) -> int:
    config = GraphConfig(
        data_dir=settings.path.parent,
        operator=settings.now.operator or default_operator(),
        imports_aside=True,
    )
    seconds = os.environ.get(SMOKE)

    async def main(stop: asyncio.Event) -> int:
        shell = Shell(config, settings, faults, held)
        return await shell.run(stop, files=files, smoke_s=float(seconds) if seconds else None)

    return lifecycle.run(app, main, faults)


def new_application() -> QApplication:
    """Qt's application object; made once, before any widget."""
    QApplication.setApplicationName("Fankeeper")
    QApplication.setDesktopFileName("fankeeper")
    return QApplication(["fankeeper"])


def _dress(settings: AppSettings, language: str | None) -> None:
    """Language and look, before the first widget."""
    chosen = language or ("" if settings.language == "system" else settings.language)
    chosen = chosen or os.environ.get("FANKEEPER_LANG") or ""
    i18n.set_language(chosen if chosen in ("zh_CN", "en") else i18n.system_language())
    theme.install(theme.Theme(settings.theme, settings.text_scale, motion=not settings.reduced_motion))
