"""The document of `sync status`: health, streams, abilities and calls of each account; the outbox by state."""

from __future__ import annotations

from desktop.cli.accounts import problem
from desktop.cli.parser import Document
from desktop.composition.graph import Graph
from desktop.domain.accounts import Account, AccountHealth, StreamHealth
from desktop.wording import Wording


async def document(graph: Graph, wording: Wording, chosen: Account | None) -> Document:
    """How the exchange stands, for one account or all. Asks no platform."""
    accounts = []
    for health in await graph.accounts.list():
        if chosen is None or health.account.id == chosen.id:
            streams = await graph.accounts.streams(health.account.id)
            accounts.append({**_health(wording, health), "streams": [_stream(wording, s) for s in streams]})
    return {"outbox": await graph.outbox.counts(), "accounts": accounts}


def _health(wording: Wording, health: AccountHealth) -> Document:
    account = health.account
    return {
        "account": account.uid,
        "name": account.name,
        "platform": account.platform,
        "base_url": account.base_url,
        "state": account.state.value,
        "last_sync_at": account.last_sync_at,
        "token_fetched_at": account.token_fetched_at,
        "token_until": account.token_until,
        "secret_kept": health.secret_kind,
        "may_send": account.may_send,
        "sending_agreed": account.sending_agreed,
        "customers": health.customers,
        "groups": health.groups,
        "staff": health.staff,
        "outbox_waiting": health.waiting,
        "problem": problem(wording, account.last_error_code, account.last_error),
        "abilities": [
            {
                "ability": refusal.ability,
                "since": refusal.at,
                **(_told(wording, refusal.code, refusal.params)),
            }
            for refusal in health.refusals
        ],
        "budgets": [
            {
                "path": use.path,
                "window": use.window,
                "used": use.used,
                "most": use.most,
                "left_permille": use.left_permille,
                "blocked_until": use.blocked_until,
            }
            for use in health.calls
        ],
    }


def _told(wording: Wording, code: str, params: object) -> Document:
    said = problem(wording, code, params if isinstance(params, dict) else {})
    return said or {}


def _stream(wording: Wording, stream: StreamHealth) -> Document:
    return {
        "stream": stream.stream,
        "name": wording.text(f"sync_stream.{stream.stream}"),
        "last_success_at": stream.last_success_at,
        "received": stream.received,
        "new": stream.new,
        "changed": stream.changed,
        "removed": stream.removed,
        "problem": problem(wording, stream.error_code, {}),
    }
