"""A question before what cannot be undone: what goes, a word to type; then how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QProgressBar, QVBoxLayout, QWidget

from desktop.domain.errors import AppError
from desktop.domain.tasks import Progress
from desktop.qtkit import plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import PlainLabel

Work = Callable[["Kept", Progress], Awaitable[Sequence[str]]]
TYPABLE = 20  # longer names, and those with signs, are not asked for


@dataclass(frozen=True)
class Kept:
    """Which files that hold what goes the owner keeps."""

    backups: bool
    lists: bool


class ForGoodDialog(MessageDialog):
    """Asks, then works with `work(what is kept, progress)`, then shows the lines it gives.

    `name` is what is to be typed, where a person can type it; of so many `backups` and `lists` it is asked
    whether they go too. `is_done` once it went through.
    """

    def __init__(
        self,
        parent: QWidget,
        texts: tuple[str, str],
        name: str,
        lines: Sequence[str],
        backups: int,
        scope: TaskScope,
        work: Work,
        *,
        lists: int = 0,
    ) -> None:
        title, about = texts
        super().__init__(parent, title, about, accept=t("erase.go"), danger=True)
        self.setObjectName("for_good_dialog")
        self.setMinimumWidth(current().px(520))
        self._scope, self._work = scope, work
        self._is_working = self.is_done = False
        word = name if name.isalnum() and len(name) <= TYPABLE else t("erase.word")
        self.line = self.add_line(name=t("erase.go"), placeholder=t("kit.type_to_confirm", text=word))
        self.line.textChanged.connect(lambda typed: self.accept_button.setEnabled(typed.strip() == word))
        self.accept_button.setEnabled(False)
        self.drop_backups = self._also("backups", backups)
        self.drop_lists = self._also("lists", lists)
        self._texts = QVBoxLayout()
        self._texts.setSpacing(current().px(6))
        self.body.insertLayout(2, self._texts)
        self.body.insertWidget(3, self.drop_backups)
        self.body.insertWidget(4, self.drop_lists)
        self.step = PlainLabel("", "secondary", parent=self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        for at, widget in enumerate((self.step, self.bar), 5):
            self.body.insertWidget(at, widget)
            widget.hide()
        self._show(lines)

    def _also(self, what: str, count: int) -> QCheckBox:
        box = QCheckBox(t(f"erase.{what}", n=count), self)
        box.setObjectName(f"drop_{what}")
        box.setChecked(True)
        box.setVisible(count > 0)
        return box

    def accept(self) -> None:
        """Begin; the second time, close."""
        if self.is_done:
            super().accept()
        elif not self._is_working:
            self._is_working = True
            for widget in (self.line, self.drop_backups, self.drop_lists, self.cancel_button):
                widget.hide()
            self.accept_button.setEnabled(False)
            self.step.show()
            self.bar.show()
            self._scope.spawn(self._run(), name="for_good")

    def reject(self) -> None:
        """Turn away; not while it works, for it cannot be stopped."""
        if not self._is_working:
            super().reject()

    async def _run(self) -> None:
        try:
            kept = Kept(not self.drop_backups.isChecked(), not self.drop_lists.isChecked())
            self._show(await self._work(kept, self._tell))
            self.is_done = True
            self.setWindowTitle(t("erase.done_title"))
            self.heading.setText(t("erase.done_title"))
            self.about.hide()
        except AppError as error:
            self._show([error_text(error)])
        finally:
            self._is_working = False
            self.step.hide()
            self.bar.hide()
        self.accept_button.setText(t("kit.ok"))
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.style().polish(self.accept_button)
        self.accept_button.setVisible(self.is_done)
        self.accept_button.setEnabled(True)
        self.cancel_button.setVisible(not self.is_done)
        self._fit()

    def _tell(self, step: str, done: int, total: int) -> None:
        self.step.setText(t(f"erase.step.{step}"))

    def _show(self, lines: Sequence[str]) -> None:
        while (old := self._texts.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line in lines:
            self._texts.addWidget(PlainLabel(plain.one_line(line), wrap=True, parent=self))
        self._fit()

    def _fit(self) -> None:
        self.body.activate()
        self.resize(self.width(), self.body.totalHeightForWidth(self.width()))
