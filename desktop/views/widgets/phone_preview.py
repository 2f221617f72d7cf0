"""What a fan will see: a phone with the chat in which the message arrives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImageReader,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import current
from desktop.views.widgets.texts import say

WIDTH, HEIGHT = 304, 600
MAX_PIXELS = 4000 * 4000


class Scene(Enum):
    """Where a phone shows it."""

    CHAT = "chat"
    MOMENT = "moment"  # among the moments of friends
    PICTURE_POST = "picture_post"  # by itself, pictures first


@dataclass(frozen=True)
class Message:
    """One message: a text with its placeholders already filled, and pictures of this computer."""

    sender: str
    text: str
    images: tuple[Path, ...] = ()
    group: str = ""  # the group's name for a group message, empty for a message to one person
    members: int | None = None
    clock: str = ""  # when it arrives, as a phone shows the hour
    scene: Scene = Scene.CHAT


class PhonePreview(QWidget):
    """Paints a phone of fixed size; its text keeps the phone's own size whatever the window's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = Message("", "")
        self._pictures: list[QPixmap | None] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        say(self, "kit.phone_note", role="tip")
        languages.changed.connect(self._describe)
        self._describe()

    def show_message(self, message: Message) -> None:
        """Show a message; pictures are read anew only when their list changed."""
        if message.images != self.message.images:
            self._pictures = [_picture(file) for file in message.images[:9]]
        self.message = message
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(t("kit.phone_preview"))
        self.setAccessibleDescription(t("kit.phone_reads", text=self.message.text))

    def sizeHint(self) -> QSize:
        """The phone."""
        return QSize(WIDTH, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The phone."""
        return self.sizeHint()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, status line, head of the chat, bubbles."""
        theme = current()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("phone"))
        painter.drawRoundedRect(QRectF(self.rect()), 34, 34)
        screen = QRectF(self.rect()).adjusted(9, 9, -9, -9)
        clip = QPainterPath()
        clip.addRoundedRect(screen, 26, 26)
        painter.fillPath(clip, theme.color("screen"))
        painter.setClipPath(clip)
        top = self._paint_head(painter, screen)
        painter.setClipRect(
            QRectF(screen.left(), top, screen.width(), screen.bottom() - top),
            Qt.ClipOperation.IntersectClip,
        )
        self._paint_chat(painter, QRectF(screen.left() + 12, top + 14, screen.width() - 24, 4000))
        painter.end()

    def _paint_head(self, painter: QPainter, screen: QRectF) -> float:
        ink = current().color("ink")
        painter.setPen(ink)
        painter.setFont(_font(12, strong=True))
        status = QRectF(screen.left() + 18, screen.top() + 8, screen.width() - 36, 18)
        painter.drawText(
            status, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.message.clock
        )
        painter.setFont(_font(11))
        painter.drawText(status, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "5G  ▮▮▮")
        title = self.message.group or self.message.sender
        if self.message.scene is Scene.MOMENT:
            title = t("kit.phone_moments")
        if self.message.group and self.message.members is not None:
            title = f"{title} ({self.message.members:,})"
        _line(
            painter,
            title,
            QRectF(screen.left() + 30, screen.top() + 32, screen.width() - 60, 28),
            _font(14, strong=True),
            ink,
            Qt.AlignmentFlag.AlignCenter,
        )
        base = screen.top() + 66.5
        painter.setPen(current().color("line"))
        painter.drawLine(QPointF(screen.left(), base), QPointF(screen.right(), base))
        return float(base + 1)

    def _paint_chat(self, painter: QPainter, room: QRectF) -> None:
        theme = current()
        top = room.top() + 26
        if self.message.scene is Scene.CHAT:
            _line(
                painter,
                self.message.clock,
                QRectF(room.left(), room.top(), room.width(), 16),
                _font(11),
                theme.color("ink2"),
                Qt.AlignmentFlag.AlignCenter,
            )
        if not self.message.text and not self.message.images:
            _line(
                painter,
                t("kit.phone_empty"),
                QRectF(room.left(), top + 60, room.width(), 20),
                _font(12),
                theme.color("ink2"),
                Qt.AlignmentFlag.AlignCenter,
            )
            return
        if self.message.scene is Scene.MOMENT:
            self._paint_moment(painter, room)
            return
        if self.message.scene is Scene.PICTURE_POST:
            self._paint_picture_post(painter, room)
            return
        if self.message.text:
            top = self._paint_bubble(painter, room, top) + 12
        for picture in self._pictures:
            top = self._paint_picture(painter, room, top, picture) + 12

    def _paint_sender(self, painter: QPainter, room: QRectF, top: float) -> float:
        """The round picture, and the name above the bubble in a group; returns where the bubble begins."""
        theme, name = current(), self.message.sender
        self._paint_avatar(painter, QRectF(room.left(), top, 34, 34))
        if not self.message.group:
            return top
        _line(
            painter,
            name,
            QRectF(room.left() + 42, top - 2, room.width() - 60, 16),
            _font(11),
            theme.color("ink2"),
            Qt.AlignmentFlag.AlignLeft,
        )
        return top + 17

    def _paint_moment(self, painter: QPainter, room: QRectF) -> None:
        """Name, words, pictures three in a row, hour: as friends see it."""
        theme = current()
        top, left, width = room.top(), room.left() + 42, room.width() - 46
        self._paint_avatar(painter, QRectF(room.left(), top, 34, 34))
        ink = theme.color("avatar")
        name = QRectF(left, top - 1, width, 18)
        _line(painter, self.message.sender, name, _font(13, strong=True), ink, Qt.AlignmentFlag.AlignLeft)
        top += 22
        wrapped = _wrapped()
        painter.setFont(_font(13))
        painter.setPen(theme.color("ink"))
        needed = painter.boundingRect(QRectF(0, 0, width, 100_000), self.message.text, wrapped)
        if self.message.text:
            painter.drawText(QRectF(left, top, width, needed.height() + 2), self.message.text, wrapped)
            top += needed.height() + 8
        if len(self._pictures) == 1 and self._pictures[0] is not None:
            size = self._pictures[0].size().scaled(150, 190, Qt.AspectRatioMode.KeepAspectRatio)
            boxes = [QRectF(left, top, size.width(), size.height())]
        else:
            side = (width - 8) / 3
            boxes = [
                QRectF(left + (at % 3) * (side + 4), top + (at // 3) * (side + 4), side, side)
                for at in range(len(self._pictures))
            ]
        for box, picture in zip(boxes, self._pictures, strict=True):
            self._paint_tile(painter, box, picture)
            top = box.bottom() + 8
        hour = QRectF(left, top, width, 16)
        _line(painter, self.message.clock, hour, _font(11), theme.color("ink2"), Qt.AlignmentFlag.AlignLeft)

    def _paint_picture_post(self, painter: QPainter, room: QRectF) -> None:
        """The first picture large with how many there are, the words below: as somebody comes by it."""
        theme, top = current(), room.top()
        if self._pictures:
            box = QRectF(room.left(), top, room.width(), room.width() * 4 / 3)
            self._paint_tile(painter, box, self._pictures[0])
            count = QRectF(box.right() - 52, box.top() + 10, 42, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("phone"))
            painter.drawRoundedRect(count, 10, 10)
            of_all = f"1/{len(self.message.images)}"
            _line(painter, of_all, count, _font(11), theme.color("screen"), Qt.AlignmentFlag.AlignCenter)
            top = box.bottom() + 10
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere)
        painter.setFont(_font(13))
        painter.setPen(theme.color("ink"))
        painter.drawText(QRectF(room.left(), top, room.width(), 4_000), flags, self.message.text)

    def _paint_tile(self, painter: QPainter, box: QRectF, picture: QPixmap | None) -> None:
        """A picture that fills its box, cut in the middle; a grey box for one that cannot be shown."""
        painter.save()
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        if picture is None:
            painter.fillRect(box, current().color("bubble"))
        else:
            whole = QRectF(picture.rect())
            scale = min(whole.width() / box.width(), whole.height() / box.height())
            part = QRectF(0, 0, box.width() * scale, box.height() * scale)
            part.moveCenter(whole.center())
            painter.drawPixmap(box, picture, part)
        painter.restore()

    def _paint_avatar(self, painter: QPainter, avatar: QRectF) -> None:
        theme = current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("avatar"))
        painter.drawRoundedRect(avatar, 6, 6)
        painter.setPen(theme.color("on_avatar"))
        painter.setFont(_font(15, strong=True))
        painter.drawText(avatar, Qt.AlignmentFlag.AlignCenter, plain.initial(self.message.sender))

    def _paint_bubble(self, painter: QPainter, room: QRectF, top: float) -> float:
        theme = current()
        begin = self._paint_sender(painter, room, top)
        wrapped = _wrapped()
        painter.setFont(_font(13))
        width = room.width() - 42 - 20
        text = self.message.text
        needed = painter.boundingRect(QRectF(0, 0, width - 22, 100_000), text, wrapped)
        bubble = QRectF(room.left() + 42, begin, needed.width() + 23, needed.height() + 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bubble"))
        painter.drawRoundedRect(bubble, 6, 6)
        painter.setPen(theme.color("ink"))
        painter.drawText(bubble.adjusted(11, 9, -10, -8), text, wrapped)
        return max(bubble.bottom(), top + 34)

    def _paint_picture(self, painter: QPainter, room: QRectF, top: float, picture: QPixmap | None) -> float:
        theme = current()
        begin = self._paint_sender(painter, room, top)
        if picture is None:
            box = QRectF(room.left() + 42, begin, 160, 80)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bubble"))
            painter.drawRoundedRect(box, 6, 6)
            _line(
                painter,
                t("kit.phone_missing_image"),
                box,
                _font(12),
                theme.color("ink2"),
                Qt.AlignmentFlag.AlignCenter,
            )
            return box.bottom()
        size = picture.size().scaled(160, 220, Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(room.left() + 42, begin, size.width(), size.height())
        shape = QPainterPath()
        shape.addRoundedRect(box, 6, 6)
        painter.save()
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        painter.drawPixmap(box, picture, QRectF(picture.rect()))
        painter.restore()
        return max(box.bottom(), top + 34)


def _font(size: int, *, strong: bool = False) -> QFont:
    font = QFont(current().font(size, strong=strong))
    font.setPixelSize(size)  # a phone's text does not grow with the window's
    return font


def _wrapped() -> QTextOption:
    """Between words where there are any, as Chinese has none anywhere; a long address is cut."""
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def _line(
    painter: QPainter, text: str, box: QRectF, font: QFont, color: QColor, align: Qt.AlignmentFlag
) -> None:
    painter.setFont(font)
    painter.setPen(color)
    shown = painter.fontMetrics().elidedText(
        plain.one_line(text), Qt.TextElideMode.ElideRight, int(box.width())
    )
    painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, shown)


def _picture(file: Path) -> QPixmap | None:
    """A picture no larger than needed; None for what is no picture or too large to open safely."""
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MAX_PIXELS:
        return None
    reader.setScaledSize(size.scaled(640, 880, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else QPixmap.fromImage(image)
