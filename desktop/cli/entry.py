"""The command line: one command, one JSON document, or one error document and a non-zero exit."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import itertools
import json
import locale
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from desktop import late
from desktop.app.config import load as load_settings
from desktop.app.logs import logging_to
from desktop.cli import areas
from desktop.cli.parser import BareHandler, Document, Handler, LoopHandler, Opens, Parser
from desktop.composition.graph import GraphConfig, default_data_dir, default_operator, opened_graph
from desktop.domain.errors import AppError, InvalidInputError
from desktop.wording import Wording, language_of

log = logging.getLogger(__name__)

EXIT_KNOWN = 1
EXIT_USAGE = 2
EXIT_BUG = 3


def run(argv: Sequence[str]) -> int:
    """Do what the arguments ask for; the process's exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    wording = Wording(_language(argv))
    with contextlib.ExitStack() as ending:
        try:
            alone = _without_command(argv)
            if alone is not None:
                return _open_window(alone)
            args = _parser().parse_args(argv)
            args.language = wording.language
            if args.opens == Opens.OWN_LOOP:
                document = cast(LoopHandler, args.handler)(args)
            else:
                ending.enter_context(logging_to(args.data_dir))
                document = asyncio.run(_perform(args))
        except AppError as error:
            log.info("told: %s", error.code)
            return _report(error.code, error_text(wording, error), error.data_changed)
        except KeyboardInterrupt:
            return _report("cancelled", wording.text("error.cancelled"), False)
        except Exception as error:
            log.exception("command failed")
            text = wording.text("error.unexpected", detail=repr(error))
            return _report("unexpected", text, False, EXIT_BUG)
    _print(document, as_json=args.json)
    return EXIT_KNOWN if document.get("ok") is False else 0  # such as `check` that found damage


def error_text(wording: Wording, error: AppError) -> str:
    """One error in the operator's language: cause, what happened to the data, next step."""
    key = f"error.{error.code}"
    return wording.text(key if wording.has(key) else "error.unexpected", **_said(wording, error.params))


def _said(wording: Wording, params: dict[str, object]) -> dict[str, object]:
    """Parameters as text: lists are joined, the rest is shown as it is."""
    joiner = "、" if wording.language == "zh_CN" else ", "
    return {
        name: joiner.join(map(str, value)) if isinstance(value, list | tuple | set) else value
        for name, value in {"detail": "", **params}.items()
    }


async def _perform(args: argparse.Namespace) -> Document:
    handler: Handler | BareHandler = args.handler
    if args.opens == Opens.NOTHING:
        return await cast(BareHandler, handler)(args)
    operator = load_settings(args.data_dir).operator or default_operator()
    config = GraphConfig(data_dir=args.data_dir, operator=operator)
    async with opened_graph(config, needs_shop=args.opens == Opens.SHOP) as graph:
        try:
            return await cast(Handler, handler)(graph, args)
        finally:  # a round or an import that broke off may have brought people all the same
            await graph.own_tags.catch_up()


def _common(*, add_help: bool) -> Parser:
    """What may stand before any command, and all that opening the window takes."""
    parser = Parser(
        prog="main.py", description="Fankeeper: without a command, opens the window.", add_help=add_help
    )
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="the shop's folder")
    parser.add_argument(
        "--open", type=Path, action="append", default=[], metavar="FILE", help="files for the window"
    )
    parser.add_argument("--lang", choices=("zh_CN", "en"), help="language of messages")
    return parser


def _without_command(argv: Sequence[str]) -> argparse.Namespace | None:
    """The arguments where they only ask for the window; None where a command may be among them."""
    try:
        args, rest = _common(add_help=False).parse_known_args(argv)
    except InvalidInputError:  # a command's own argument may look like one of these
        return None
    return None if rest else args


def _parser() -> Parser:
    parser = _common(add_help=True)
    parser.set_defaults(json=False)
    subcommands = parser.add_subparsers(dest="command", parser_class=Parser, required=True)
    for area in areas.all_areas():
        area.register(subcommands)
    return parser


def _language(argv: Sequence[str]) -> str:
    for first, second in itertools.pairwise(argv):
        if first == "--lang" and second in ("zh_CN", "en"):
            return second
    named = os.environ.get("FANKEEPER_LANG") or locale.getlocale()[0] or ""
    return language_of(named)


def _open_window(args: argparse.Namespace) -> int:
    late.load_qt()
    window = importlib.import_module("desktop.app.window")  # late: commands start without loading Qt
    return int(window.open_window(args.data_dir, language=args.lang, files=args.open))


def _print(document: Document, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        print("\n".join(_lines(document)))


def _lines(value: Any, indent: str = "") -> list[str]:
    """A document for reading: a line a figure, lists as indented rows."""
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            if isinstance(inner, dict | list) and inner:
                lines += [f"{indent}{key}:", *_lines(inner, indent + "  ")]
            else:
                lines.append(f"{indent}{key}: {_plain(inner)}")
        return lines
    if isinstance(value, list):
        return [
            f"{indent}- " + ", ".join(f"{k}={_plain(v)}" for k, v in row.items())
            if isinstance(row, dict)
            else f"{indent}- {_plain(row)}"
            for row in value
        ]
    return [f"{indent}{_plain(value)}"]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _report(code: str, message: str, data_changed: bool, exit_code: int | None = None) -> int:
    document = {"error": {"code": code, "message": message, "data_changed": data_changed}}
    print(json.dumps(document, ensure_ascii=False), file=sys.stderr)
    if exit_code is not None:
        return exit_code
    return EXIT_USAGE if code == "usage" else EXIT_KNOWN
