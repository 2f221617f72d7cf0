"""The versions of a post, one for each account it goes to, as tabs; and one more at a click."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop.domain.accounts import Account
from desktop.domain.posts import Channel
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, languages, t
from desktop.services.channels.table import WAYS
from desktop.services.posts import PostRow
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.flow import FlowLayout
from desktop.views.widgets.standing_still import changes


class VersionsBar(QWidget):
    """`opened(uid)` asks for another version, `wanted(account uid, channel)` for a new one.

    `all_asked()` asks to confirm every version that is a draft, offered where there are several.
    """

    opened = Signal(str)
    wanted = Signal(str, str)
    all_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: Sequence[PostRow] = ()
        self._accounts: Sequence[Account] = ()
        self._shown = ""
        self._tabs: list[Button] = []
        self.add = Button("posts.version_add", kind="ghost", icon="plus", compact=True, parent=self)
        self.add.setObjectName("add_version")
        self.add.clicked.connect(self._offer)
        self.send_all = changes(
            Button(
                "posts.version_send_all",
                icon="send",
                compact=True,
                on_click=self.all_asked.emit,
                parent=self,
            )
        )
        self.send_all.setObjectName("send_all_versions")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        self._flow = FlowLayout()
        line.addLayout(self._flow, 1)
        languages.changed.connect(self._show)

    def show_versions(self, rows: Sequence[PostRow], shown: str, accounts: Sequence[Account]) -> None:
        """The versions, the one being written, and the accounts there are."""
        self._rows, self._shown, self._accounts = rows, shown, accounts
        self._show()

    def drafts(self) -> list[PostRow]:
        """The versions that are still to be confirmed."""
        return [row for row in self._rows if row.post.state == "draft"]

    def missing(self) -> list[tuple[Account, Channel]]:
        """Accounts and channels that have no version yet."""
        has = {(row.post.draft.channel, row.post.draft.account_uid) for row in self._rows}
        wanted = [
            (account, channel)
            for channel in Channel
            for account in self._accounts
            if account.platform == WAYS[channel].platform
        ]
        return [(account, channel) for account, channel in wanted if (channel, account.uid) not in has]

    def _show(self) -> None:
        for old in self._tabs:
            self._flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._flow.removeWidget(self.add)
        self._flow.removeWidget(self.send_all)
        self._tabs = [self._tab(row) for row in self._rows] if len(self._rows) > 1 else []
        for tab in self._tabs:
            self._flow.addWidget(tab)
        self._flow.addWidget(self.add)
        self._flow.addWidget(self.send_all)
        self.send_all.setVisible(len(self.drafts()) > 1)
        self.add.setVisible(bool(self._rows and self.missing()))
        self.setVisible(bool(self._tabs) or not self.add.isHidden())

    def _tab(self, row: PostRow) -> Button:
        uid = row.post.uid
        channel = t(f"composing.channel_{row.post.draft.channel.value}")
        words = [channel, plain.one_line(row.account_name)[:20], label("progress", row.progress.value)]
        tab = Button(text=" \u00b7 ".join(filter(None, words)), compact=True, parent=self)
        tab.setObjectName(f"version_{uid}")
        tab.setCheckable(True)
        tab.setChecked(uid == self._shown)
        tab.clicked.connect(partial(self._on_tab, uid))
        return tab

    def _on_tab(self, uid: str, _is_on: bool = True) -> None:
        self._show()
        if uid != self._shown:
            self.opened.emit(uid)

    def menu(self) -> QMenu:
        """What can be added."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for account, channel in self.missing():
            name = t(f"composing.channel_{channel.value}")
            action = menu.addAction(plain.one_line(f"{name} \u00b7 {account.name}").replace("&", "&&"))
            action.triggered.connect(partial(self.wanted.emit, account.uid, channel.value))
        return menu

    def _offer(self) -> None:
        self.menu().popup(self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))
