"""The worker that all crash tests share, how much of the space a run tries, and how one point is repeated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash import seccomp

ROOT = Path(__file__).resolve().parents[2]
WHY_NOT = seccomp.why_not()


def may_mount() -> bool:
    """Whether a small disk can be made here; elsewhere the refused writes of the sweep stand for it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=False, capture_output=True)
        return made.returncode == 0 and subprocess.run(["umount", folder], check=False).returncode == 0


Ask = Callable[..., dict[str, Any]]
# Without the kernel's help there is nothing to sweep with: the tests are not there, and the run says so.
collect_ignore = ["test_sweep.py", "test_power.py"] if WHY_NOT else []
if not may_mount():
    collect_ignore.append("test_full_disk.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("crash")
    group.addoption("--crash-seed", default="1", help="another choice of points and states")
    group.addoption("--crash-point", default="", metavar="SCENARIO:KIND:FAULT:NTH", help="only this one")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With one point to repeat, only the test it belongs to runs."""
    point = str(config.getoption("--crash-point", default=""))
    if not point:
        return
    name, _, rest = point.partition(":")
    file = "test_power.py" if rest.startswith("power:") else "test_sweep.py"
    kept = [item for item in items if item.path.name == file and item.name.endswith(f"[{name}]")][:1]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_report_header() -> str | None:
    return f"crash sweeps are left out: {WHY_NOT}" if WHY_NOT else None


@pytest.fixture(scope="session")
def worker() -> Iterator[Ask]:
    """Do one sweep; its document."""
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", str(Path(__file__).with_name("worker.py"))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    entrance, exit_ = process.stdin, process.stdout

    def ask(do: str, **order: Any) -> dict[str, Any]:
        print(json.dumps({"do": do, **order}), file=entrance, flush=True)
        line = exit_.readline()
        assert line, "the worker has ended"
        found = dict(json.loads(line))
        assert "broke" not in found, found["broke"]
        return found

    yield ask
    process.communicate()


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.getoption("--crash-seed", default="1"))


@pytest.fixture(scope="session")
def only_point(pytestconfig: pytest.Config) -> str:
    """The one point to repeat; "" for all."""
    return str(pytestconfig.getoption("--crash-point", default=""))


def told(failures: list[dict[str, str]], seed: str) -> str:
    """Failures with the command that repeats each of them."""
    return "\n\n".join(
        f"{one['point']} at {one['at']}\n{one['why']}\n{one['run']}\nrepeat with: python3 bootstrap.py test"
        f" tests/crash --crash-point {one['point']} --crash-seed {seed}"
        for one in failures[:5]
    )
