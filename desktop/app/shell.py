"""One run of the window: opens the shop, shows it, keeps it up, and ends in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from desktop.app import content, upkeep
from desktop.app.config import SettingsFile
from desktop.app.faults import Fault, Faults
from desktop.app.frame import Frame
from desktop.app.lifecycle import end_in_order
from desktop.app.logs import masked
from desktop.app.problem_page import ProblemPage
from desktop.app.session import Session
from desktop.app.single_instance import SingleInstance
from desktop.composition import lock, recovery, warming
from desktop.composition.graph import Graph, GraphConfig
from desktop.domain.clock import local
from desktop.domain.errors import AppError, StoreCorruptError
from desktop.qtkit import dialogs, i18n, theme
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.views.widgets.notices import Notice, Notices, ToastStack
from desktop.views.window_actions import WindowActions

log = logging.getLogger(__name__)

DUE_SHOWN = 5


class Told(QObject):
    """Carries what was caught on any thread to the window's own."""

    error = Signal(object)  # AppError
    fault = Signal(object)  # Fault


class Shell:
    """Construct it after the QApplication, then `await run(stop)` once."""

    def __init__(
        self, config: GraphConfig, settings: SettingsFile, faults: Faults, held: lock.FolderLock | None
    ) -> None:
        self._settings = settings
        self._faults = faults
        self._clock = config.clock
        self._data_dir = config.data_dir
        self._stop = asyncio.Event()
        self._content: content.Content | None = None
        self._had_problem = False
        self._scope = TaskScope(self._failed)
        self._upkeep = TaskScope(self._failed)  # ends with the open shop
        self.notices = Notices(config.clock)
        self.frame = Frame(self._ask_to_close)
        self._toasts = ToastStack(self.notices, self.frame)
        self.notices.posted.disconnect(self._toasts.show_notice)
        self.notices.posted.connect(self._show_toast)
        self._instance = SingleInstance(config.data_dir, self._called)
        self.session = Session(
            config,
            show=self._show,
            hide=self._hide,
            failed=self._failed,
            step=self.frame.show_waiting,
            held=held,
        )
        self._told = Told()
        self._told.error.connect(self._tell)
        self._told.fault.connect(self._show_fault)
        faults.tell = self._told.error.emit
        faults.show = self._told.fault.emit

    async def run(
        self, stop: asyncio.Event, *, files: Sequence[Path] = (), smoke_s: float | None = None
    ) -> int:
        """Show the window until `stop` is set; 0, or 1 when the shop could not be opened.

        With `smoke_s` it ends by itself so many seconds after the shop is shown, and any fault counts.
        """
        self._stop = stop
        self.frame.place(self._settings.now.geometry)
        self.frame.show_waiting("kit.loading")
        self.frame.show()
        await self._open()
        self._open_files([file.absolute() for file in files if file.is_file()])
        if smoke_s is not None:
            self._scope.spawn(self._stop_after(smoke_s), name="smoke")
        await stop.wait()
        failed = await self._end()
        is_bad = self._had_problem or (smoke_s is not None and bool(failed or self._faults.bugs))
        return int(is_bad)

    # -- opening

    async def _open(self) -> None:
        try:
            await self.session.open()
        except AppError as error:
            await self._show_problem(error)
            return
        self._had_problem = False
        if not self._instance.listen():
            log.warning("a second start will not find this window")

    async def _show_problem(self, error: AppError) -> None:
        log.info("not opened: %s", error.code)
        self._had_problem = True
        backup = None
        if isinstance(error, StoreCorruptError):
            backup = await recovery.newest_backup(self.session.config)
        day = (
            ""
            if backup is None or backup.last_operation_at is None
            else (f"{local(backup.last_operation_at, 'Asia/Shanghai'):%Y-%m-%d %H:%M}")
        )
        self.frame.show_content(
            ProblemPage(
                error,
                on_retry=lambda: self._spawn_open(restore=False),
                on_restore=None if backup is None else lambda: self._spawn_open(restore=True),
                on_close=self._stop.set,
                backup_day=day,
            )
        )

    def _spawn_open(self, *, restore: bool) -> None:
        self.frame.show_waiting("kit.loading")
        self._scope.spawn(self._open_again(restore), name="open", replace=False)

    async def _open_again(self, restore: bool) -> None:
        if restore:
            try:
                held = await lock.take_soon(self._data_dir, lock.WINDOW)
                try:
                    await recovery.restore_newest(self.session.config)
                finally:
                    held.release()
            except AppError as error:
                await self._show_problem(error)
                return
        await self._open()

    async def _show(self, graph: Graph) -> None:
        await upkeep.first_round(graph)
        self._content = await content.build(graph, self.notices, self._actions(), self._faults.report)
        self.frame.show_content(self._content.widget)
        self._upkeep.spawn(upkeep.keep_up(graph, self._clock, self._upkeep), name="upkeep")
        self._upkeep.spawn(warming.make_ready(self._clock, ("qtkit", "models", "views")), name="warming")
        restored, self.session.restored = self.session.restored, None
        if restored is not None:
            self.notices.info(
                "upkeep.restore_done",
                kept=str(restored.kept or ""),
                held=restored.held,
                unknown=restored.unknown,
            )

    async def _hide(self) -> None:
        await self._upkeep.aclose()
        shown, self._content = self._content, None
        if shown is not None:
            await shown.aclose()
            self.frame.show_waiting("kit.loading")

    # -- what content may ask

    def _actions(self) -> WindowActions:
        return WindowActions(
            try_demo=self.session.ask_demo,
            leave_demo=self.session.ask_real,
            erase_demo=lambda: self.session.ask_real(erase=True),
            preferences=lambda: self._settings.now,
            prefer=self._prefer,
            quit=self._ask_to_close,
            is_demo=self.session.is_demo,
        )

    def _prefer(self, **changes: object) -> None:
        """Apply and keep preferences."""
        before, now = self._settings.now, self._settings.change(**changes)
        if now.language != before.language:
            i18n.set_language(i18n.system_language() if now.language == "system" else now.language)
        if now.theme != before.theme:
            theme.current().set_choice(now.theme)
        if now.text_scale != before.text_scale:
            theme.current().set_text_scale(now.text_scale)
        theme.current().motion = not now.reduced_motion
        if now.operator != before.operator and self.session.graph is not None:
            self.session.config = replace(
                self.session.config, operator=now.operator or self.session.config.operator
            )
            self.session.graph.store.operator = self.session.config.operator

    # -- what is told

    def _failed(self, error: BaseException) -> None:
        """A task of the window failed; without an open shop, the reason stands in the window."""
        if isinstance(error, AppError) and self.session.graph is None and not self._stop.is_set():
            self._scope.spawn(self._show_problem(error), name="problem")
            return
        self.frame.show_again()
        self._faults.report(error)

    def _show_toast(self, notice: Notice) -> None:
        """In the frame's corner, unless the content shows notices itself."""
        if self._content is None or not self._content.widget.findChildren(ToastStack):
            self._toasts.show_notice(notice)

    def _tell(self, error: AppError) -> None:
        self.notices.failed(error)

    def _show_fault(self, fault: Fault) -> None:
        report = masked(fault.report)
        self.notices.offer(
            "error",
            f"fault.{fault.key}",
            t("app.fault", summary=masked(fault.summary)),
            "app.copy_report",
            lambda: QGuiApplication.clipboard().setText(report),
        )

    def _called(self, files: list[Path]) -> None:
        self.frame.come_forward()
        self._open_files(files)

    def _open_files(self, files: list[Path]) -> None:
        if self._content is not None and files:
            self._content.open_files(files)

    # -- ending

    def _ask_to_close(self) -> None:
        self._scope.spawn(self._close_when_agreed(), name="close", replace=False)

    async def _close_when_agreed(self) -> None:
        """Sends that open within a day need the program: say so once before it goes."""
        graph = self.session.graph
        due = await graph.outbox.due_soon() if graph is not None else []
        if due:
            text = t("app.due_text", n=len(due))
            if not await dialogs.confirm(
                self.frame, t("app.due_title"), text, accept=t("app.close_anyway")
            ):
                return
        self._stop.set()

    async def _stop_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._stop.set()

    async def _end(self) -> list[str]:
        geometry = self.frame.geometry_text()
        self._instance.close()
        self._toasts.clear()
        self.frame.show_saving()
        failed = await end_in_order([("tasks", self._scope.aclose, 3.0), ("shop", self.session.close, 6.0)])
        if self._data_dir.is_dir() and not self._had_problem:
            self._settings.change(geometry=geometry)
        self._faults.tell = self._faults.show = None
        self.frame.finish()
        return failed
