"""Files in resources/: fonts loaded once, icons painted at the screen's own sharpness. Names no colour."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parents[2])) / "resources"
OWN_FAMILY = "Fankeeper Sans"
EMOJI_FAMILY = "Noto Emoji"  # shipped: nicknames are full of them, and bare systems have none
_NATIVE = {"win32": "Microsoft YaHei UI", "darwin": "PingFang SC"}


def load_fonts() -> bool:
    """Make the shipped font known to Qt; False when its files are missing."""
    if OWN_FAMILY in QFontDatabase.families():
        return True
    loaded = [
        QFontDatabase.addApplicationFont(str(file)) for file in sorted((ROOT / "fonts").glob("*.ttf"))
    ]
    return bool(loaded) and min(loaded) >= 0


def font_families() -> list[str]:
    """Families to try in order: the system's own on Windows and macOS, the shipped font elsewhere."""
    native = [_NATIVE[sys.platform]] if sys.platform in _NATIVE else []
    fallback = ["Noto Color Emoji", EMOJI_FAMILY, "Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"]
    return [*native, OWN_FAMILY, *fallback]


def icon_names() -> list[str]:
    """Names of all icons at hand."""
    return sorted(file.stem for file in (ROOT / "icons").glob("*.svg"))


def icon_pixmap(name: str, color: str, size: int, ratio: float | None = None, *, gap: int = 0) -> QPixmap:
    """An icon in one colour, `size` logical pixels wide, and `gap` pixels of nothing at its right.

    Raises FileNotFoundError for an unknown name.
    """
    screen = QGuiApplication.instance()
    if ratio is None:
        ratio = screen.devicePixelRatio() if isinstance(screen, QGuiApplication) else 1.0
    return _painted(name, color, size, ratio, gap)


@lru_cache(maxsize=1024)
def _painted(name: str, color: str, size: int, ratio: float, gap: int) -> QPixmap:
    svg = _svg(name).replace("currentColor", color).replace('stroke-width="2"', 'stroke-width="1.75"')
    side = max(1, round(size * ratio))
    pixmap = QPixmap(side + round(gap * ratio), side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


@lru_cache(maxsize=256)
def _svg(name: str) -> str:
    return (ROOT / "icons" / f"{name}.svg").read_text(encoding="utf-8")
