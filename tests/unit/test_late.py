"""Modules run when something of them is first used; each case in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.arch.source import ROOT

LATE = "from desktop import late; late.install()\n"


def said(script: str) -> str:
    """What a fresh process prints that puts modules off."""
    result = subprocess.run(
        [sys.executable, "-c", LATE + script],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_module_runs_at_the_first_use_and_not_before() -> None:
    script = """
from desktop.services import talks
import desktop.services.shop
names = ("desktop.services.talks", "desktop.services.shop")
print(*map(late.is_waiting, names), talks.TalkService.__name__, *map(late.is_waiting, names))
"""
    assert said(script) == "True True TalkService False True"


def test_a_name_taken_out_of_a_module_runs_it() -> None:
    script = """
from desktop.services.shop import ShopService
print(late.is_waiting("desktop.services.shop"), ShopService.__module__)
"""
    assert said(script) == "False desktop.services.shop"


def test_threads_that_come_at_once_all_see_the_whole_module() -> None:
    script = """
import threading
from desktop.services import posts
gate, found = threading.Barrier(8), []
def touch():
    gate.wait()
    found.append(posts.PostService)
threads = [threading.Thread(target=touch) for _ in range(8)]
[one.start() for one in threads]; [one.join() for one in threads]
print(len(found), len(set(found)))
"""
    assert said(script) == "8 1"


def test_a_module_that_fails_fails_where_it_is_used_and_each_time() -> None:
    script = """
import sys
from desktop.services import talks
sys.modules["desktop.store.talks"] = None
for _ in range(2):
    try:
        talks.TalkService
    except ImportError as error:
        print(type(error).__name__, late.is_waiting("desktop.services.talks"))
del sys.modules["desktop.store.talks"]
print(talks.TalkService.__name__)
"""
    assert said(script).split("\n") == [
        "ModuleNotFoundError True",
        "ModuleNotFoundError True",
        "TalkService",
    ]


def test_the_window_is_built_without_running_a_page_or_the_http_library() -> None:
    script = """
late.load_qt()
from desktop.app import screens
from desktop.app.window import open_window
from desktop.app.content import Content
import sys
assert screens.screens
pages = [name for name in sys.modules if name.startswith("desktop.views.") and name.endswith("_page")]
print(len(pages) >= 15, [name for name in pages if not late.is_waiting(name)], "httpx" in sys.modules)
"""
    assert said(script) == "True [] False"


def test_what_was_put_off_is_made_ready_when_nobody_waits() -> None:
    script = """
import asyncio, sys
from desktop.composition.warming import make_ready
from desktop.domain.clock import SystemClock
class Quick(SystemClock):
    async def sleep(self, seconds):
        await asyncio.sleep(0)
late.load_qt()
from desktop.app import screens
assert screens.screens
asyncio.run(make_ready(Quick(), ("qtkit", "models", "views")))
waiting = [name for name in sys.modules if name.startswith(("desktop.views.", "desktop.services."))]
print(len(waiting) > 200, [name for name in waiting if late.is_waiting(name)], "httpx" in sys.modules)
"""
    assert said(script) == "True [] True"
