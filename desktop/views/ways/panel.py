"""A way's drawer: its code, whom it leads to, how many came, and what of it waits for the platform."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.entry_ways import CONTACT, EntryWayDraft
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.entry_ways import WayRow
from desktop.services.qr_codes import png_of
from desktop.views.ways.columns import names_text
from desktop.views.ways.drawer import EntryDrawer
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.texts import IconLabel, PlainLabel, say

CODE_SIDE = 220


class CodeBox(QFrame):
    """The code of a way where it can be drawn, else where the platform keeps it, else that it will come.

    `save_asked`, `copy_asked`, `open_asked` ask the page.
    """

    save_asked = Signal()
    copy_asked = Signal()
    open_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "inset")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        self.picture = PlainLabel(parent=self)
        self.picture.setObjectName("code")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        say(self.picture, "ways.code", role="name")
        self.icon = IconLabel("qr-code", "text3", 48, parent=self)
        self.words = PlainLabel("", "secondary", wrap=True, parent=self)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.address = PlainLabel("", "muted", elide=True, parent=self)
        self.address.setObjectName("address")
        column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.words)
        column.addWidget(self.address)
        row = QHBoxLayout()
        row.addStretch(1)
        self.save = Button("ways.save_code", icon="download", compact=True, parent=self)
        self.open = Button("ways.open_picture", icon="external-link", compact=True, parent=self)
        self.copy = Button("ways.copy_link", icon="copy", compact=True, parent=self)
        for button, signal, name in (
            (self.save, self.save_asked, "save_code"),
            (self.open, self.open_asked, "open_picture"),
            (self.copy, self.copy_asked, "copy_link"),
        ):
            button.setObjectName(name)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    def show_way(self, row: WayRow) -> None:
        """Show the code of a way."""
        drawn = bool(row.qr_url) and row.is_scannable
        if drawn:
            code = QPixmap()
            code.loadFromData(png_of(row.qr_url))
            side = current().px(CODE_SIDE)
            mode = Qt.TransformationMode.FastTransformation
            self.picture.setPixmap(code.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode))
        self.picture.setVisible(drawn)
        self.icon.setVisible(not drawn)
        self.words.setText("" if drawn else t("ways.code_elsewhere" if row.qr_url else "ways.code_later"))
        self.words.setVisible(not drawn)
        self.address.setText(row.qr_url)
        for widget in (self.address, self.copy):
            widget.setVisible(bool(row.qr_url))
        self.save.setVisible(drawn)
        self.open.setVisible(bool(row.qr_url) and not drawn)


class WayPanel(EntryDrawer):
    """A way, shown by `show_way`."""

    def __init__(self, host: QWidget, formats: Formats) -> None:
        super().__init__(host, "way")
        self._formats = formats
        self.row: WayRow | None = None
        self.code = CodeBox(self)
        self.body.addWidget(self.code)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.waiting = PlainLabel("", "secondary", wrap=True, parent=self)
        self.waiting.setObjectName("way_waiting")
        self.body.addWidget(self.waiting)
        self.body.addStretch(1)
        self._facts: list[PlainLabel] = []

    def show_way(self, row: WayRow) -> None:
        """Show a way."""
        self.row = row
        is_listed = row.draft.kind == CONTACT
        self.show_standing(row.standing, row.reason, can_take_back=bool(row.items), is_listed=is_listed)
        self.code.show_way(row)
        self._show_facts(facts_of(row, row.draft, row.leads_to, self._formats))
        if row.waiting is not None:
            self.waiting.setText(changes_text(row, row.waiting))
        self.waiting.setVisible(row.waiting is not None)
        self.open_panel(row.shown.name)

    def _show_facts(self, facts: list[tuple[str, str]]) -> None:
        for old in self._facts:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._facts = []
        for at, (name, value) in enumerate(facts):
            cells = (PlainLabel(name, "muted", parent=self), PlainLabel(value, wrap=True, parent=self))
            for column, cell in enumerate(cells):
                self._grid.addWidget(cell, at, column, Qt.AlignmentFlag.AlignTop)
                self._facts.append(cell)


def facts_of(
    row: WayRow, draft: EntryWayDraft, leads_to: tuple[str, ...], formats: Formats
) -> list[tuple[str, str]]:
    """What is true of a way, as (name, value)."""
    facts = [
        (t(f"ways.field_{draft.kind}"), names_text(leads_to, 12)),
        (t("ways.column_came"), t("ways.came", n=formats.count(row.came))),
    ]
    if draft.kind == CONTACT:
        facts.append((t("ways.asking"), t("ways.at_once" if draft.skip_verify else "ways.after_asking")))
    elif draft.auto_create:
        first = f"{draft.base_name}{draft.base_id}" if draft.base_name else t("ways.named_alike")
        facts.append((t("ways.when_full"), t("ways.next_group", name=first)))
    else:
        facts.append((t("ways.when_full"), t("ways.no_next_group")))
    return [*facts, (t("ways.column_made"), formats.day(row.created_at))]


def changes_text(row: WayRow, waiting: EntryWayDraft) -> str:
    """What a change on its way will make of a way."""
    lines = [t("ways.waiting_title")]
    if waiting.name != row.draft.name:
        lines.append(t("ways.waiting_name", old=row.draft.name, new=waiting.name))
    if row.waiting_for != row.leads_to:
        lines.append(t("ways.waiting_who", names=names_text(row.waiting_for, 12)))
    if (waiting.skip_verify, waiting.auto_create, waiting.base_name, waiting.base_id) != (
        row.draft.skip_verify,
        row.draft.auto_create,
        row.draft.base_name,
        row.draft.base_id,
    ):
        lines.append(t("ways.waiting_options"))
    return "\n".join(lines)
