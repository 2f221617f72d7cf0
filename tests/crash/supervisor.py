"""Runs one piece of work in a fork whose file calls are counted, recorded, failed, or cut short.

A fault is: at the n-th call of one kind kill the process (before it, or with half of it done), or
answer with an error once or from then on. A recording is every call in order, with its bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import json
import os
import select
import signal
import socket
import struct
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.domain.errors import AppError, StoreError
from tests.crash import seccomp
from tests.crash.seccomp import Notice

FILES = frozenset({
    "write", "pwrite64", "writev", "pwritev", "sendfile", "copy_file_range", "fsync", "fdatasync",
    "ftruncate", "truncate", "fallocate", "rename", "renameat", "renameat2", "mkdir", "mkdirat",
    "unlink", "unlinkat", "openat",
})  # fmt: skip
NET = frozenset({"connect", "sendto", "recvfrom"})
KINDS = {
    "write": "write", "pwrite64": "write", "writev": "write", "pwritev": "write", "fsync": "sync",
    "fdatasync": "sync", "ftruncate": "truncate", "truncate": "truncate", "fallocate": "write",
    "rename": "rename", "renameat": "rename", "renameat2": "rename", "mkdir": "create",
    "mkdirat": "create", "unlink": "unlink", "unlinkat": "unlink", "open": "create", "openat": "create",
    "connect": "net", "sendto": "net", "recvfrom": "net",
}  # fmt: skip
COPIES = ("sendfile", "copy_file_range")  # refused: the program then copies with read and write
KILLS = ("kill", "torn")
ERRORS = {"eio": errno.EIO, "eio_ever": errno.EIO, "full": errno.ENOSPC, "full_ever": errno.ENOSPC}
FAULTS = (*KILLS, *ERRORS)
GROWS = ("write", "create")  # what a full disk refuses; it still shrinks, syncs and removes
SECTOR = 512
WORK_S = 60.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the `nth` call of `kind`."""

    kind: str
    name: str
    nth: int


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded call. `path` is the file's; `data` its bytes, `to` the new name, `at` an offset or size."""

    name: str
    path: str
    at: int = 0
    data: bytes = b""
    to: str = ""


@dataclass(slots=True)
class Outcome:
    """How a piece of work went: what it acknowledged, whether it ended, and with which error."""

    acks: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    calls: list[Call] = field(default_factory=list)
    fault: str = ""
    fired: str = ""  # the call at which the fault happened
    killed: bool = False
    error: str = ""
    is_told: bool = True  # an error of ours, not a surprise
    is_store: bool = False  # one that says what is wrong with the file or disk
    trace: str = ""


class Supervisor:
    """Watches the calls of forks that concern `folder`, and what they append to `outside`."""

    def __init__(self, folder: Path, outside: Path, *, with_net: bool = False) -> None:
        self._folder = str(folder)
        self._outside = str(outside)
        self._names = FILES | (NET if with_net else frozenset())
        self._told = ""

    def run(
        self,
        work: Callable[[Callable[[str], None]], Awaitable[None]],
        fault: Fault | None = None,
        *,
        records: bool = False,
    ) -> Outcome:
        """Do `work(acknowledge)` in a fork of its own, with this fault."""
        ours, theirs = socket.socketpair()
        acks, told = os.pipe()
        self._told = f"pipe:[{os.fstat(told).st_ino}]"
        child = os.fork()
        if child == 0:
            ours.close()
            os.close(acks)
            _perform(work, self._names, theirs, told)
        theirs.close()
        os.close(told)
        watch = _Watch(self, child, fault, records)
        try:
            _, handles, _, _ = socket.recv_fds(ours, 1, 1)
            watch.until_the_end(handles[0])
        finally:
            ours.close()
            with os.fdopen(acks, "rb") as said:
                lines = said.read().decode().splitlines()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return watch.outcome_of(lines, status)

    def kind_of(self, notice: Notice) -> tuple[str, str]:
        """(kind, path) of a call; kind is "" for what does not concern the shop."""
        if notice.name in NET:
            return self._net(notice)
        if notice.name in ("open", "openat", "mkdir", "mkdirat", "unlink", "unlinkat", *RENAMES):
            where = 0 if notice.name in ("open", "mkdir", "unlink", "rename") else 1
            path = text_at(notice.thread, notice.args[where])
        else:
            fd = notice.args[0]
            try:
                path = os.readlink(f"/proc/{notice.thread}/fd/{fd}")
            except OSError:
                return "", ""
        path = path.removesuffix(" (deleted)")
        if path == self._told:
            return "ack", path
        if path == self._outside:
            return ("send" if notice.name == "write" else ""), path
        inside = path == self._folder or path.startswith(self._folder + "/")
        if not inside or "/logs/" in path or path.endswith("-shm"):
            return "", path
        return KINDS[notice.name], path

    def _net(self, notice: Notice) -> tuple[str, str]:
        """Sockets to a host count; the event loop's own pair does not."""
        try:
            end = os.readlink(f"/proc/{notice.thread}/fd/{notice.args[0]}")
        except OSError:
            return "", ""
        if notice.name == "connect":
            family = struct.unpack("=H", memory(notice.thread, notice.args[1], 2))[0]
            return ("net", end) if family == socket.AF_INET else ("", end)
        inode = end.removeprefix("socket:[").removesuffix("]")
        table = Path(f"/proc/{notice.thread}/net/tcp").read_text(encoding="ascii")
        return ("net", end) if f" {inode} " in table else ("", end)


RENAMES = ("rename", "renameat", "renameat2")


class _Watch:
    """One fork from its start to its end."""

    def __init__(self, rules: Supervisor, child: int, fault: Fault | None, records: bool) -> None:
        self._rules = rules
        self._child = child
        self._fault = fault
        self._records = records
        self._broken = False  # an error "from then on" has begun
        self._done = Outcome()

    def until_the_end(self, listener: int) -> None:
        """Answer every call until the process has ended."""
        seccomp.tune(listener)
        pidfd = os.pidfd_open(self._child)
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        poll.register(pidfd, select.POLLIN)
        try:
            while True:
                ready = dict(poll.poll(WORK_S * 1000))
                if not ready:
                    self._kill()
                    raise AssertionError(f"nothing happened for {WORK_S} s")
                if ready.get(listener, 0) & select.POLLIN:
                    notice = seccomp.receive(listener)
                    if notice is not None and not self._answer(listener, notice):
                        return
                elif pidfd in ready or listener in ready:
                    return
        finally:
            os.close(listener)
            os.close(pidfd)

    def _answer(self, listener: int, notice: Notice) -> bool:
        """Let one call through, fail it, or end the process; False when it was ended."""
        if notice.name in COPIES:
            seccomp.refuse(listener, notice, errno.EINVAL)
            return True
        kind, path = self._rules.kind_of(notice)
        if not kind or kind == "ack":
            if kind and self._records:
                self._done.calls.append(Call("ack", path, data=memory(notice.thread, *notice.args[1:3])))
            seccomp.allow(listener, notice)
            return True
        self._done.counts[kind] += 1
        fault = self._fault
        if fault and fault.kind == kind and fault.nth == self._done.counts[kind]:
            self._done.fault = fault.name
            self._done.fired = f"{notice.name} {os.path.basename(path)}"
            if fault.name in KILLS:
                if fault.name == "torn":
                    _half(notice)
                self._kill()
                return False
            self._broken = fault.name.endswith("_ever")
            seccomp.refuse(listener, notice, ERRORS[fault.name])
            return True
        if self._broken and fault and (fault.name == "eio_ever" or kind in GROWS) and kind not in FREE:
            seccomp.refuse(listener, notice, ERRORS[fault.name])
            return True
        if notice.name.startswith("unlink") and path.endswith("reserve.bin") and fault:
            self._broken = self._broken and fault.name != "full_ever"  # there is room again
        if self._records:
            self._done.calls.append(_recorded(notice, path))
        seccomp.allow(listener, notice)
        return True

    def _kill(self) -> None:
        os.kill(self._child, signal.SIGKILL)

    def outcome_of(self, lines: list[str], status: int) -> Outcome:
        """What the process said before its end."""
        for line in lines:
            said = json.loads(line)
            if "ack" in said:
                self._done.acks.append(said["ack"])
            else:
                self._done.error, self._done.trace = said["error"], said["trace"]
                self._done.is_told, self._done.is_store = said["is_told"], said["is_store"]
        self._done.killed = status == -signal.SIGKILL
        assert self._done.killed or status == 0, (status, lines)
        return self._done


PAGE = 4096
FREE = ("send", "net")  # what is no matter of the disk


def memory(thread: int, address: int, length: int) -> bytes:
    """Bytes of a process that waits."""
    with open(f"/proc/{thread}/mem", "rb", buffering=0) as handle:
        return os.pread(handle.fileno(), length, address)


def text_at(thread: int, address: int) -> str:
    """A path a process passed: read page by page to its end, for the page behind it may not be there."""
    found = b""
    while b"\0" not in found:
        at = address + len(found)
        found += memory(thread, at, PAGE - at % PAGE)
    return found.partition(b"\0")[0].decode()


def _half(notice: Notice) -> None:
    """Do the first half of a write, in whole sectors where it has several, in the process's place."""
    if notice.name not in ("write", "pwrite64"):
        return
    fd, address, length = notice.args[:3]
    half = length // 2 // SECTOR * SECTOR or length // 2
    data = memory(notice.thread, address, half)
    # A new open file description of the same file: its place in the file is its own.
    handle = os.open(f"/proc/{notice.thread}/fd/{fd}", os.O_WRONLY)
    try:
        os.pwrite(handle, data, notice.args[3] if notice.name == "pwrite64" else _place(notice, fd))
    finally:
        os.close(handle)


def _place(notice: Notice, fd: int) -> int:
    text = Path(f"/proc/{notice.thread}/fdinfo/{fd}").read_text(encoding="ascii")
    return int(text.partition("pos:")[2].split()[0])


def _recorded(notice: Notice, path: str) -> Call:
    name, args = notice.name, notice.args
    if name == "pwrite64":
        return Call("write", path, args[3], memory(notice.thread, args[1], args[2]))
    if name == "write":
        data = memory(notice.thread, args[1], args[2])
        return Call("write", path, _place(notice, args[0]), data)
    if name == "ftruncate":
        return Call("truncate", path, args[1])
    if name in ("fsync", "fdatasync"):
        return Call("sync", path)
    if name in RENAMES:
        address = args[1] if name == "rename" else args[3]
        return Call("rename", path, to=text_at(notice.thread, address))
    if name in ("unlink", "unlinkat"):
        return Call("unlink", path)
    flags = args[1] if name == "open" else args[2]
    if name in ("open", "openat"):
        return Call("open", path, int(bool(flags & os.O_TRUNC)))
    return Call(name, path)


def _perform(
    work: Callable[[Callable[[str], None]], Awaitable[None]], names: frozenset[str], link: Any, told: int
) -> None:
    """The fork's whole life."""
    code = 70

    def say(**facts: Any) -> None:
        os.write(told, json.dumps(facts).encode() + b"\n")

    try:
        gc.disable()
        listener = seccomp.install(names)
        socket.send_fds(link, [b"."], [listener])
        os.close(listener)
        link.close()
        try:
            asyncio.run(_awaited(work, lambda what: say(ack=what)))
        except AppError as error:
            say(error=error.code, is_told=True, is_store=isinstance(error, StoreError), trace=_trace(error))
        except Exception as error:  # noqa: BLE001  told to the supervisor
            say(error=repr(error), is_told=False, is_store=False, trace=_trace(error))
        code = 0
    finally:
        with contextlib.suppress(OSError):
            os.close(told)
        os._exit(code)


async def _awaited(
    work: Callable[[Callable[[str], None]], Awaitable[None]], acknowledge: Callable[[str], None]
) -> None:
    await work(acknowledge)


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-3000:]
