"""Talks: customers who wrote to the service desks, who waits longest first, and the answer."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import Topic
from desktop.domain.content import MediaRef
from desktop.domain.errors import AppError, NotFoundError
from desktop.domain.talks import HOLD_S, Thread
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.talks import MESSAGES_AT_ONCE, Inbox, TalkService
from desktop.views.composing.autosave import Autosave
from desktop.views.exchange import Exchange
from desktop.views.page import Page, PageContext
from desktop.views.talks.talk_list import TalkList
from desktop.views.talks.thread_view import ThreadView
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.inputs import SearchBox
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState, NoMatchState

LIST_WIDTH = 320
TICK_MS = 15_000
HOLD_MS = int(HOLD_S * 1000)


@dataclass(frozen=True)
class Shown:
    """The list and the talk that is open."""

    inbox: Inbox
    thread: Thread | None


class TalksPage(Page):
    """`go("talks")` shows who waits longest, `uid=...` one talk."""

    topics = frozenset({Topic.CONVERSATION, Topic.FAN, Topic.OUTBOX, Topic.SYNC})
    scrolls = False

    def __init__(self, context: PageContext, talks: TalkService, exchange: Exchange) -> None:
        super().__init__(context)
        self._talks, self._exchange = talks, exchange
        self._search, self._uid, self._limit = "", "", MESSAGES_AT_ONCE
        self._typed: dict[int, str] = {}
        self._unsaved: set[int] = set()
        self._shown_talk = 0
        self.head.set_title("talks.title")
        self.fetch = changes(Button("talks.fetch", icon="refresh-cw", on_click=self._fetch, parent=self))
        self.fetch.setObjectName("fetch")
        self.head.add(self.fetch)
        self._build()
        self.autosave = Autosave(self._save_drafts, self)
        self.autosave.scope = self.scope
        self.autosave.failed.connect(context.notices.failed)
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.timeout.connect(self._fetch)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self._tick.start()
        exchange.ended.connect(self._on_exchange_ended)
        self._asked_again = False

    def _build(self) -> None:
        frame = QFrame(self)
        frame.setProperty("surface", "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        row.addWidget(self._build_list(frame))
        rule = QFrame(frame)
        rule.setProperty("surface", "line")
        rule.setStyleSheet("max-width: 1px; min-width: 1px; max-height: 100000px;")
        row.addWidget(rule)
        self.open_talk = ThreadView(self.context.formats, frame)
        self.pick = EmptyState("talks.pick", icon="message-square", parent=frame)
        self._right = QStackedWidget(frame)
        self._right.addWidget(self.open_talk)
        self._right.addWidget(self.pick)
        row.addWidget(self._right, 1)
        self.unconnected = changes(EmptyState(
            "talks.unconnected", "talks.unconnected_more", icon="messages-square",
            action="talks.connect", on_action=lambda: self.context.go("sync"), parent=self,
        ))  # fmt: skip
        self.nobody = EmptyState("talks.nobody", "talks.nobody_more", icon="messages-square", parent=self)
        self._whole = QStackedWidget(self)
        for widget in (frame, self.unconnected, self.nobody):
            self._whole.addWidget(widget)
        self.body.addWidget(self._whole, 1)
        composer = self.open_talk.composer
        composer.sent.connect(self._send)
        composer.typed.connect(self._on_typed)
        composer.picture_asked.connect(lambda: self.scope.spawn(self._choose_picture(), name="picture"))
        composer.picture_given.connect(lambda file: self._take_picture(self._talks.keep_picture(file)))
        composer.picture_pasted.connect(
            lambda content: self._take_picture(self._talks.keep_pasted(content, t("talks.pasted_name")))
        )
        self.open_talk.again_asked.connect(self._again)
        self.open_talk.decision_asked.connect(lambda uid: self.context.go("outbox", uid=uid))
        self.open_talk.fan_asked.connect(lambda fan_id: self.context.go("fans", fan_id=fan_id))
        self.open_talk.older_asked.connect(self._on_older)
        self.open_talk.messages.recall_asked.connect(
            lambda uid: self.scope.spawn(self._recall(uid), name=f"recall {uid}")
        )

    def _build_list(self, parent: QWidget) -> QWidget:
        side = QWidget(parent)
        side.setFixedWidth(current().px(LIST_WIDTH))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 12, 0, 6)
        column.setSpacing(8)
        self.search = SearchBox("talks.search", parent=side)
        self.search.searched.connect(self._on_search)
        above = QHBoxLayout()
        above.setContentsMargins(12, 0, 12, 0)
        above.addWidget(self.search)
        column.addLayout(above)
        self.list = TalkList(self.context.formats, side)
        self.list.chosen.connect(self._open)
        self.list.entered.connect(self.thread_focus)
        self.no_match = NoMatchState(self.search.clear, side)
        self._lists = QStackedWidget(side)
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.no_match)
        column.addWidget(self._lists, 1)
        return side

    # -- data

    async def load(self) -> Shown:
        """The list, and the open talk: the one that waits longest when none was chosen."""
        inbox = await self._talks.inbox(self._search)
        uid = self._uid or (inbox.rows[0].uid if inbox.rows else "")
        if not uid:
            return Shown(inbox, None)
        try:
            return Shown(inbox, await self._talks.thread(uid, limit=self._limit))
        except NotFoundError:
            return Shown(inbox, None)

    def populate(self, data: Shown) -> None:
        """List, talk, and what is typed in it."""
        inbox, thread = data.inbox, data.thread
        waiting = t("talks.subtitle", n=inbox.waiting, total=inbox.total) if inbox.total else ""
        self.head.show_subtitle(waiting)
        self._whole.setCurrentIndex(0 if inbox.total else 2 if inbox.desks else 1)
        self._lists.setCurrentIndex(0 if inbox.rows or not self._search else 1)
        self.list.show_rows(inbox.rows, thread.row.uid if thread else "")
        self._right.setCurrentIndex(0 if thread else 1)
        if thread is None:
            return
        self._uid = thread.row.uid
        self.open_talk.show_thread(thread)
        if thread.row.id != self._shown_talk:
            self._shown_talk = thread.row.id
            self.open_talk.composer.set_text(self._typed.get(thread.row.id, thread.row.draft))
        if thread.row.unread and self.isVisible():
            self.scope.spawn(self._talks.mark_read(thread.row.uid), name="mark read")

    def open_with(self, **arguments: Any) -> None:
        """One talk."""
        if arguments.get("uid"):
            self._open(str(arguments["uid"]))

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.search.setFocus()

    def thread_focus(self) -> None:
        """On to the answer."""
        self.open_talk.composer.field.setFocus()

    # -- acting

    def _open(self, uid: str) -> None:
        if uid != self._uid:
            self._uid, self._limit = uid, MESSAGES_AT_ONCE
            self.autosave.flush()
            self.refresh()

    def _on_search(self, text: str) -> None:
        self._search = text
        self.refresh()

    def _on_older(self) -> None:
        self._limit += MESSAGES_AT_ONCE
        self.refresh()

    def _on_tick(self) -> None:
        if self.isVisible():
            self.list.viewport().update()
            self.open_talk.show_time()

    def _on_typed(self, text: str) -> None:
        self._keep(self._shown_talk, text)

    def _keep(self, talk_id: int, text: str) -> None:
        self._typed[talk_id] = text
        self._unsaved.add(talk_id)
        self.autosave.touch()

    async def _save_drafts(self) -> None:
        for talk_id in list(self._unsaved):
            self._unsaved.discard(talk_id)
            try:
                await self._talks.save_draft(talk_id, self._typed[talk_id])
            except BaseException:
                self._unsaved.add(talk_id)
                raise

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep what was typed before something else is shown."""
        super().hideEvent(event)
        self.autosave.flush()

    def _send(self, text: str) -> None:
        self._clear_typed()
        self.scope.spawn(self._reply(self._uid, self._shown_talk, text), name="reply", replace=False)

    def _clear_typed(self) -> None:
        self._typed[self._shown_talk] = ""
        self._unsaved.discard(self._shown_talk)  # the reply takes the draft along
        self.open_talk.composer.set_text("")

    async def _reply(self, uid: str, talk_id: int, text: str, picture: MediaRef | None = None) -> None:
        try:
            queued = await self._talks.reply(uid, text, picture)
        except AppError:
            self._put_back(talk_id, text)
            raise
        self._tell_queued(queued.uid, talk_id)

    def _tell_queued(self, item_uid: str, talk_id: int) -> None:
        """Say for how long it can be taken back; after that it leaves."""
        undo = lambda: self.scope.spawn(self._take_back(item_uid, talk_id), name="take back")  # noqa: E731
        self.context.notices.held(HOLD_MS, "talks.leaves_soon", undo)
        self._leaving.start(HOLD_MS + 200)

    def _put_back(self, talk_id: int, text: str) -> None:
        """What could not be sent is to be read again, before what was typed since."""
        whole = "\n".join(filter(None, (text, self._typed.get(talk_id, ""))))
        self._keep(talk_id, whole)
        if talk_id == self._shown_talk:
            self.open_talk.composer.set_text(whole)

    async def _take_back(self, item_uid: str, talk_id: int) -> None:
        self._put_back(talk_id, await self._talks.take_back(item_uid))

    async def _recall(self, item_uid: str) -> None:
        """Asks first, because what the customer has read already stays read."""
        title, text = t("talks.recall_title"), t("talks.recall_text")
        if await dialogs.confirm(self, title, text, accept=t("talks.recall"), danger=True):
            await self._talks.recall(item_uid)
            self.context.notices.info("talks.recall_queued")
            self._leaving.start(HOLD_MS + 200)

    def _again(self, item_uid: str) -> None:
        self.scope.spawn(self._say_again(item_uid, self._shown_talk), name="again")

    async def _say_again(self, item_uid: str, talk_id: int) -> None:
        queued = await self._talks.again(item_uid)
        self._tell_queued(queued.uid, talk_id)

    # -- pictures

    async def _choose_picture(self) -> None:
        filters = [f"{t('composing.picture_files')} (*.jpg *.jpeg *.png)"]
        file = await dialogs.choose_file(self, t("talks.add_picture"), filters)
        if file is not None:
            await self._send_picture(self._talks.keep_picture(file))

    def _take_picture(self, kept: Coroutine[Any, Any, MediaRef]) -> None:
        self.scope.spawn(self._send_picture(kept), name="picture", replace=False)

    async def _send_picture(self, kept: Coroutine[Any, Any, MediaRef]) -> None:
        """Asks first: a picture that was dropped by mistake is somebody else's in a moment."""
        uid, talk_id, whom = self._uid, self._shown_talk, self.open_talk.name.whole_text()
        picture = await kept
        text = t("talks.picture_text", name=picture.file_name, whom=whom)
        if await dialogs.confirm(self, t("talks.picture_title"), text, accept=t("talks.send")):
            await self._reply(uid, talk_id, "", picture)

    # -- exchange

    def _fetch(self) -> None:
        """Send what waits here and read what came; again after a round that is under way."""
        if self._exchange.is_running:
            self._asked_again = True
        else:
            self._exchange.start(talks_only=True)

    def _on_exchange_ended(self, _report: object) -> None:
        if self._asked_again:
            self._asked_again = False
            self._leaving.start(200)
