"""The pictures of a message: add, drop, remove, and put in order with the mouse or the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QImageReader,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.domain.content import MediaRef
from desktop.domain.mass_send import MAX_ATTACHMENTS
from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import current
from desktop.views.composing.message_field import local_files
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.flow import FlowLayout

SIDE = 72
MAX_PIXELS = 4000 * 4000


class PictureTile(QPushButton):
    """One picture. Delete removes it, Ctrl+arrow moves it; so do its menu, its cross and dragging."""

    removed = Signal()
    moved = Signal(int)  # by how many places

    def __init__(self, picture: MediaRef, file: Path, at: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._file_name = picture.file_name
        self._at = at
        self._thumb = _thumb(file)
        self._pressed_at: QPoint | None = None
        self.setObjectName(f"picture_{at}")
        self.setFixedSize(SIDE, SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.retranslate()

    def retranslate(self) -> None:
        """Say what it is."""
        self.setAccessibleName(t("composing.picture_named", n=self._at + 1, name=self._file_name))
        self.setToolTip(plain.tip(t("composing.picture_tip", name=self._file_name)))

    def sizeHint(self) -> QSize:
        """A square, whatever buttons look like."""
        return QSize(SIDE, SIDE)

    def _cross(self) -> QRectF:
        return QRectF(self.width() - 22, 4, 18, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture with round corners; a ring for the keyboard, a cross under the pointer."""
        theme = current()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.fillPath(shape, theme.color("sunken"))
        if self._thumb is not None:
            painter.save()
            painter.setClipPath(shape)
            size = self._thumb.size()
            side = min(size.width(), size.height())
            middle = QRectF((size.width() - side) / 2, (size.height() - side) / 2, side, side)
            painter.drawPixmap(QRectF(self.rect()), self._thumb, middle)
            painter.restore()
        else:
            painter.drawPixmap(26, 26, theme.pixmap("image-off", "text3", 20))
        painter.setPen(theme.color("primary" if self.hasFocus() else "border"))
        painter.drawPath(shape)
        if self.underMouse() or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("surface"))
            painter.drawEllipse(self._cross())
            painter.drawPixmap(
                self._cross().topLeft().toPoint() + QPoint(3, 3), theme.pixmap("x", "text", 12)
            )
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the cross."""
        super().enterEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes, Ctrl with an arrow moves."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in _STEPS:
            self.moved.emit(_STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The same with the mouse."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(t("composing.picture_forward"), lambda: self.moved.emit(-1))
        menu.addAction(t("composing.picture_back"), lambda: self.moved.emit(1))
        menu.addAction(t("composing.picture_remove"), self.removed.emit)
        menu.popup(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where dragging began."""
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the cross removes; letting go beside it moves."""
        began, self._pressed_at = self._pressed_at, None
        where = event.position().toPoint()
        super().mouseReleaseEvent(event)
        if began is None:
            return
        places = round((where.x() - began.x()) / (SIDE + 8))
        if places:
            self.moved.emit(places)
        elif self._cross().contains(where.toPointF()):
            self.removed.emit()


_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class PictureStrip(QWidget):
    """The pictures in their order. `changed()` follows the operator; `wanted()` asks for a file."""

    changed = Signal()
    wanted = Signal()
    files_given = Signal(object)  # list[Path]

    def __init__(
        self, path_of: Callable[[str], Path], parent: QWidget, most: int = MAX_ATTACHMENTS
    ) -> None:
        super().__init__(parent)
        self._path_of = path_of
        self._most = most
        self.media: tuple[MediaRef, ...] = ()
        self.tiles: list[PictureTile] = []
        self.setAcceptDrops(True)
        self.add_button = Button(icon="plus", on_click=self.wanted.emit, parent=self)
        self.add_button.setObjectName("add_picture")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._flow = FlowLayout()
        self._flow.addWidget(self.add_button)
        column.addLayout(self._flow)
        languages.changed.connect(self._say_again)
        self._say_again()

    def set_media(self, media: tuple[MediaRef, ...]) -> None:
        """Show these pictures."""
        self.media = media
        for tile in self.tiles:
            self._flow.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._flow.removeWidget(self.add_button)
        self.tiles = []
        for at, picture in enumerate(media):
            tile = PictureTile(picture, self._path_of(picture.sha256), at, self)
            tile.removed.connect(lambda at=at: self._remove(at))
            tile.moved.connect(lambda by, at=at: self._move(at, by))
            self._flow.addWidget(tile)
            self.tiles.append(tile)
        self._flow.addWidget(self.add_button)
        self._offer()

    def allow(self, most: int) -> None:
        """So many pictures may be there; more stay, and the draft's checks say so."""
        self._most = most
        self._offer()

    def _offer(self) -> None:
        self.add_button.setVisible(len(self.media) < self._most)
        self._say_again()

    def add(self, picture: MediaRef) -> None:
        """One more at the end; the same picture twice is shown once."""
        if all(known.sha256 != picture.sha256 for known in self.media):
            self._set((*self.media, picture))

    def _say_again(self) -> None:
        self.add_button.setText(t("composing.picture_add", n=len(self.media), most=self._most))
        for tile in self.tiles:
            tile.retranslate()

    def _remove(self, at: int) -> None:
        self._set(self.media[:at] + self.media[at + 1 :])

    def _move(self, at: int, by: int) -> None:
        to = min(max(at + by, 0), len(self.media) - 1)
        media = list(self.media)
        media.insert(to, media.pop(at))
        self._set(tuple(media))
        self.tiles[to].setFocus()

    def _set(self, media: tuple[MediaRef, ...]) -> None:
        if media != self.media:
            self.set_media(media)
            self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped here."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Keep the dropped files."""
        self.files_given.emit(local_files(event.mimeData()))
        event.acceptProposedAction()


def _thumb(file: Path) -> QPixmap | None:
    """A small copy; None for what is no picture or too large to open safely."""
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MAX_PIXELS:
        return None
    reader.setScaledSize(
        size.scaled(QSize(2 * SIDE, 2 * SIDE), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    )
    image = reader.read()
    return None if image.isNull() else QPixmap.fromImage(image)
