"""The sync centre: accounts, a round when it is asked for, what it did, and what waits to go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.domain.account_matrix import Step
from desktop.domain.accounts import Account, AccountHealth, StreamHealth
from desktop.domain.changes import Topic
from desktop.domain.sync_reports import SyncRun
from desktop.qtkit.dialogs import answer, confirm
from desktop.qtkit.i18n import t
from desktop.services.accounts import AccountService
from desktop.services.first_send import FirstSendService
from desktop.services.grants import GrantHealth, GrantService
from desktop.services.outbox import OutboxService
from desktop.services.statistics import StaffFigures, StatisticsService
from desktop.views.exchange import Exchange
from desktop.views.page import Page, PageContext
from desktop.views.sync.account_card import AccountCard
from desktop.views.sync.connect_dialog import ConnectDialog
from desktop.views.sync.consent_dialog import ConsentDialog
from desktop.views.sync.doors.table import NEEDS_CONSENT
from desktop.views.sync.first_send_dialog import FirstSendDialog
from desktop.views.sync.history_card import HistoryCard, PastRun
from desktop.views.sync.outbox_card import OutboxCard
from desktop.views.sync.progress_panel import ProgressPanel
from desktop.views.sync.result_card import ResultCard
from desktop.views.sync.staff_card import StaffCard
from desktop.views.sync.start_panel import StartPanel
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import say

RUNS = 8
SIDE_WIDTH = 320
CLOCK_MS = 30_000


@dataclass(frozen=True)
class SyncView:
    """What the page shows."""

    accounts: tuple[AccountHealth, ...]
    runs: Mapping[int, tuple[SyncRun, ...]]
    outbox: Mapping[str, int]
    streams: Mapping[int, Sequence[StreamHealth]] = field(default_factory=dict)
    staff: Sequence[StaffFigures] = ()
    consents: Mapping[int, GrantHealth] = field(default_factory=dict)


class SyncPage(Page):
    """Key "sync". `open_with(connect=True)` opens the connect dialog, a platform's name at its door.

    `account=3, step=Step.MEND` shows an account's card and does this next step of it.
    """

    topics = frozenset({Topic.ACCOUNT, Topic.SYNC, Topic.OUTBOX, Topic.STATISTIC})

    def __init__(
        self,
        context: PageContext,
        accounts: AccountService,
        outbox: OutboxService,
        exchange: Exchange,
        first_send: FirstSendService,
        statistics: StatisticsService,
        grants: GrantService,
    ) -> None:
        super().__init__(context)
        self.setObjectName("sync_page")
        self._accounts = accounts
        self._outbox = outbox
        self._exchange = exchange
        self._first_send = first_send
        self._statistics = statistics
        self._grants = grants
        self._wish: tuple[int, Step] | None = None
        self.cards: dict[int, AccountCard] = {}
        self.results: dict[int, ResultCard] = {}
        self.head.set_title("sync_page.title")
        self._build_buttons()
        self._build_body()
        exchange.began.connect(self._on_began)
        exchange.progressed.connect(self.progress.show_progress)
        exchange.ended.connect(self._on_ended)
        if exchange.is_running:
            self._on_began()
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MS)
        self._clock.timeout.connect(self._renew_times)
        self._clock.start()

    def _build_buttons(self) -> None:
        self.more = Button("sync_page.more", icon="ellipsis", on_click=self._open_menu, parent=self)
        self.connect_button = changes(
            Button("sync_page.connect", icon="plus", on_click=self.open_connect, parent=self)
        )
        self.sync_button = changes(
            Button(
                "sync_page.sync_now", icon="refresh-cw", kind="primary", on_click=self.start, parent=self
            )
        )
        for button, name in (
            (self.more, "more"),
            (self.connect_button, "connect_account"),
            (self.sync_button, "sync_now"),
        ):
            button.setObjectName(name)
            self.head.add(button)
        say(self.sync_button, "sync_page.sync_tip", role="tip")
        self.menu = QMenu(self)
        self.full_action = changes(self.menu.addAction("", self._spawn_full))

    def _build_body(self) -> None:
        formats = self.context.formats
        self.progress = ProgressPanel(formats, self)
        self.progress.setObjectName("progress")
        self.progress.stop_asked.connect(self._exchange.cancel)
        self.start_panel = StartPanel(self)
        self.start_panel.connect_asked.connect(self.open_connect)
        self.start_panel.files_asked.connect(lambda: self.context.go("import"))
        self.outbox_card = OutboxCard(formats, self)
        self.outbox_card.setFixedWidth(SIDE_WIDTH)
        self.outbox_card.opened.connect(self._open_outbox)
        self._top = QWidget(self)
        top = QHBoxLayout(self._top)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(16)
        self._account_column, self._result_column = QVBoxLayout(), QVBoxLayout()
        for column in (self._account_column, self._result_column):
            column.setSpacing(16)
        top.addLayout(self._account_column, 1)
        top.addWidget(self.outbox_card, 0, Qt.AlignmentFlag.AlignTop)
        self.history = HistoryCard(formats, self)
        for widget in (self.progress, self.start_panel, self._top):
            self.body.addWidget(widget)
        self.body.addLayout(self._result_column)
        self.staff = StaffCard(formats, self)
        self.body.addWidget(self.staff)
        self.body.addWidget(self.history)
        self.body.addStretch()

    # -- reading and showing

    async def load(self) -> SyncView:
        """Accounts with their last rounds, and the outbox counted."""
        accounts = await self._accounts.list()
        runs = {
            health.account.id: await self._accounts.runs(health.account.id, RUNS) for health in accounts
        }
        streams = {h.account.id: await self._accounts.streams(h.account.id) for h in accounts}
        counts = await self._outbox.counts()
        consents = {consent.account_id: consent for consent in await self._grants.health()}
        return SyncView(accounts, runs, counts, streams, await self._statistics.staff(), consents)

    def populate(self, data: SyncView) -> None:
        """Show all of it; cards of accounts that stay are kept."""
        has_accounts = bool(data.accounts)
        self.full_action.setText(t("sync_page.full"))
        self.start_panel.setVisible(not has_accounts)
        for widget in (self._top, self.sync_button, self.more, self.connect_button):
            widget.setVisible(has_accounts)
        self._drop_gone({health.account.id for health in data.accounts})
        past: list[PastRun] = []
        for health in data.accounts:
            self._show_account(health, data)
            past += [PastRun(health.account.name, run) for run in data.runs[health.account.id]]
        self.outbox_card.show_counts(data.outbox)
        self.staff.show_staff(data.staff)
        self.history.show_runs(past)
        self._show_last(data)
        self._set_busy(self._exchange.is_running)
        self._go_to_step()

    def _show_account(self, health: AccountHealth, data: SyncView) -> None:
        account, runs = health.account, data.runs[health.account.id]
        if account.id not in self.cards:
            self._add_account(account)
        self.cards[account.id].show_health(health, data.consents.get(account.id))
        result = self.results[account.id]
        ended = next((run for run in runs if run.ended_at is not None), None)
        result.setVisible(ended is not None)
        if ended is not None:
            streams, is_one_of_many = data.streams.get(account.id, ()), len(data.accounts) > 1
            result.show_run(account, ended, streams, is_one_of_many=is_one_of_many)

    def _add_account(self, account: Account) -> None:
        card = AccountCard(self.context.formats, self.context.clock, self)
        card.setObjectName(f"account_{account.id}")
        card.test_asked.connect(partial(self._test, account.id))
        card.renew_asked.connect(partial(self._renew, account.id))
        card.remove_asked.connect(partial(self._remove, account.id))
        card.consent_asked.connect(partial(self._ask_consent, account.id))
        card.look_asked.connect(partial(self._look_first, account.id))
        self.cards[account.id] = card
        self._account_column.addWidget(card)
        card.show()  # a layout shows what it is given only at the next turn of the loop
        result = ResultCard(self.context.formats, self)
        result.setObjectName(f"result_{account.id}")
        result.removals_accepted.connect(partial(self._ask_removals, account.id))
        self.results[account.id] = result
        self._result_column.addWidget(result)

    def _drop_gone(self, present: set[int]) -> None:
        for gone in set(self.cards) - present:
            for widget in (self.cards.pop(gone), self.results.pop(gone)):
                widget.hide()
                widget.deleteLater()

    def _show_last(self, data: SyncView) -> None:
        times = [h.account.last_sync_at for h in data.accounts if h.account.last_sync_at]
        if not data.accounts:
            self.head.show_subtitle("")
        elif times:
            when = self.context.formats.relative(max(times))
            self.head.show_subtitle(t("sync_page.subtitle", when=when))
        else:
            self.head.show_subtitle(t("sync_page.subtitle_never"))

    def _renew_times(self) -> None:
        if self.isVisible() and self.data is not None:
            self.populate(self.data)

    def retranslate(self) -> None:
        """Say the running round again."""
        self.progress.retranslate()

    def open_with(self, **arguments: object) -> None:
        """`connect` comes from the welcome screen, Home and pages of one platform; `step` from the matrix."""
        if connect := arguments.get("connect"):
            self.open_connect(connect if isinstance(connect, str) else "")
        account, step = arguments.get("account"), arguments.get("step", Step.NONE)
        if isinstance(account, int) and isinstance(step, Step):
            self._wish = (account, step)
            if self.is_loaded:
                self._go_to_step()

    def _go_to_step(self) -> None:
        """Press what the account matrix led to, once its card is here."""
        wish, self._wish = self._wish, None
        if wish is None or wish[0] not in self.cards:
            return
        card, step = self.cards[wish[0]], wish[1]
        self.bring_into_view(card)
        if step in (Step.FIRST_SYNC, Step.SYNC):
            if self.sync_button.isEnabled():
                self._exchange.start([wish[0]])
        elif (button := card.way_to(step)) is not None:
            button.click()

    # -- the round

    def start(self) -> None:
        """Synchronise all accounts, from where each of them stands."""
        self._exchange.start()

    def _on_began(self) -> None:
        self.progress.begin()
        self._set_busy(True)

    def _on_ended(self, _report: object) -> None:
        self.progress.hide()
        self._set_busy(False)
        self.refresh()

    def _set_busy(self, is_busy: bool) -> None:
        self.sync_button.setEnabled(not is_busy)
        say(self.sync_button, "sync_page.syncing" if is_busy else "sync_page.sync_now")
        self.more.setEnabled(not is_busy)
        for card in self.cards.values():
            card.set_busy(is_busy)
        for result in self.results.values():
            result.set_busy(is_busy)

    def _open_menu(self) -> None:
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _spawn_full(self) -> None:
        self.scope.spawn(self._ask_full(), name="full", replace=False)

    async def _ask_full(self) -> None:
        if await confirm(
            self, t("sync_page.full_title"), t("sync_page.full_text"), accept=t("sync_page.full_accept")
        ):
            self._exchange.start(full=True)

    def _ask_removals(self, account_id: int) -> None:
        self.scope.spawn(self._accept_removals(account_id), name="removals")

    async def _accept_removals(self, account_id: int) -> None:
        if await confirm(
            self,
            t("sync_page.held_title"),
            t("sync_page.held_text"),
            accept=t("sync_page.held_accept"),
            danger=True,
        ):
            self._exchange.start([account_id], accept_removals=True)

    # -- accounts

    def open_connect(self, platform: str = "") -> None:
        """Ask for an account's credentials, of `platform` first."""
        self.scope.spawn(self._connect(None, platform), name="connect", replace=False)

    def _renew(self, account_id: int) -> None:
        account = next((h.account for h in self.data.accounts if h.account.id == account_id), None)
        self.scope.spawn(self._connect(account), name="connect", replace=False)

    async def _connect(self, renewing: Account | None, platform: str = "") -> None:
        dialog = ConnectDialog(self._accounts, self.scope, self, renewing=renewing, platform=platform)
        if not await answer(dialog) or dialog.account is None or dialog.test is None:
            return
        name = dialog.account.name
        if dialog.test.error_code in NEEDS_CONSENT:
            await self._authorise(dialog.account.id)
            return
        if not dialog.test.works:
            self.context.notices.warn("sync_page.kept", account=name)
            return
        key = f"connect_{dialog.account.platform}.connected"
        text = t(key, account=name, n=dialog.test.staff)
        self.context.notices.offer("info", key, text, "sync_page.sync_now", self.start)

    def _ask_consent(self, account_id: int) -> None:
        self.scope.spawn(self._authorise(account_id), name="authorise", replace=False)

    async def _authorise(self, account_id: int) -> None:
        account = await self._accounts.get(account_id)
        dialog = ConsentDialog(self._grants, account, self.scope, self)
        if not await answer(dialog):
            return
        text = t("consent.agreed", account=account.name)
        self.context.notices.offer("info", "consent.agreed", text, "sync_page.sync_now", self.start)

    def _test(self, account_id: int) -> None:
        self.scope.spawn(self._try(account_id), name=f"test {account_id}", replace=False)

    async def _try(self, account_id: int) -> None:
        self.cards[account_id].set_testing(True)
        try:
            test = await self._accounts.test(account_id)
        finally:
            if account_id in self.cards:
                self.cards[account_id].set_testing(False)
        account = await self._accounts.get(account_id)
        name = account.name
        if test.works:
            self.context.notices.info(f"connect_{account.platform}.test_worked", account=name, n=test.staff)
        else:
            self.context.notices.warn("sync_page.test_failed", account=name)

    def _look_first(self, account_id: int) -> None:
        self.scope.spawn(self._show_first_send(account_id), name="first send", replace=False)

    async def _show_first_send(self, account_id: int) -> None:
        first = await self._first_send.preview(account_id)
        if await answer(FirstSendDialog(first, self)):
            await self._first_send.agree(account_id)
            self.context.notices.info("first_send.allowed", account=first.account.name)

    def _remove(self, account_id: int) -> None:
        self.scope.spawn(self._ask_remove(account_id), name="remove", replace=False)

    async def _ask_remove(self, account_id: int) -> None:
        name = (await self._accounts.get(account_id)).name
        if await confirm(
            self,
            t("sync_page.remove_title", account=name),
            t("sync_page.remove_text"),
            accept=t("sync_page.remove_accept"),
            danger=True,
        ):
            await self._accounts.remove(account_id)
            self.context.notices.info("sync_page.removed", account=name)

    def _open_outbox(self, state: str) -> None:
        self.context.go("outbox", **({"state": state} if state else {}))
