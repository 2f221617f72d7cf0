"""Commands `accounts add|list|matrix|authorise|test|allow-sending|remove`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.cli import draft_files
from desktop.cli.parser import Document, Subcommands, add_command, add_family
from desktop.composition.graph import Graph
from desktop.domain.account_menu import buttons_of, entries_of
from desktop.domain.accounts import Account, AccountHealth
from desktop.domain.errors import InvalidInputError
from desktop.wording import Wording

EXAMPLE = '{"corpid": "ww...", "corpsecret": "..."} or {"appid": "wx...", "appsecret": "..."}'


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    family = add_family(subcommands, "accounts", "accounts on platforms")
    add = add_command(family, "add", _add, help_text="connect one; its secrets as JSON on standard input")
    add.add_argument("--platform", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--base-url", help="another address than the platform's own: the sandbox")
    add_command(family, "list", _list, help_text="accounts with their health")
    add_command(family, "matrix", _matrix, help_text="all side by side, each with its next step")
    menu = add_command(family, "menu", _menu, help_text="an official account's menu; with --set a new one")
    menu.add_argument("account", help="uid, id, name, or the platform's own id")
    change = menu.add_mutually_exclusive_group()
    change.add_argument("--set", type=Path, help='JSON file: [{"name", "type", "url", "sub_button": []}]')
    change.add_argument("--delete", action="store_true")
    _register_authorise(family)
    for name, handler, says in (
        ("test", _test, "sign in and read the first list"),
        ("allow-sending", _allow, "agree that what is confirmed leaves this computer through it"),
        ("remove", _remove, "put one away and forget its secret"),
    ):
        command = add_command(family, name, handler, help_text=says)
        command.add_argument("account", help="uid, id, name, or the platform's own id")


def _register_authorise(family: Subcommands) -> None:
    command = add_command(
        family, "authorise", _authorise, help_text="the owner's consent: without --code the page to open"
    )
    command.add_argument("account", help="uid, id, name, or the platform's own id")
    command.add_argument("--code", help="the code, or the whole address the browser ended at")
    command.add_argument(
        "--state", default="", help="what the page was asked with: an address must carry it"
    )
    command.add_argument(
        "--wait",
        type=float,
        default=0.0,
        help="seconds to wait for the browser, where the address is this computer",
    )


async def _matrix(graph: Graph, args: argparse.Namespace) -> Document:
    now = graph.config.clock.now_ms()
    return {
        "accounts": [
            {
                "uid": row.account.uid,
                "name": row.account.name,
                "platform": row.account.platform,
                "state": row.account.state.value,
                "fans": row.fans,
                "groups": row.groups,
                "people_left": row.reach.people,
                "sends_left": row.reach.sends,
                "token_days": row.token_days(now),
                "consent_days": row.consent_days(now),
                "last_sync_at": row.account.last_sync_at,
                "waiting": row.waiting,
                "next_step": row.step.value,
            }
            for row in await graph.matrix.rows()
        ]
    }


async def _menu(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.find(args.account)
    queued: tuple[str, ...] = ()
    if args.delete:
        queued = (await graph.menus.delete(account.id, hold_s=0)).items
    elif args.set is not None:
        entries = entries_of(draft_files.read_list(args.set))
        queued = (await graph.menus.save(account.id, entries, hold_s=0)).items
    state = next((one for one in await graph.menus.states() if one.account_id == account.id), None)
    if state is None:
        raise InvalidInputError("account_not_official")
    return {
        "now": buttons_of(state.now),
        "wanted": None if state.wanted is None else buttons_of(state.wanted),
        "waiting": list(state.items),
        "refused": state.reason,
        "queued": list(queued),
    }


async def _authorise(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.find(args.account)
    given, state = args.code, args.state
    if given is None:
        page = await graph.grants.page(account.id)
        told = {"account": account.uid, "url": page.url, "state": page.state, "redirect": page.redirect}
        if not (args.wait and page.can_catch):
            return {**told, "can_catch": page.can_catch, "authorised": False}
        line = json.dumps(told, ensure_ascii=False)
        given = await graph.grants.catch(page, lambda: print(line, file=sys.stderr, flush=True), args.wait)
        state = page.state
        if not given:
            return {**told, "can_catch": True, "authorised": False}
    life = await graph.grants.finish(account.id, given, state)
    return {
        "account": account.uid,
        "authorised": True,
        "until": life.refresh_until if life else None,
        "renewals_left": life.renewals_left if life else None,
    }


def read_secrets() -> dict[str, Any]:
    """The JSON object on standard input. Raises InvalidInputError; never repeats what it read."""
    try:
        given = json.loads(sys.stdin.read())
    except (ValueError, OSError):
        given = None
    if not isinstance(given, dict):
        raise InvalidInputError("secrets_unreadable", example=EXAMPLE)
    return given


def problem(wording: Wording, code: str | None, params: Mapping[str, Any] | None) -> Document | None:
    """A failure as a document: code and the operator's words."""
    if code is None:
        return None
    key = f"error.{code}" if wording.has(f"error.{code}") else "error.platform"
    return {"code": code, "message": wording.text(key, **{"detail": "", **(params or {})})}


async def _add(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.add(args.platform, args.name, args.base_url, read_secrets())
    kept = await graph.accounts.secret_kind()
    notice = Wording(args.language).text(f"accounts.notice_{kept}")
    return {**_account(account), "secret_kept": kept, "notice": notice}


async def _list(graph: Graph, args: argparse.Namespace) -> Document:
    wording = Wording(args.language)
    return {"accounts": [_health(wording, health) for health in await graph.accounts.list()]}


async def _test(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.find(args.account)
    test = await graph.accounts.test(account.id)
    told = problem(Wording(args.language), test.error_code, test.error_params)
    return {"account": account.uid, "works": test.works, "staff": test.staff, "problem": told}


async def _allow(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.first_send.agree((await graph.accounts.find(args.account)).id)
    return {"account": account.uid, "may_send": account.may_send, "host": account.host}


async def _remove(graph: Graph, args: argparse.Namespace) -> Document:
    account = await graph.accounts.find(args.account)
    await graph.accounts.remove(account.id)
    return {"account": account.uid, "removed": True}


def _account(account: Account) -> Document:
    return {
        "account": account.uid,
        "id": str(account.id),
        "platform": account.platform,
        "name": account.name,
        "base_url": account.base_url,
        "external_id": account.external_id,
        "state": account.state.value,
    }


def _health(wording: Wording, health: AccountHealth) -> Document:
    account = health.account
    return {
        **_account(account),
        "last_sync_at": account.last_sync_at,
        "customers": health.customers,
        "groups": health.groups,
        "staff": health.staff,
        "may_send": account.may_send,
        "secret_kept": health.secret_kind,
        "problem": problem(wording, account.last_error_code, account.last_error),
    }
