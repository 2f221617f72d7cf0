"""An article's text as a document to edit or look at, and back: paragraphs, headings, bold words, pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QImageReader,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
)

from desktop.domain.articles import HEADS, marked, parts_of, runs_of
from desktop.domain.content import MediaRef
from desktop.qtkit.theme import current

SCHEME = "picture:"
OBJECT = "\ufffc"  # stands for a picture among a document's letters
MAX_PIXELS = 4000 * 4000
LEVEL = 2
GAP = 10  # below a paragraph


@dataclass(frozen=True)
class Look:
    """Sizes in pixels and the colour of words; `width` is the widest a picture may be."""

    size: int
    heading: int
    width: int
    ink: QColor | None = None
    gap: int = GAP


def block_format(look: Look, *, is_heading: bool = False) -> QTextBlockFormat:
    """A paragraph, or a heading."""
    form = QTextBlockFormat()
    form.setHeadingLevel(LEVEL if is_heading else 0)
    form.setBottomMargin(look.gap)
    form.setLineHeight(150, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return form


def letter_format(look: Look, *, is_bold: bool = False, is_heading: bool = False) -> QTextCharFormat:
    """Letters of a paragraph or a heading."""
    form = QTextCharFormat()
    form.setProperty(
        QTextCharFormat.Property.FontPixelSize.value, look.heading if is_heading else look.size
    )
    strong = is_bold or is_heading
    form.setFontWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    if look.ink is not None:
        form.setForeground(look.ink)
    return form


def fill(
    cursor: QTextCursor,
    text: str,
    media: Sequence[MediaRef],
    path_of: Callable[[str], Path],
    look: Look,
) -> None:
    """Write an article's text at the cursor, the present block first. A picture that is not there is left out."""
    is_first = True

    def begin(*, is_heading: bool = False) -> None:
        nonlocal is_first
        if is_first:
            cursor.setBlockFormat(block_format(look, is_heading=is_heading))
        else:
            cursor.insertBlock(block_format(look, is_heading=is_heading))
        cursor.setBlockCharFormat(letter_format(look, is_heading=is_heading))
        is_first = False

    for kind, value in parts_of(text):
        if kind == "picture":
            if 0 < int(value) <= len(media):
                begin()
                insert_picture(cursor, media[int(value) - 1], path_of, look)
            continue
        for line in str(value).split("\n"):
            begin(is_heading=kind == "heading")
            for letters, is_bold in runs_of(line):
                form = letter_format(look, is_bold=is_bold, is_heading=kind == "heading")
                cursor.insertText(letters, form)


def insert_picture(
    cursor: QTextCursor, picture: MediaRef, path_of: Callable[[str], Path], look: Look
) -> None:
    """Put a picture where the cursor stands, no wider than the look allows."""
    name = SCHEME + picture.sha256
    document = cursor.document()
    image = read_image(path_of(picture.sha256), look.width)
    document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), image)
    form = QTextImageFormat()
    form.setName(name)
    form.setWidth(min(image.width(), look.width))
    alone = QTextBlockFormat()
    alone.setLineHeight(100, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.mergeBlockFormat(alone)
    cursor.insertImage(form)


def read(document: QTextDocument, known: Mapping[str, MediaRef]) -> tuple[str, tuple[MediaRef, ...]]:
    """The text of a document and its pictures in reading order; `known` are the pictures by hash."""
    lines: list[str] = []
    media: list[MediaRef] = []
    block = document.begin()
    while block.isValid():
        lines += _lines(block, known, media)
        block = block.next()
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines), tuple(media)


def read_image(file: Path, width: int) -> QImage:
    """A picture no wider than that; a grey field for what cannot be shown safely."""
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() <= MAX_PIXELS:
        reader.setScaledSize(
            size.scaled(min(width, size.width()), 10_000, Qt.AspectRatioMode.KeepAspectRatio)
        )
        image = reader.read()
        if not image.isNull():
            return image
    grey = QImage(QSize(min(width, 160), 80), QImage.Format.Format_RGB32)
    grey.fill(current().color("border"))
    return grey


def _lines(block: QTextBlock, known: Mapping[str, MediaRef], media: list[MediaRef]) -> list[str]:
    """A block as lines of the text; pictures get lines of their own."""
    is_heading = block.blockFormat().headingLevel() > 0
    lines = [""]
    pieces = block.begin()
    while not pieces.atEnd():
        fragment = pieces.fragment()
        pieces += 1
        form = fragment.charFormat()
        picture = (
            known.get(form.toImageFormat().name().removeprefix(SCHEME)) if form.isImageFormat() else None
        )
        if picture is not None:
            for _ in fragment.text():
                if picture not in media:
                    media.append(picture)
                lines += [f"[图片 {media.index(picture) + 1}]", ""]
            continue
        is_bold = not is_heading and form.fontWeight() >= QFont.Weight.DemiBold.value
        for at, letters in enumerate(fragment.text().replace(OBJECT, "").split("\u2028")):
            if at:
                lines.append("")
            lines[-1] += marked(letters, is_bold=is_bold, begins_line=not lines[-1])
    if len(lines) > 1:
        lines = [line for line in lines if line]  # a picture leaves no empty lines around it
    return [
        HEADS + line if is_heading and line and not line.startswith("[图片") else line for line in lines
    ]
