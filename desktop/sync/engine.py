"""The synchronisation: all accounts side by side, each pushing, pulling and collecting in that order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

from desktop.domain.accounts import Account, AccountState
from desktop.domain.clock import Clock
from desktop.domain.errors import (
    AppError,
    AuthError,
    CancelledByOperatorError,
    ConflictError,
    PlatformError,
    StoreError,
)
from desktop.domain.sync_reports import AccountReport, Outcome, SyncReport
from desktop.domain.write_kinds.douyin import DIRECT_MESSAGE
from desktop.domain.write_kinds.wecom import KF_MESSAGE
from desktop.platforms.ports import (
    Adapter,
    PerformsWrites,
    PullsTalks,
    TellsTokenLife,
)
from desktop.platforms.ports_grants import KeepsGrant
from desktop.platforms.ports_public import PullsIntentions
from desktop.store.accounts import abilities, accounts, grants, sync_runs
from desktop.store.database import Store
from desktop.store.transaction import Transaction
from desktop.sync import pull_intentions, pull_talks, pulls
from desktop.sync.ports import AccountRef, Cancel, OutboxPusher
from desktop.sync.round import AfterPage, Progress, Round

T = TypeVar("T")
OpenAdapter = Callable[[Account], Awaitable[Adapter]]
BeforeHook = Callable[[], Awaitable[object]]

REPLIES = frozenset({KF_MESSAGE, DIRECT_MESSAGE})


class SyncEngine:
    """Exchanges with the platforms when it is told to. Never starts by itself.

    `open_adapter` gives an open line to an account or raises SecretMissingError. `before` runs once at the
    beginning: what is due for the whole shop costs least before more people come in. `after_page` runs in
    the transaction of each step, with the fans it touched.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        open_adapter: OpenAdapter,
        pusher: OutboxPusher,
        before: BeforeHook | None = None,
        after_page: AfterPage | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._open_adapter = open_adapter
        self._pusher = pusher
        self._before = before
        self._after_page = after_page
        self._running: set[int] = set()

    async def run(
        self,
        account_ids: Sequence[int] | None = None,
        *,
        full: bool = False,
        accept_removals: bool = False,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        talks_only: bool = False,
    ) -> SyncReport:
        """One round for these accounts (None: all). `full` starts every pass from its beginning.

        With `talks_only` just replies leave and what customers wrote comes in: quick, no round on record.

        What goes wrong with a platform is in the report, account by account. An account that is being
        synchronised already is left out; raises ConflictError when that leaves none, and StoreError.
        Cancelling stops within a second; what was stored stays, and the next round goes on from there.
        """
        self._store.need_writable()
        known = await self._store.read(accounts.listing)
        chosen = [
            account
            for account in known
            if (account_ids is None or account.id in account_ids)
            and account.state is not AccountState.DISABLED
        ]
        wanted = [account for account in chosen if account.id not in self._running]
        if chosen and not wanted:
            raise ConflictError("sync_running")
        stop = cancel or asyncio.Event()
        self._running |= {account.id for account in wanted}
        try:
            await self._pusher.recover()
            if self._before is not None:
                await self._before()
            done = await asyncio.gather(
                *(
                    self._talk(account, progress, stop)
                    if talks_only
                    else self._account(account, full, accept_removals, progress, stop)
                    for account in wanted
                ),
                return_exceptions=True,
            )
        finally:
            self._running -= {account.id for account in wanted}
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome
        return SyncReport(tuple(cast(AccountReport, outcome) for outcome in done))

    async def _account(
        self,
        account: Account,
        full: bool,
        accept_removals: bool,
        progress: Progress | None,
        cancel: Cancel,
    ) -> AccountReport:
        """One account's round; what stops it is told in its report."""
        run_id = await self._store.write(lambda tx: sync_runs.begin(tx, account.id), kind=None)
        round_ = self._round(account, run_id, progress, cancel, full, accept_removals)
        await self._guarded(round_, self._exchange, cancel)
        await self._store.write(lambda tx: _close(tx, run_id, round_.report), kind=None)
        return round_.report

    async def _talk(self, account: Account, progress: Progress | None, cancel: Cancel) -> AccountReport:
        """Replies out, messages in; what stops it is told in the report."""
        round_ = self._round(account, None, progress, cancel)
        await self._guarded(round_, self._exchange_talks, cancel)
        return round_.report

    def _round(
        self,
        account: Account,
        run_id: int | None,
        progress: Progress | None,
        cancel: Cancel,
        full: bool = False,
        accept_removals: bool = False,
    ) -> Round:
        return Round(
            self._store,
            self._clock,
            account,
            run_id,
            AccountReport(account.id, account.uid, account.name, account.platform),
            is_full=full,
            accepts_removals=accept_removals,
            cancel=cancel,
            progress=progress,
            after_page=self._after_page,
        )

    async def _guarded(
        self, round_: Round, exchange: Callable[[Round, Adapter, Cancel], Awaitable[None]], cancel: Cancel
    ) -> None:
        """Open the line, exchange, close it; a platform's failure goes into the report."""
        report = round_.report
        try:
            adapter = await self._open_adapter(round_.account)
            try:
                await exchange(round_, adapter, cancel)
            finally:
                if isinstance(adapter, TellsTokenLife):
                    report.token_life = adapter.token_life()
                if isinstance(adapter, KeepsGrant):
                    report.grant_life = adapter.grant_life()
                await adapter.aclose()
        except CancelledByOperatorError:
            report.outcome = Outcome.CANCELLED
        except StoreError:
            raise
        except AppError as error:
            _blame(report, error)
            report.outcome = Outcome.FAILED
        if report.outcome is Outcome.OK and any(s.error_code for s in report.streams.values()):
            report.outcome = Outcome.FAILED

    async def _exchange_talks(self, round_: Round, adapter: Adapter, cancel: Cancel) -> None:
        """Pull first: whether a reply may still go depends on what was said meanwhile."""
        if isinstance(adapter, PullsTalks):
            await pulls.stream(round_, "talks", pull_talks.pull_talks(round_, adapter))
        if isinstance(adapter, PullsIntentions):
            await pulls.stream(
                round_, pull_intentions.INTENTIONS, pull_intentions.pull_intentions(round_, adapter)
            )
        if isinstance(adapter, PerformsWrites):
            pushed = await self._pusher.push(_ref(round_.account), adapter, cancel, REPLIES)
            round_.report.outbox = pushed.as_json()

    async def _exchange(self, round_: Round, adapter: Adapter, cancel: Cancel) -> None:
        ref = _ref(round_.account)
        if isinstance(adapter, PerformsWrites):
            pushed = await self._pusher.push(ref, adapter, cancel)
            round_.report.outbox = pushed.as_json()
        await pulls.pull_all(round_, adapter)
        if isinstance(adapter, PerformsWrites):
            await self._collect(round_, ref, adapter)

    async def _collect(self, round_: Round, ref: AccountRef, adapter: PerformsWrites) -> None:
        """What became of earlier sends; a platform that cannot say now is asked again next time."""
        outbox = round_.report.outbox
        try:
            outbox["results"] = await round_.ask(self._pusher.collect_results(ref, adapter))
        except PlatformError as error:
            outbox["results_stopped_by"] = error.code


def _ref(account: Account) -> AccountRef:
    return AccountRef(account.id, account.uid, account.platform, account.external_id)


def _blame(report: AccountReport, error: AppError) -> None:
    report.error_code = error.code
    report.error_params = dict(error.params)
    report.retry_after_s = error.retry_after_s
    report.is_refused = isinstance(error, AuthError)


def _close(tx: Transaction, run_id: int, report: AccountReport) -> None:
    """Write down how the round ended, and what the platform thinks of the account."""
    code, params = report.error_code, report.error_params
    if code is None:
        first = next((stream for stream in report.streams.values() if stream.error_code), None)
        if first is not None:
            code, params = first.error_code, first.error_params
    for stream in report.streams.values():
        sync_runs.save_stream(tx, run_id, stream)
    sync_runs.end(tx, run_id, report.outcome, code, params if code else None)
    if report.token_life is not None:
        accounts.note_token(tx, report.account_id, *report.token_life)
    if report.grant_life is not None:
        grants.note(tx, report.account_id, report.grant_life)
    _note_abilities(tx, report)
    if report.outcome is Outcome.CANCELLED:
        return
    if report.error_code is None:
        accounts.note_synced(tx, report.account_id)
        accounts.set_state(tx, report.account_id, AccountState.CONNECTED, code, params if code else None)
    elif report.is_refused:
        accounts.set_state(tx, report.account_id, AccountState.REFUSED, code, params)
    else:
        accounts.note_error(tx, report.account_id, code, params)


def _note_abilities(tx: Transaction, report: AccountReport) -> None:
    """Streams the platform does not allow the account, and streams it does again."""
    for stream in report.streams.values():
        ability = f"stream.{stream.stream}"
        if stream.error_code and stream.error_params.get("is_permission"):
            abilities.note_refused(tx, report.account_id, ability, stream.error_code, stream.error_params)
        elif (
            not stream.error_code and report.error_code is None and report.outcome is not Outcome.CANCELLED
        ):
            abilities.note_working(tx, report.account_id, [ability])
