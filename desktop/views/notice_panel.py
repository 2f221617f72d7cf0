"""The drawer behind the bell: what the operator was told, newest first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.qtkit.i18n import t
from desktop.views.page import PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.notices import LOOKS, Notice
from desktop.views.widgets.panels import SidePanel
from desktop.views.widgets.texts import IconLabel, PlainLabel


class NoticePanel(SidePanel):
    """Opening it marks everything as read."""

    def __init__(self, host: QWidget, context: PageContext) -> None:
        super().__init__(host, width=380)
        self._context = context
        self._lines: list[QWidget] = []
        self._none = PlainLabel(kind="muted", key="kit.notices_empty", parent=self)
        self.body.addWidget(self._none)
        self.body.addStretch()
        self._clear = Button("kit.notices_clear", kind="link", on_click=context.notices.clear, parent=self)
        self.foot.addWidget(self._clear)
        self.foot.addStretch()
        context.notices.changed.connect(self._refresh)

    def toggle(self) -> None:
        """Open, or close again."""
        if not self.isHidden():
            self.close_panel()
            return
        self.open_panel(t("kit.notices"))
        self._context.notices.read()
        self.close_button.setFocus()

    def _refresh(self) -> None:
        if self.isHidden():
            return
        for line in self._lines:
            line.hide()
            line.deleteLater()
        kept = self._context.notices.kept
        self._lines = [self._line(notice) for notice in kept]
        for at, line in enumerate(self._lines):
            self.body.insertWidget(at, line)
        self._none.setVisible(not kept)
        self._clear.setVisible(bool(kept))

    def _line(self, notice: Notice) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(10)
        icon, token = LOOKS[notice.level]
        row.addWidget(IconLabel(icon, token, 18, parent=line), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(PlainLabel(notice.worded, wrap=True, parent=line))
        words.addWidget(PlainLabel(self._context.formats.relative(notice.at_ms), "muted", parent=line))
        row.addLayout(words, 1)
        if notice.action and notice.on_action is not None:
            button = Button(notice.action, kind="link", on_click=notice.on_action, parent=line)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "_lines") and not self.isHidden():
            self.open_panel(t("kit.notices"))
            self._refresh()
