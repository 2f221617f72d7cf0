"""Commands `sync` (exchange with the platforms once) and `sync status`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from desktop.cli import sync_status
from desktop.cli.accounts import problem, read_secrets
from desktop.cli.parser import Document, Subcommands, add_command
from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError, NotFoundError, PlatformError
from desktop.domain.sync_reports import AccountReport, StreamReport, SyncProgress, SyncReport
from desktop.wording import Wording


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    sync = add_command(
        subcommands, "sync", _sync, help_text="exchange with the platforms once; or how that stands"
    )
    sync.add_argument("verb", nargs="?", choices=("status",), help="exchange nothing, tell how it stands")
    sync.add_argument("--account", help="only this one: uid, id, name, or the platform's own id")
    sync.add_argument("--full", action="store_true", help="read everything from its beginning")
    sync.add_argument("--accept-removals", action="store_true", help="agree to many removals at once")
    sync.add_argument(
        "--accept-first-send",
        action="store_true",
        help="agree that what waits may leave this computer, for accounts that never sent",
    )
    sync.add_argument(
        "--secrets-stdin",
        action="store_true",
        help="secrets for this run as JSON on standard input: one account's, or several by account",
    )


async def _sync(graph: Graph, args: argparse.Namespace) -> Document:
    chosen = await graph.accounts.find(args.account) if args.account else None
    known = [health.account for health in await graph.accounts.list()]
    if not known:
        raise NotFoundError("sync_no_accounts")
    if args.verb == "status":
        return await sync_status.document(graph, Wording(args.language), chosen)
    if args.secrets_stdin:
        await _lend(graph, read_secrets(), chosen.uid if chosen else None)
    if args.accept_first_send:
        for account in [chosen] if chosen else known:
            await graph.first_send.agree(account.id)
    report = await graph.sync.run(
        [chosen.id] if chosen else None,
        full=args.full,
        accept_removals=args.accept_removals,
        progress=None if args.json or not sys.stderr.isatty() else _ProgressLine(Wording(args.language)),
    )
    refuse_when_nothing_worked(report)
    return document(Wording(args.language), report)


async def _lend(graph: Graph, given: Mapping[str, Any], chosen: str | None) -> None:
    """Use secrets for this run only: one account's own fields, or such objects by account."""
    by_account = given if all(isinstance(value, dict) for value in given.values()) else None
    if by_account is not None:
        for key, secrets in by_account.items():
            await graph.accounts.lend((await graph.accounts.find(key)).id, secrets)
        return
    key = chosen or str(given.get("corpid") or "")
    if not key:
        raise InvalidInputError("secret_incomplete", fields=["corpid"])
    await graph.accounts.lend((await graph.accounts.find(key)).id, {k: str(v) for k, v in given.items()})


def refuse_when_nothing_worked(report: SyncReport) -> None:
    """Raise the first account's failure when no account went through."""
    failed = [account for account in report.accounts if account.error_code]
    if not failed or len(failed) < len(report.accounts):
        return
    raise PlatformError(
        failed[0].error_code,
        data_changed=any(account.has_changed_data for account in report.accounts),
        retry_after_s=failed[0].retry_after_s,
        **{"account": failed[0].account_name, **failed[0].error_params},
    )


def document(wording: Wording, report: SyncReport) -> Document:
    """A report as the command's document: sums by stream, and each account by itself."""
    return {
        "outcome": report.outcome,
        "streams": report.totals(),
        "outbox": _outbox_totals(report),
        "accounts": [_account(wording, account) for account in report.accounts],
    }


def _outbox_totals(report: SyncReport) -> Document:
    """What became of outbox items, over all accounts."""
    sums: Counter[str] = Counter()
    for account in report.accounts:
        sums.update({key: value for key, value in account.outbox.items() if isinstance(value, int)})
    return dict(sums)


def _account(wording: Wording, account: AccountReport) -> Document:
    return {
        "account": account.account_uid,
        "name": account.account_name,
        "platform": account.platform,
        "outcome": account.outcome.value,
        "streams": {name: _stream(wording, stream) for name, stream in account.streams.items()},
        "outbox": account.outbox,
        "problem": problem(wording, account.error_code, account.error_params),
    }


def _stream(wording: Wording, stream: StreamReport) -> Document:
    return {
        **stream.counts(),
        "notes": [{"code": code, "message": wording.text(f"sync.note.{code}")} for code in stream.notes],
        "problem": problem(wording, stream.error_code, stream.error_params),
    }


class _ProgressLine:
    """One line on the terminal that is written over while the sync runs."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def __call__(self, at: SyncProgress) -> None:
        key = "sync.progress" if at.total is None else "sync.progress_of"
        stream = self._wording.text(f"sync_stream.{at.stream}")
        line = self._wording.text(key, stream=stream, done=at.done, total=at.total)
        left = "" if at.eta_s is None else self._wording.text("sync.eta", seconds=round(at.eta_s))
        print(f"\r\x1b[K{line} {left}", end="", file=sys.stderr, flush=True)
