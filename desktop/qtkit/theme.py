"""Colours, type and style of the whole program from one table of tokens. Nothing else names a colour.

One `Theme` serves the application (`current()`); it keeps its own state and follows the system's
light or dark only while set to "system".
"""

from __future__ import annotations

import atexit
import json
import re
import shutil
import string
import tempfile
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from desktop.qtkit import resources

CHOICES = ("system", "light", "dark", "contrast")
TEXT_SCALES = (90, 100, 110, 125)
TONES = ("neutral", "good", "bad", "warn", "info", "deal", "primary")
TIERS = ("prospect", "passerby", "favorable", "devoted", "super", "member", "koc")
SERIES = ("c1", "c2", "c3", "c4", "c5")
_STYLES = resources.ROOT / "styles"
ICON_GAP = 4  # beside the 4 px that Qt leaves between icon and text
_ICON_PROPERTY = "icon_spec"
_ROLES = {
    "Window": "bg", "WindowText": "text", "Base": "surface", "AlternateBase": "sunken", "Text": "text",
    "Button": "surface", "ButtonText": "text", "Highlight": "primary", "HighlightedText": "on_primary",
    "ToolTipBase": "raised", "ToolTipText": "text", "PlaceholderText": "text3", "Link": "primary",
    "Accent": "primary",
}  # fmt: skip


@lru_cache(maxsize=1)
def tokens() -> dict[str, dict[str, str]]:
    """All tables of tokens: "light", "dark", "contrast", and "paper" for what a fan's phone shows."""
    loaded: dict[str, dict[str, str]] = json.loads((_STYLES / "tokens.json").read_text(encoding="utf-8"))
    return loaded


def luminance(color: str) -> float:
    """Relative luminance of #RRGGBB, 0 to 1 (WCAG 2)."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """How well two colours are told apart, 1 to 21 (WCAG 2)."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class Theme(QObject):
    """The look now in use. `changed` comes after everything was restyled."""

    changed = Signal()

    def __init__(self, choice: str = "system", text_scale: int = 100, *, motion: bool = False) -> None:
        super().__init__()
        self.choice = choice
        self.text_scale = text_scale
        self.motion = motion
        self.name = "light"
        self._fonts: dict[tuple[float, bool, bool], QFont] = {}
        self._metrics: dict[tuple[float, bool, bool], QFontMetrics] = {}
        self._colors: dict[tuple[str, int], QColor] = {}
        self._follow_system()
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._on_system_changed)

    # -- choosing

    def set_choice(self, choice: str) -> None:
        """One of CHOICES; restyles the window at once."""
        if choice not in CHOICES:
            raise ValueError(f"no such theme: {choice}")
        self.choice = choice
        self._follow_system()
        self.apply()

    def set_text_scale(self, percent: int) -> None:
        """One of TEXT_SCALES."""
        self.text_scale = percent
        self.apply()

    def toggle(self) -> None:
        """From light to dark and back."""
        self.set_choice("light" if self.is_dark else "dark")

    @property
    def is_dark(self) -> bool:
        """Whether light text stands on a dark ground."""
        return self.name == "dark"

    def _follow_system(self) -> None:
        if self.choice != "system":
            self.name = self.choice
            return
        hints = QGuiApplication.styleHints()
        dark = hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
        self.name = "dark" if dark else "light"

    def _on_system_changed(self) -> None:
        before = self.name
        self._follow_system()
        if self.name != before:
            self.apply()

    # -- values

    def hex(self, token: str) -> str:
        """A token's colour as #RRGGBB. Raises KeyError for an unknown token."""
        table = tokens()
        return table[self.name].get(token) or table["paper"][token]

    def color(self, token: str, alpha: int = 255) -> QColor:
        """A token's colour, `alpha` 0 to 255."""
        color = self._colors.get((token, alpha))
        if color is None:
            color = self._colors[token, alpha] = QColor(self.hex(token))
            color.setAlpha(alpha)
        return color

    def px(self, size: float) -> int:
        """A size for 100 % text, in pixels for the chosen text size."""
        return round(size * self.text_scale / 100)

    def font(self, size: float = 13, *, strong: bool = False, tabular: bool = False) -> QFont:
        """The font for painted text, not to be changed; `tabular` gives all digits one width."""
        known = self._fonts.get((size, strong, tabular))
        if known is not None:
            return known
        font = QFont(resources.font_families())
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        self._fonts[size, strong, tabular] = font
        return font

    def metrics(self, size: float = 13, *, strong: bool = False, tabular: bool = False) -> QFontMetrics:
        """How wide texts are in that font."""
        known = self._metrics.get((size, strong, tabular))
        if known is None:
            known = QFontMetrics(self.font(size, strong=strong, tabular=tabular))
            self._metrics[size, strong, tabular] = known
        return known

    def pixmap(self, name: str, token: str = "text3", size: int = 18) -> QPixmap:
        """An icon in a token's colour."""
        return resources.icon_pixmap(name, self.hex(token), size)

    def icon(
        self, name: str, token: str = "text3", on: str | None = None, size: int = 18, gap: int = 0
    ) -> QIcon:
        """The same as QIcon; `on` is the token while checked, `gap` empty room after the picture."""

        def padded(used: str) -> QPixmap:
            return resources.icon_pixmap(name, self.hex(used), size, gap=gap)

        icon = QIcon(padded(token))
        icon.addPixmap(padded("text3"), QIcon.Mode.Disabled)
        if on:
            icon.addPixmap(padded(on), QIcon.Mode.Normal, QIcon.State.On)
        return icon

    # -- applying

    def apply(self) -> None:
        """Restyle the application, repaint every bound icon, then tell `changed`."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        self._fonts.clear()
        self._metrics.clear()
        self._colors.clear()
        sheet = self.style_sheet()
        if app.styleSheet() != sheet:  # Qt restyles every widget even where nothing differs
            app.setFont(self.font())
            app.setPalette(self._palette())
            app.setStyleSheet(sheet)
        for widget in app.allWidgets():
            self._paint_icon(widget)
        self.changed.emit()

    def style_sheet(self) -> str:
        """The whole style sheet for the present choice."""
        families = ",".join(f"'{family}'" for family in resources.font_families())
        images = {
            "chevron": self._image("chevron-down", "text3"),
            "check": self._image("check", "on_primary"),
        }
        template = string.Template((_STYLES / "base.qss").read_text(encoding="utf-8"))
        text = template.substitute(tokens()[self.name], families=families, **images)
        return re.sub(r"(\d+)fs", lambda found: f"{self.px(int(found[1]))}px", text)

    def _image(self, name: str, token: str) -> str:
        file = _image_folder() / f"{name}-{self.hex(token)[1:]}.png"
        if not file.exists():
            resources.icon_pixmap(name, self.hex(token), 28, 1.0).save(str(file))
        return file.as_posix()

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, token in _ROLES.items():
            palette.setColor(getattr(QPalette.ColorRole, role), self.color(token))
        for role in ("Text", "WindowText", "ButtonText"):
            palette.setColor(
                QPalette.ColorGroup.Disabled, getattr(QPalette.ColorRole, role), self.color("text3")
            )
        return palette

    def bind_icon(
        self, widget: QWidget, name: str, token: str = "text3", on: str = "", size: int = 18
    ) -> None:
        """Give a button or label an icon that follows the theme from now on."""
        widget.setProperty(_ICON_PROPERTY, f"{name}|{token}|{on}|{size}")
        self._paint_icon(widget)

    def _paint_icon(self, widget: QWidget) -> None:
        spec = widget.property(_ICON_PROPERTY)
        if not spec:
            return
        name, token, on, size = str(spec).split("|")
        if isinstance(widget, QLabel):
            widget.setPixmap(self.pixmap(name, token, int(size)))
        elif isinstance(widget, QAbstractButton):
            gap = ICON_GAP if widget.text() else 0
            widget.setIcon(self.icon(name, token, on or None, int(size), gap))
            widget.setIconSize(QSize(int(size) + gap, int(size)))


_current: list[Theme] = []


def current() -> Theme:
    """The application's theme; a light one until `install` was called."""
    if not _current:
        _current.append(Theme("light"))
    return _current[0]


def install(theme: Theme) -> Theme:
    """Make `theme` the application's and apply it."""
    QApplication.setStyle("Fusion")
    resources.load_fonts()
    _current[:] = [theme]
    theme.apply()
    return theme


@lru_cache(maxsize=1)
def _image_folder() -> Path:
    """Where the few pictures a style sheet can only take from files are put, for this run."""
    folder = Path(tempfile.mkdtemp(prefix="fankeeper-style-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
