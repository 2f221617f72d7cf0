"""The base of every screen: reads when looked at and when its data changed, and says when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import ChangeSet, Topic
from desktop.domain.clock import Clock
from desktop.domain.errors import AppError
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import Theme
from desktop.views.widgets.notices import Notices, error_text
from desktop.views.widgets.states import Banner, ErrorState, LoadingState
from desktop.views.widgets.texts import PlainLabel, say

Go = Callable[..., None]

BUTTON = 32  # the height of a button in the head


@dataclass(frozen=True)
class PageContext:
    """What every page is given beside its services.

    `go(key, **arguments)` shows another page and hands it the arguments through `Page.open_with`.
    `on_fault` takes errors nobody foresaw.
    """

    bridge: ChangeBridge
    notices: Notices
    theme: Theme
    formats: Formats
    clock: Clock
    go: Go
    on_fault: Callable[[BaseException], None]


class PageHead(QWidget):
    """Title, a line below it, and the page's buttons at the right: at most one primary."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = PlainLabel("", "h2", parent=self)
        self.subtitle = PlainLabel("", "muted", parent=self)
        self.subtitle.hide()
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        self._row.addLayout(words, 1)
        self._row.addStrut(BUTTON)  # with or without buttons what follows stands at one height

    def set_title(self, key: str) -> None:
        """Name the page by a wording key."""
        say(self.title, key)

    def show_title(self, text: str) -> None:
        """Name the page by data, such as a greeting with a name."""
        self.title.setProperty("say_text", None)
        self.title.setText(text)

    def show_subtitle(self, text: str) -> None:
        """The line below, already worded."""
        self.subtitle.setText(text)
        self.subtitle.setVisible(bool(text))

    def lead(self, widget: QWidget) -> None:
        """The way back, before the title."""
        self._row.insertWidget(0, widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def add(self, widget: QWidget) -> None:
        """A button, after the ones before it."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)


class Page(QWidget):
    """Subclass: build widgets into `self.body` in the constructor, then write `load` and `populate`.

    `topics` says after which changes to read again. While hidden the page only goes stale. Reading
    runs once at a time; changes meanwhile cause one more turn. `load` touches no widget; `populate`
    runs after it and may. `scope.spawn(coro, name=...)` runs commands; their AppErrors become notices.
    Set `scrolls = False` for a page that fills the window and scrolls inside.
    """

    topics: frozenset[Topic] = frozenset()
    scrolls = True

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.data: Any = None
        self._stale = True
        self._loaded = False
        self.scope = TaskScope(self._on_error)
        self.destroyed.connect(self.scope.cancel_all)
        context.bridge.changed.connect(self._on_changed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._build_frame()

    def _build_frame(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        canvas = QWidget()
        canvas.setProperty("canvas", "true")
        self.body = QVBoxLayout(canvas)
        self.body.setContentsMargins(24, 20, 24, 20)
        self.body.setSpacing(16)
        self.head = PageHead(canvas)
        self.banner = Banner("bad", parent=canvas)
        self.banner.set_action("kit.retry", self.refresh)
        self.banner.hide()
        self.body.addWidget(self.head)
        self.body.addWidget(self.banner)
        self._states = QStackedWidget(self)
        if self.scrolls:
            scroll = QScrollArea(self)
            scroll.setWidgetResizable(True)
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            scroll.setWidget(canvas)
            self.content: QWidget = scroll
        else:
            self.content = canvas
        self._loading = LoadingState(self)
        self._error = ErrorState(self.refresh, self)
        for state in (self._loading, self.content, self._error):
            self._states.addWidget(state)
        whole.addWidget(self._states)

    # -- for subclasses

    async def load(self) -> Any:
        """Read what the page shows; may raise AppError."""
        return None

    def populate(self, data: Any) -> None:
        """Show what was read."""

    def retranslate(self) -> None:
        """Say again what is neither bound with `say` nor said in `populate`."""

    def open_with(self, **arguments: Any) -> None:
        """Someone came with a wish, such as fan_id=3."""

    def create_new(self) -> None:
        """Ctrl+N."""

    def focus_filter(self) -> None:
        """Ctrl+F."""

    def may_leave(self) -> bool:
        """False keeps the operator here."""
        return True

    # -- mechanics

    def bring_into_view(self, widget: QWidget) -> None:
        """Scroll to a part of the page, where the page scrolls."""
        if isinstance(self.content, QScrollArea):
            self.body.activate()  # what was just built has its place only then
            self.content.ensureWidgetVisible(widget)

    @property
    def is_loaded(self) -> bool:
        """Whether the page has shown data at least once."""
        return self._loaded

    def refresh(self) -> None:
        """Read again, now when visible, else when next looked at."""
        self._stale = True
        if self.isVisible():
            self._start()

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.topics & self.topics and changes.origin is not self:
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Read when stale."""
        super().showEvent(event)
        if self._stale:
            self._start()

    def _start(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return  # shown before the loop runs, or after it ended; stale, so the next look reads
        self.scope.spawn(self._refresh_loop(), name="refresh", replace=False)

    async def _refresh_loop(self) -> None:
        while self._stale:  # changes that come while reading cause one more turn
            self._stale = False
            try:
                data = await self.load()
            except BaseException:
                self._stale = True  # read again when it is next looked at
                raise
            self._show(data)

    def _show(self, data: Any) -> None:
        self.data = data
        self._loaded = True
        self.banner.hide()
        self.populate(data)
        self._states.setCurrentWidget(self.content)

    def _on_error(self, error: BaseException) -> None:
        if not isinstance(error, AppError):
            self.context.on_fault(error)
        if self._stale:
            self._show_error(error)
        elif isinstance(error, AppError):
            self.context.notices.failed(error)

    def _show_error(self, error: BaseException) -> None:
        text = (
            error_text(error) if isinstance(error, AppError) else t("error.unexpected", detail=repr(error))
        )
        if self._loaded:
            self.banner.show_text(t("kit.error_stale", text=text))
        else:
            self._error.set_text(text)
            self._states.setCurrentWidget(self._error)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "_states"):
            self.retranslate()
            if self._loaded:
                self.populate(self.data)
