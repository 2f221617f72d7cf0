"""The window as a process of its own: starts, is called forward, ends in order, says why it cannot open."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.app.single_instance import hand_over
from desktop.composition import lock
from desktop.store.engine import sqlite3

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 40
END_S = 8 + 2  # the program's own limit, and a slow machine

# A window whose content writes without pause and says what was acknowledged.
BUSY = """
import sys
from pathlib import Path
from desktop.app import content, window
from desktop.qtkit.tasks import TaskScope

build = content.build

async def build_busy(graph, *rest):
    shown = await build(graph, *rest)
    async def work():
        number = 0
        while True:
            number += 1
            await graph.shop.set_setting("busy", number)
            print(number, flush=True)
    shown.widget.scope.spawn(work(), name="busy")
    return shown

content.build = build_busy
raise SystemExit(window.open_window(Path(sys.argv[1]), language="en"))
"""


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "FANKEEPER_LANG": "en", **more}


def window(*words: str, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "main.py", *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", "--data-dir", str(data), *words],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def wait_for(true: Callable[[], bool], child: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert child.poll() is None, child.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.05)


def integrity(data: Path) -> str:
    connection = sqlite3.connect(str(data / "shop.db"))
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()


def log_of(data: Path) -> str:
    file = data / "logs" / "fankeeper.log"
    return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "数据 data"
    made = command(folder, "init", "--name", "小满鲜果", "--industry", "frequent-online")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def shown(data: Path) -> Iterator[subprocess.Popen[str]]:
    """A window on `data` that answers calls."""
    child = window("--data-dir", str(data))
    wait_for(lambda: hand_over(data), child)
    yield child
    if child.poll() is None:
        child.kill()
    child.communicate()


def ended(child: subprocess.Popen[str]) -> str:
    """Its output, after it left within the limit by itself."""
    said = child.communicate(timeout=END_S)[0]
    assert child.returncode == 0, said
    return said


@pytest.mark.slow
def test_one_round_without_a_shop_and_with_one(tmp_path: Path) -> None:
    for _ in range(2):
        child = window("--data-dir", str(tmp_path / "new"), FANKEEPER_SMOKE_S="0.3")
        assert child.communicate(timeout=PATIENCE_S)[0] == ""
        assert child.returncode == 0
    assert integrity(tmp_path / "new") == "ok"
    assert not (tmp_path / "new" / "shop.db-wal").exists()
    assert "ERROR" not in log_of(tmp_path / "new")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(data: Path, shown: subprocess.Popen[str], number: int) -> None:
    shown.send_signal(number)
    assert ended(shown) == ""
    assert not (data / "shop.db-wal").exists()
    assert (data / "settings.json").exists()
    lock.take(data, lock.COMMAND).release()


@pytest.mark.slow
def test_a_second_start_calls_the_first_and_leaves(data: Path, shown: subprocess.Popen[str]) -> None:
    second = window("--data-dir", str(data))
    assert second.communicate(timeout=PATIENCE_S)[0] == ""
    assert second.returncode == 0
    assert shown.poll() is None
    refused = command(data, "check", "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stderr)["error"]["code"] == "store_locked"
    assert str(shown.pid) in json.loads(refused.stderr)["error"]["message"]


@pytest.mark.slow
def test_a_killed_window_leaves_nothing_in_the_way(data: Path, shown: subprocess.Popen[str]) -> None:
    shown.kill()
    shown.wait()
    child = window("--data-dir", str(data), FANKEEPER_SMOKE_S="0.1")
    assert child.communicate(timeout=PATIENCE_S)[0] == ""
    assert child.returncode == 0


@pytest.mark.slow
def test_ended_in_the_middle_of_work_it_keeps_all_that_was_acknowledged(data: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", BUSY, str(data)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for _ in range(20):
        assert child.stdout.readline()
    child.terminate()
    numbers = child.communicate(timeout=END_S)[0].split()
    assert child.returncode == 0
    assert integrity(data) == "ok"
    connection = sqlite3.connect(str(data / "shop.db"))
    kept = json.loads(connection.execute("SELECT value FROM setting WHERE key = 'busy'").fetchone()[0])
    connection.close()
    assert kept >= int(numbers[-1] if numbers else 20)
    assert "ERROR" not in log_of(data)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda file: file.write_bytes(b"not a database" * 1000), "store_corrupt"),
        (lambda file: set_version(file, 999), "store_too_new"),
    ],
)
def test_a_shop_that_cannot_be_opened_is_left_alone_and_told(
    data: Path, spoil: Callable[[Path], None], code: str
) -> None:
    spoil(data / "shop.db")
    before = (data / "shop.db").read_bytes()
    child = window("--data-dir", str(data), FANKEEPER_SMOKE_S="0.3")
    assert child.communicate(timeout=PATIENCE_S)[0] == ""
    assert child.returncode == 1
    assert (data / "shop.db").read_bytes() == before
    assert f"not opened: {code}" in log_of(data)
    assert "Traceback" not in log_of(data)


def set_version(file: Path, version: int) -> None:
    connection = sqlite3.connect(str(file))
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
