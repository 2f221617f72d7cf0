"""Pictures of every screen and its inner states: both languages, light and dark, two sizes of laptop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from desktop.app.tour.report import Report
from desktop.app.tour.scenes import Scene, is_settled, open_dialogs
from desktop.qtkit import i18n
from desktop.qtkit.theme import current
from desktop.views.main_window import MainWindow

WAIT_S = 20.0
TURN_S = 0.03
TURNS = 4
VEIL = 70  # of 255: how dark the window lies behind a dialog


@dataclass(frozen=True)
class Round:
    """One look at everything; `inner` says whether the inner states are taken, too."""

    size: QSize
    language: str
    theme: str
    inner: bool = True

    def file(self, what: str) -> str:
        """The picture's file name."""
        return f"{what}-{self.language[:2]}-{self.theme}-{self.size.width()}x{self.size.height()}.png"


SMALL, USUAL = QSize(1366, 768), QSize(1440, 900)
BOTH_LOOKS = (Round(SMALL, "zh_CN", "light"), Round(SMALL, "en", "dark"))
ROUNDS = (  # the looks one after the other: restyling a window of many pages takes seconds
    Round(SMALL, "zh_CN", "light"),
    Round(SMALL, "en", "light", inner=False),
    Round(USUAL, "zh_CN", "light", inner=False),
    Round(USUAL, "en", "dark", inner=False),
    Round(SMALL, "zh_CN", "dark", inner=False),
    Round(SMALL, "en", "dark"),
)


async def take_pictures(
    window: QWidget,
    main: MainWindow,
    keys: Iterable[str],
    report: Report,
    scenes: Sequence[Scene] = (),
    rounds: Sequence[Round] = ROUNDS,
) -> None:
    """Open each page and each state and save what it looks like. Language and theme are put back."""
    keys = list(keys)
    with _dressed():
        for each in rounds:
            _dress(window, each)
            for key in keys:
                main.go(key)
                await _shown(lambda: is_settled(main))
                _save(window, report, each.file(key))
            for scene in scenes if each.inner else ():
                scene.enter(main)
                await _shown(lambda: is_settled(main))
                _save(window, report, each.file(scene.name))
                scene.leave(main)
                await _shown(lambda: not open_dialogs())


async def take_one(window: QWidget, name: str, report: Report, rounds: Sequence[Round]) -> None:
    """What the window shows just now, in several dresses."""
    with _dressed():
        for each in rounds:
            _dress(window, each)
            await _shown(lambda: True)
            _save(window, report, each.file(name))


class _dressed:
    """Puts language and theme back."""

    def __enter__(self) -> None:
        self._before = (i18n.language(), current().choice)

    def __exit__(self, *_error: object) -> None:
        language, choice = self._before
        i18n.set_language(language)
        current().set_choice(choice)


def _dress(window: QWidget, each: Round) -> None:
    window.resize(each.size)
    i18n.set_language(each.language)
    current().set_choice(each.theme)


async def _shown(is_there: Callable[[], bool]) -> None:
    """Wait until what is looked at has read its data and Qt has laid it out."""
    async with asyncio.timeout(WAIT_S):
        await asyncio.sleep(TURN_S)
        while not is_there():
            await asyncio.sleep(TURN_S)
    for _turn in range(TURNS):
        await asyncio.sleep(TURN_S)


def _save(window: QWidget, report: Report, name: str) -> None:
    folder = report.folder / "pictures"
    folder.mkdir(exist_ok=True)
    _with_dialogs(window).save(str(folder / name))
    report.pictures.append(name)


def _with_dialogs(window: QWidget) -> QPixmap:
    """The window, and before it the question that is being asked."""
    picture = window.grab()
    for dialog in open_dialogs():
        painter = QPainter(picture)
        painter.fillRect(picture.rect(), current().color("phone", VEIL))
        painter.drawPixmap(window.rect().center() - dialog.rect().center(), dialog.grab())
        painter.end()
    return picture
