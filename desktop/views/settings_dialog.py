"""Settings: language and look, who works here, the shop's data, and which versions are in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.clock import local
from desktop.domain.errors import AppError
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import CHOICES, TEXT_SCALES
from desktop.services.backups import BackupService, ShopFile
from desktop.views.page import PageContext
from desktop.views.top_bar import LANGUAGE_NAMES
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import Banner
from desktop.views.widgets.texts import PlainLabel, say
from desktop.views.window_actions import WindowActions

BACKUP_FILTER = "settings.backup_files"


@dataclass(frozen=True)
class About:
    """What is running, and where its data is."""

    version: str
    qt: str
    python: str
    sqlite: str
    is_sqlite_safe: bool
    data_dir: Path


class SettingsDialog(QDialog):
    """Every change holds at once. Backups and restores run in `scope`, which outlives the dialog.

    `more` makes further cards, about the shop and about the exchange.
    """

    def __init__(
        self,
        context: PageContext,
        actions: WindowActions,
        backups: BackupService,
        about: About,
        scope: TaskScope,
        parent: QWidget | None = None,
        more: Callable[[QWidget], Sequence[Card]] = lambda _dialog: (),
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._actions = actions
        self._backups = backups
        self._about = about
        self._scope = scope
        self.resize(680, 660)
        say(self, "shell.settings", role="title")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("canvas", "true")
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        for card in (self._look(), self._person(), *more(self), self._data(), self._versions()):
            column.addWidget(card)
        column.addStretch()
        scroll.setWidget(inner)
        whole.addWidget(scroll)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 0, 24, 16)
        foot.addStretch()
        foot.addWidget(Button("kit.close", kind="primary", on_click=self.accept, parent=self))
        whole.addLayout(foot)
        languages.changed.connect(self._name_options)
        self._name_options()
        self.setFocus()

    def _look(self) -> Card:
        card = Card("settings.look", parent=self)
        form = Form(card)
        self.language = Choice(name="settings.language", parent=card)
        self.theme = Choice(name="settings.theme", parent=card)
        self.text_scale = Choice(name="settings.text_scale", parent=card)
        for field, name in (
            (self.language, "language"),
            (self.theme, "theme"),
            (self.text_scale, "text_scale"),
        ):
            field.chosen.connect(lambda value, name=name: self._actions.prefer(**{name: value}))
        form.add_rows(
            ("language", "settings.language", self.language),
            ("theme", "settings.theme", self.theme),
            ("text_scale", "settings.text_scale", self.text_scale),
        )
        card.add(form)
        return card

    def _person(self) -> Card:
        card = Card("settings.person", parent=self)
        form = Form(card)
        self.operator = ImeAwareLineEdit(
            self._actions.preferences().operator, placeholder="settings.operator_example", parent=card
        )
        self.operator.settled.connect(lambda name: self._actions.prefer(operator=name.strip()))
        form.add_row("operator", "settings.operator", self.operator, hint="settings.operator_hint")
        card.add(form)
        return card

    def _data(self) -> Card:
        card = Card("settings.data", parent=self)
        place = PlainLabel(str(self._about.data_dir), "secondary", wrap=True, selectable=True, parent=card)
        place.setObjectName("data_dir")
        card.add(place)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.folder_button = Button(
            "settings.open_folder", icon="folder-open", on_click=self._open_folder, parent=card
        )
        self.backup_button = Button(
            "settings.backup_now", icon="database-backup", on_click=self._ask_backup, parent=card
        )
        self.restore_button = changes(
            Button(
                "settings.restore",
                icon="rotate-ccw",
                kind="danger",
                on_click=self._ask_restore,
                parent=card,
            )
        )
        for button in (self.folder_button, self.backup_button, self.restore_button):
            row.addWidget(button)
        row.addStretch()
        card.body.addLayout(row)
        newest = self._backups.newest_at()
        self.newest = PlainLabel("", "muted", wrap=True, parent=card)
        text = (
            t("settings.backup_newest", when=self._context.formats.moment(newest))
            if newest
            else t("settings.backup_none")
        )
        self.newest.setText(text)
        card.add(self.newest)
        return card

    def _versions(self) -> Card:
        card = Card("settings.about", parent=self)
        about = self._about
        text = f"Fankeeper {about.version} · Qt {about.qt} · Python {about.python} · SQLite {about.sqlite}"
        card.add(PlainLabel(text, "secondary", wrap=True, selectable=True, parent=card))
        if not about.is_sqlite_safe:
            self.warning = Banner("warn", parent=card)
            self.warning.show_text(t("settings.sqlite_old", version=about.sqlite))
            card.add(self.warning)
        return card

    def _name_options(self) -> None:
        preferences = self._actions.preferences()
        named: dict[object, str] = {"system": t("settings.as_system")}
        self.language.set_options(named | dict(LANGUAGE_NAMES))
        self.theme.set_options({choice: t(f"settings.theme_{choice}") for choice in CHOICES})
        self.text_scale.set_options({scale: f"{scale}%" for scale in TEXT_SCALES})
        self.language.set_value(preferences.language)
        self.theme.set_value(preferences.theme)
        self.text_scale.set_value(preferences.text_scale)

    # -- data

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._about.data_dir)))

    def _ask_backup(self) -> None:
        self._scope.spawn(self._backup(), name="backup", replace=False)

    def _ask_restore(self) -> None:
        self._scope.spawn(self._restore(), name="restore", replace=False)

    async def _backup(self) -> None:
        now = local(self._context.clock.now_ms(), self._context.formats.zone)
        target = await dialogs.save_file(
            self.parentWidget(),
            t("settings.backup_now"),
            [t(BACKUP_FILTER)],
            name=f"fankeeper-{now:%Y%m%d-%H%M}.db",
            suffix="db",
        )
        if target is None:
            return
        try:
            made = await self._backups.backup(target)
        except AppError as error:
            self._context.notices.failed(error)
            return
        self._context.notices.info("upkeep.backup_done", file=made.path.name)

    async def _restore(self) -> None:
        window, notices = self.parentWidget(), self._context.notices
        source = await dialogs.choose_file(window, t("settings.restore"), [t(BACKUP_FILTER)])
        if source is None:
            return
        try:
            held = await self._backups.inspect(source)
            if await dialogs.confirm(
                window,
                t("settings.restore_ask"),
                self._told(held),
                accept=t("settings.restore"),
                danger=True,
            ):
                await self._backups.restore(source)
        except AppError as error:
            notices.failed(error)

    def _told(self, held: ShopFile) -> str:
        formats = self._context.formats
        return t(
            "settings.restore_text",
            shop=held.shop_name,
            fans=formats.count(held.fans),
            orders=formats.count(held.orders),
            when=formats.moment(held.last_operation_at),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field does not close the dialog."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
