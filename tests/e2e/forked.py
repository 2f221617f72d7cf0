"""Run as a script: has the program loaded, and forks a process for each command it is told to run.

A fork costs what its command does, not what Python takes to start. Nothing of the program is replaced.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import anyio._backends._asyncio  # noqa: F401  these would be loaded anew by every fork
import httpx  # noqa: F401
import keyring

from desktop.cli import entry
from desktop.store.fans import names


def perform(order: dict[str, Any]) -> int:
    """One command in this process, which was made for it."""
    if "env" in order:
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
    os.chdir(order["cwd"])
    for handle, name, flags in ((0, "stdin", os.O_RDONLY), (1, "stdout", WRITE), (2, "stderr", WRITE)):
        opened = os.open(order[name], flags, 0o600)
        os.dup2(opened, handle)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    while order.get("go") and not os.path.exists(order["go"]):
        time.sleep(0.002)
    code = entry.run(order["argv"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def main() -> None:
    """A line of JSON in, the fork's number out, and how it ended when it did."""
    names.spellings("小满")
    keyring.get_keyring()
    gc.collect()
    gc.freeze()  # a fork need not look at, and so copy, what is loaded
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = perform(json.loads(line))
            finally:
                os._exit(code)
        print(json.dumps({"pid": child}), flush=True)
        status = os.waitpid(child, 0)[1]
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
