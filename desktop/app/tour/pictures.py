"""Pictures of every screen: both languages, light and dark, on a small and a usual laptop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from desktop.app.tour.report import Report
from desktop.qtkit import i18n
from desktop.qtkit.theme import current
from desktop.views.main_window import MainWindow

SIZES = (QSize(1366, 768), QSize(1440, 900))
LANGUAGES = ("zh_CN", "en")
THEMES = ("light", "dark")
WAIT_S = 20.0
TURN_S = 0.05


async def take_pictures(window: QWidget, main: MainWindow, keys: Iterable[str], report: Report) -> None:
    """Open each page and save what it looks like. Language and theme are put back afterwards."""
    folder = report.folder / "pictures"
    folder.mkdir(exist_ok=True)
    before = (i18n.language(), current().choice)
    keys = list(keys)
    for size in SIZES:
        window.resize(size)
        for language in LANGUAGES:
            i18n.set_language(language)
            for theme in THEMES:
                current().set_choice(theme)
                for key in keys:
                    main.go(key)
                    await shown(main)
                    name = f"{key}-{language[:2]}-{theme}-{size.width()}x{size.height()}.png"
                    window.grab().save(str(folder / name))
                    report.pictures.append(name)
    i18n.set_language(before[0])
    current().set_choice(before[1])


async def shown(main: MainWindow) -> None:
    """Wait until the open page has read its data and Qt has laid it out."""
    async with asyncio.timeout(WAIT_S):
        while main.page is not None and not main.page.is_loaded:
            await asyncio.sleep(TURN_S)
    for _turn in range(4):
        await asyncio.sleep(TURN_S)
