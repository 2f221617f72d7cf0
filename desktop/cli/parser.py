"""How commands are declared: one call a command, with what must be open when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, NoReturn

from desktop.composition.graph import Graph
from desktop.domain.errors import InvalidInputError

Document = dict[str, Any]
Handler = Callable[[Graph, argparse.Namespace], Awaitable[Document]]
BareHandler = Callable[[argparse.Namespace], Awaitable[Document]]
LoopHandler = Callable[[argparse.Namespace], Document]
Subcommands = Any  # argparse's own action type is private


class Opens(StrEnum):
    """What a command needs."""

    SHOP = "shop"  # an initialised shop, exclusively
    STORE = "store"  # the file, exclusively, initialised or not
    NOTHING = "nothing"  # runs by itself; the handler takes only the arguments
    OWN_LOOP = "own_loop"  # as NOTHING, and the handler is an ordinary function with a loop of its own


class Parser(argparse.ArgumentParser):
    """Reports bad usage as an error document instead of printing usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise InvalidInputError("usage", detail=message, usage=" ".join(self.format_usage().split()))


def add_command(
    subcommands: Subcommands,
    name: str,
    handler: Handler | BareHandler | LoopHandler,
    *,
    opens: Opens = Opens.SHOP,
    help_text: str = "",
) -> Parser:
    """Declare one command; the returned parser takes its arguments."""
    parser: Parser = subcommands.add_parser(name, help=help_text, description=help_text)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(handler=handler, opens=opens)
    return parser


def add_family(subcommands: Subcommands, name: str, help_text: str) -> Subcommands:
    """Declare a word that has commands below it, such as `accounts add`."""
    parser: Parser = subcommands.add_parser(name, help=help_text, description=help_text)
    return parser.add_subparsers(dest=f"{name}_verb", required=True, parser_class=Parser)
