"""Command `sandbox`: the platforms' stand-in alone, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from desktop.cli.parser import Document, Opens, Subcommands, add_command

ROOT = Path(__file__).resolve().parents[2]


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    sandbox = add_command(
        subcommands, "sandbox", _sandbox, opens=Opens.NOTHING, help_text="run the platforms' stand-in"
    )
    sandbox.add_argument("--port", type=int, default=0, help="0 takes a free one")
    sandbox.add_argument("--seed", type=int, default=1)
    sandbox.add_argument("--fans", type=int, default=2000)


async def _sandbox(args: argparse.Namespace) -> Document:
    """Become the sandbox's own process: its first line of output is its address."""
    words = ["-m", "desktop.sandbox", "--port", args.port, "--seed", args.seed, "--fans", args.fans]
    command = [sys.executable, *map(str, words)]
    os.chdir(ROOT)  # `-m` looks from there; the command may be called from anywhere
    if os.name == "posix":
        os.execv(sys.executable, command)  # replaced, so that a signal reaches the server itself
    process = await asyncio.create_subprocess_exec(*command)
    return {"exit_code": await process.wait()}
