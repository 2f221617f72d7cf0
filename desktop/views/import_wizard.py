"""Bring a file in, step by step: choose, confirm what it is, look at the comparison, import, undo."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import Topic
from desktop.domain.errors import CancelledByOperatorError, ImportFileError
from desktop.domain.imports import ImportBatch, Rejection
from desktop.domain.tasks import CancelToken
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.imports import ImportPlan, ImportResult, ImportService
from desktop.views.imports.choose_step import ChooseStep
from desktop.views.imports.mapping_step import MappingStep
from desktop.views.imports.preview_step import PreviewStep, reason
from desktop.views.imports.result_step import ResultStep
from desktop.views.page import Page, PageContext
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.progress import ProgressCard
from desktop.views.widgets.states import Banner
from desktop.views.widgets.texts import say

PASSWORD_CODES = ("import_password_needed", "import_password_wrong")


class ImportPage(Page):
    """`open_with(files=[...])` starts with these files, one after the other; `import_uid=...` shows a batch."""

    topics = frozenset({Topic.IMPORT})
    scrolls = False

    def __init__(self, context: PageContext, imports: ImportService, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._imports = imports
        self._waiting: list[Path] = []
        self._path: Path | None = None
        self._password: str | None = None
        self._plan: ImportPlan | None = None
        self._result: ImportResult | None = None
        self._cancel = CancelToken()
        self._step = ""
        self._step_began = 0.0
        self._is_writing = False
        say(self, "imports.title", role="name")
        self.head.set_title("imports.title")
        self.problem = Banner("bad", dismissable=True, parent=self)
        self.problem.setObjectName("import_problem")
        self.problem.hide()
        self.body.addWidget(self.problem)
        self.steps = QStackedWidget(self)
        self._build_steps()
        self.body.addWidget(self.steps, 1)

    def _build_steps(self) -> None:
        formats = self.context.formats
        self.choose = ChooseStep(formats, self)
        self.choose.area.chosen.connect(self.start)
        self.choose.area.asked.connect(self.create_new)
        self.choose.undo_asked.connect(self._ask_undo)
        self.mapping = MappingStep(self)
        self.mapping.preview_asked.connect(lambda: self.scope.spawn(self._preview(), name="work"))
        self.mapping.back_asked.connect(self._restart)
        self.preview = PreviewStep(formats, self)
        self.preview.back_asked.connect(lambda: self.steps.setCurrentWidget(self.mapping))
        self.preview.commit_asked.connect(lambda: self.scope.spawn(self._commit(), name="work"))
        self.preview.save_button.clicked.connect(self._save_planned)
        self.working = QWidget(self)
        self.working.setObjectName("step_working")
        column = QVBoxLayout(self.working)
        column.setContentsMargins(0, 0, 0, 0)
        self.progress = ProgressCard(self.working)
        self.progress.cancelled.connect(lambda: self._cancel.cancel())
        column.addWidget(self.progress)
        column.addStretch(1)
        self.result = ResultStep(formats, self)
        self.result.again_asked.connect(self._next_file)
        self.result.fans_asked.connect(lambda: self.context.go("fans"))
        self.result.undo_asked.connect(self._undo_result)
        self.result.save_asked.connect(self._save_result)
        for step in (self.choose, self.mapping, self.preview, self.working, self.result):
            self.steps.addWidget(step)

    # -- page

    async def load(self) -> list[ImportBatch]:
        """What was brought in before."""
        return await self._imports.batches()

    def populate(self, data: Any) -> None:
        """Show the list; the step under way stays."""
        self.choose.show_batches(data)

    def retranslate(self) -> None:
        """Say the steps again."""
        for step in (self.mapping, self.preview, self.result):
            step.retranslate()
        self.choose.rows.retranslate()

    def open_with(self, **arguments: Any) -> None:
        """Files that were dropped on the window."""
        files = [Path(file) for file in arguments.get("files", ())]
        if files:
            self.start(files)
        elif arguments.get("import_uid"):
            self.scope.spawn(self._show_batch(str(arguments["import_uid"])), name="work")

    def create_new(self) -> None:
        """Ask for a file."""
        self.scope.spawn(self._choose(), name="work")

    def start(self, files: Sequence[Path]) -> None:
        """Bring these files in, one after the other; after the one that is being written."""
        if self._is_writing:
            self._waiting.extend(files)
            self.context.notices.info("imports.queued", n=len(files))
            return
        self._waiting = list(files)
        self._next_file()

    # -- steps

    async def _choose(self) -> None:
        filters = [f"{t('imports.filter_tables')} (*.csv *.tsv *.txt *.xlsx *.xls *.zip)",
                   f"{t('imports.filter_all')} (*)"]  # fmt: skip
        files = await dialogs.choose_files(self, t("imports.choose"), filters)
        if files:
            self.start(files)

    def _next_file(self) -> None:
        if not self._waiting:
            self._restart()
            return
        self._path, self._password = self._waiting.pop(0), None
        self.scope.spawn(self._look(), name="work")

    def _restart(self) -> None:
        self._plan = None
        self.problem.hide()
        self.steps.setCurrentWidget(self.choose)
        self.scope.spawn(self._imports.let_go(), name="let_go")

    async def _look(self) -> None:
        """Open the file and show what it is; asks for a password where one is needed."""
        self.problem.hide()
        self._begin("imports.opening")
        while self._path is not None:
            try:
                inspection = await self._imports.inspect(self._path, self._password)
            except ImportFileError as error:
                if error.code in PASSWORD_CODES:
                    self._password = await self._ask_password(error)
                    if self._password is not None:
                        continue
                    self._restart()
                    return
                self._tell(error, self.choose)
                return
            if not inspection.tables:
                self._tell(ImportFileError("import_no_table"), self.choose)
                return
            self.mapping.show_file(inspection)
            self.steps.setCurrentWidget(self.mapping)
            return

    async def _ask_password(self, error: ImportFileError) -> str | None:
        accept = t("imports.open")
        dialog = dialogs.MessageDialog(self, t("imports.password"), error_text(error), accept=accept)
        line = dialog.add_line(name=t("imports.password"))
        line.setEchoMode(QLineEdit.EchoMode.Password)
        typed: list[str] = []
        dialog.accepted.connect(lambda: typed.append(line.text()))
        return typed[0] if await dialogs.answer(dialog) and typed else None

    async def _preview(self) -> None:
        if self._path is None:
            return
        self.problem.hide()
        self._begin("imports.step_read")
        try:
            self._plan = await self._imports.plan(
                self._path,
                self.mapping.chosen_source(),
                self.mapping.chosen_mapping(),
                self.mapping.chosen_mode(),
                self._password,
                self._on_progress,
                self._cancel,
            )
        except CancelledByOperatorError:
            self.steps.setCurrentWidget(self.mapping)
            return
        except ImportFileError as error:
            self._tell(error, self.mapping)
            return
        except asyncio.CancelledError:
            self._cancel.cancel()  # the thread that reads must end as well
            raise
        self.preview.show_plan(self._plan)
        self.steps.setCurrentWidget(self.preview)

    async def _commit(self) -> None:
        if self._plan is None:
            return
        self._begin("imports.step_commit")
        self._is_writing = True
        try:
            self._result = await self._imports.commit(self._plan, self._on_progress, self._cancel)
        except CancelledByOperatorError:
            self.steps.setCurrentWidget(self.preview)
            self.context.notices.info("imports.cancelled")
            return
        except asyncio.CancelledError:
            self._cancel.cancel()
            raise
        except BaseException:
            self.steps.setCurrentWidget(self.preview)
            raise
        finally:
            self._is_writing = False
        self._plan = None
        self.result.show_result(self._result)
        self.steps.setCurrentWidget(self.result)

    def _begin(self, key: str) -> None:
        self._cancel = CancelToken()
        self._step = ""
        self.progress.show_progress(t(key), 0, None)
        self.steps.setCurrentWidget(self.working)

    def _on_progress(self, step: str, done: int, total: int) -> None:
        """Called on the event loop's thread."""
        if self.steps.currentWidget() is not self.working:
            return
        now = self.context.clock.monotonic_s()
        if step != self._step:
            self._step, self._step_began = step, now
        note = ""
        spent = now - self._step_began
        if done and total and spent > 1.0:
            formats = self.context.formats
            left = formats.duration(spent / done * (total - done))
            note = t("imports.pace", rate=formats.count(done / spent), time=left)
        self.progress.show_progress(t(f"imports.step_{step}"), done, total or None, note=note)

    def _tell(self, error: ImportFileError, step: QWidget) -> None:
        """A file that cannot be brought in stays told until the owner goes on."""
        self.problem.show_text(error_text(error))
        self.steps.setCurrentWidget(step)

    # -- afterwards

    async def _show_batch(self, uid: str) -> None:
        """An earlier import, with its refused rows at hand."""
        self._result = await self._imports.result(uid)
        self.result.show_result(self._result)
        self.steps.setCurrentWidget(self.result)

    def _ask_undo(self, batch: ImportBatch) -> None:
        self.scope.spawn(self._undo(batch.uid, batch.file_name), name="undo")

    def _undo_result(self) -> None:
        if self._result is not None:
            self.scope.spawn(self._undo(self._result.batch, self._result.file_name), name="undo")

    async def _undo(self, uid: str, file_name: str) -> None:
        title = t("imports.undo_title", file=file_name)
        if not await dialogs.confirm(self, title, t("imports.undo_text"), accept=t("imports.undo")):
            return
        self._begin("imports.step_undo")
        try:
            undone = await self._imports.undo(uid, self._on_progress, self._cancel)
        except CancelledByOperatorError:
            self.context.notices.info("imports.undo_cancelled")
            self._restart()
            return
        except BaseException:
            self.steps.setCurrentWidget(self.choose)
            raise
        self._restart()
        if undone.kept:
            self.context.notices.warn("imports.undone_kept", file=file_name, n=undone.kept)
        else:
            self.context.notices.info("imports.undone", file=file_name)

    def _save_planned(self) -> None:
        if self._plan is not None:
            self._save(self._plan.rejections, self._plan.headers)

    def _save_result(self) -> None:
        if self._result is not None:
            self._save(self._result.rejections, self._result.headers)

    def _save(self, rejections: tuple[Rejection, ...], headers: tuple[str, ...]) -> None:
        self.scope.spawn(self._save_rejections(rejections, headers), name="save")

    async def _save_rejections(self, rejections: tuple[Rejection, ...], headers: tuple[str, ...]) -> None:
        target = await dialogs.save_file(
            self,
            t("imports.save_rejected"),
            [f"{t('imports.filter_workbook')} (*.xlsx)"],
            name=f"{t('imports.rejected_file')}.xlsx",
            suffix="xlsx",
        )
        if target is None:
            return
        labels = (t("imports.column_row"), t("imports.column_reason"))
        await self._imports.save_rejections(target, rejections, headers, labels, reason)
        self.context.notices.info("imports.saved", n=len(rejections), file=target.name)
