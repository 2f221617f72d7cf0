"""Several tags at once: which, and whether one of them is enough."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.fans import TagRow
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.texts import say

ID = Qt.ItemDataRole.UserRole


class TagChoice(Button):
    """A button that opens a list of tags with boxes to tick. `chosen(tag ids, match)`."""

    chosen = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("fans.filter.tags_more", icon="tags", on_click=self._open, parent=parent)
        self._tags: Sequence[TagRow] = ()
        self._ids: tuple[int, ...] = ()
        self._match = "any"
        self.box = QFrame(self, Qt.WindowType.Popup)
        self.box.setProperty("surface", "palette")
        column = QVBoxLayout(self.box)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.match = Choice(name="fans.filter.tags_more", parent=self.box)
        self.match.chosen.connect(lambda value: self._tell(match=str(value)))
        self.list = QListWidget(self.box)
        self.list.setProperty("role", "palette")
        say(self.list, "fans.filter.tags_more", role="name")
        self.list.itemChanged.connect(lambda _item: self._tell())
        column.addWidget(self.match)
        column.addWidget(self.list)
        self.box.setFixedSize(current().px(260), current().px(320))

    def show_tags(self, tags: Sequence[TagRow], ids: Sequence[int], match: str) -> None:
        """The tags there are, and those that filter."""
        self._tags, self._ids, self._match = tags, tuple(ids), match
        key = "fans.filter.tags_some" if len(ids) > 1 else "fans.filter.tags_more"
        self.setText(t(key, n=len(ids)))
        self.match.set_options({"any": t("fans.filter.match_any"), "all": t("fans.filter.match_all")})
        self.match.set_value(match)

    def _open(self) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for tag in self._tags:
            item = QListWidgetItem(plain.one_line(f"{tag.name}  {tag.fans:,}"))
            item.setData(ID, tag.tag_id)
            item.setCheckState(
                Qt.CheckState.Checked if tag.tag_id in self._ids else Qt.CheckState.Unchecked
            )
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.box.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        self.box.show()
        self.list.setFocus()

    def _tell(self, match: str = "") -> None:
        items = [self.list.item(at) for at in range(self.list.count())]
        ids = tuple(item.data(ID) for item in items if item.checkState() == Qt.CheckState.Checked)
        self._ids, self._match = ids, match or self._match
        self.chosen.emit(ids, self._match)
