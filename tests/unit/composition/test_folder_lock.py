"""A shop's folder has one owner: among racing processes, after a kill, while the owner is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.composition import device, lock
from desktop.composition.graph import GraphConfig, opened_graph
from desktop.domain.errors import StoreLockedError, StoreReadOnlyError

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from pathlib import Path
from desktop.composition import lock
held = lock.take(Path(sys.argv[1]), sys.argv[2])
print("mine", flush=True)
sys.stdin.readline()
"""
RACE = """
import os, sys
from pathlib import Path
from desktop.composition import lock
from desktop.domain.errors import StoreLockedError
folder, mark = Path(sys.argv[1]), Path(sys.argv[1]) / "inside"
won = 0
print("ready", flush=True)
sys.stdin.readline()
for _ in range(400):
    try:
        held = lock.take(folder, "command")
    except StoreLockedError:
        continue
    os.close(os.open(mark, os.O_CREAT | os.O_EXCL))  # fails where another is inside too
    won += 1
    mark.unlink()
    held.release()
print(won, flush=True)
"""


def started(code: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds tmp_path as a command."""
    child = started(HOLD, str(tmp_path), "command")
    assert child.stdout is not None
    assert child.stdout.readline() == "mine\n"
    yield child
    child.send_signal(signal.SIGKILL)
    child.communicate()


def test_racing_processes_are_never_in_together(tmp_path: Path) -> None:
    children = [started(RACE, str(tmp_path)) for _ in range(3)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    wins = [int(child.communicate(timeout=60)[0]) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert all(wins)


def test_the_second_is_told_who_the_first_is(tmp_path: Path, owner: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreLockedError) as told:
        lock.take(tmp_path, lock.WINDOW)
    assert told.value.params["pid"] == owner.pid
    assert told.value.params["what"] == "command"
    assert str(owner.pid) in str(told.value.params["detail"])


def test_a_killed_owner_leaves_the_folder_free(tmp_path: Path, owner: subprocess.Popen[str]) -> None:
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    held = lock.take(tmp_path, lock.WINDOW)
    assert lock.owner(tmp_path) == lock.Owner(os.getpid(), lock.owner(tmp_path).host, "window")
    held.release()
    held.release()
    assert lock.owner(tmp_path) == lock.Owner(0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be stopped there")
def test_a_stopped_owner_is_not_robbed(tmp_path: Path, owner: subprocess.Popen[str]) -> None:
    owner.send_signal(signal.SIGSTOP)
    with pytest.raises(StoreLockedError):
        lock.take(tmp_path, lock.WINDOW)
    owner.send_signal(signal.SIGCONT)


async def test_a_command_is_waited_for(tmp_path: Path, owner: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreLockedError):
        await lock.take_soon(tmp_path, lock.COMMAND, wait_s=0.2)
    assert owner.stdin is not None
    owner.stdin.write("\n")
    owner.stdin.flush()
    (await lock.take_soon(tmp_path, lock.COMMAND)).release()


async def test_a_window_is_not_waited_for(tmp_path: Path) -> None:
    held = lock.take(tmp_path, lock.WINDOW)
    with pytest.raises(StoreLockedError) as told:
        await lock.take_soon(tmp_path, lock.COMMAND, wait_s=3600)
    assert told.value.params["what"] == "window"
    held.release()


async def test_a_command_owns_the_folder_while_it_runs(tmp_path: Path) -> None:
    async with opened_graph(GraphConfig(tmp_path, operator="tester"), needs_shop=False):
        with pytest.raises(StoreLockedError):
            lock.take(tmp_path, lock.WINDOW)
    lock.take(tmp_path, lock.WINDOW).release()


def test_another_program_is_not_let_in_by_a_damaged_lock_file(tmp_path: Path) -> None:
    held = lock.take(tmp_path, lock.WINDOW)
    (tmp_path / lock.FILE).write_bytes(b"\xff{]")
    with pytest.raises(StoreLockedError) as told:
        lock.take(tmp_path, lock.WINDOW)
    assert told.value.params["pid"] == 0
    held.release()


def test_a_file_in_the_folders_place_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(Exception, match="store"):
        lock.take(tmp_path / "data", lock.WINDOW)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreReadOnlyError):
        lock.take(tmp_path / "data", lock.WINDOW)
    tmp_path.chmod(0o700)


def test_the_device_file_knows_a_folder_that_came_from_elsewhere(tmp_path: Path) -> None:
    first = device.recognise(tmp_path)
    assert first.is_new_here
    assert device.recognise(tmp_path) == device.Device(first.device_id, is_new_here=False)
    file = tmp_path / device.FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), "machine": "another"}))
    moved = device.recognise(tmp_path)
    assert moved.is_new_here
    assert moved.device_id != first.device_id
    file.write_text("{ torn")
    assert device.recognise(tmp_path).is_new_here
