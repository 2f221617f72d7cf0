"""The settings' card that takes out everything one platform brought, after a clear question."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain.errors import AppError
from desktop.domain.tasks import Progress
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.tasks import TaskScope
from desktop.services.purges import PurgeService
from desktop.views.erasure_lines import purge_lines, purged_lines
from desktop.views.fans.columns import platform_name
from desktop.views.page import PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.for_good import ForGoodDialog, Kept
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel


class PurgeCard(Card):
    """Hidden while nothing came from anywhere."""

    def __init__(
        self, purges: PurgeService, context: PageContext, scope: TaskScope, parent: QWidget | None = None
    ) -> None:
        super().__init__("purge.card", parent=parent)
        self._purges, self._context, self._scope = purges, context, scope
        self._origins: list[str] = []
        self.add(PlainLabel(kind="secondary", key="purge.hint", wrap=True, parent=self))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.origin = changes(Choice(name="purge.card", parent=self))
        self.origin.setObjectName("purge_origin")
        self.button = changes(
            Button("purge.open", icon="trash-2", kind="danger", on_click=self._ask, parent=self)
        )
        self.button.setObjectName("purge")
        row.addWidget(self.origin)
        row.addWidget(self.button)
        row.addStretch()
        self.body.addLayout(row)
        self.hide()
        languages.changed.connect(self._name_options)
        scope.spawn(self._read(), name="purge card")

    async def _read(self) -> None:
        self._origins = await self._purges.origins()
        self._name_options()
        self.setVisible(bool(self._origins))

    def _name_options(self) -> None:
        self.origin.set_options({one: platform_name(one) for one in self._origins})

    def _ask(self) -> None:
        self._scope.spawn(self._purge(str(self.origin.value())), name="purge", replace=False)

    async def _purge(self, platform: str) -> None:
        name, formats = platform_name(platform), self._context.formats
        try:
            plan = await self._purges.look(platform)
        except AppError as error:
            self._context.notices.failed(error)
            return

        async def work(kept: Kept, progress: Progress) -> list[str]:
            result = await self._purges.purge(platform, keeps_backups=kept.backups, progress=progress)
            return purged_lines(result, formats)

        texts = t("purge.title", platform=name), t("purge.about")
        lines = purge_lines(plan, formats)
        await dialogs.answer(
            ForGoodDialog(self.window(), texts, name, lines, len(plan.backups), self._scope, work)
        )
        await self._read()
