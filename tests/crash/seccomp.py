"""The kernel's seccomp user notification through ctypes: a child asks a supervisor before chosen calls.

Needs Linux 5.5 and no privilege. The child installs a filter on itself (`install`) and hands the
listener's number to its parent, which receives each call (`receive`) and lets it go on (`allow`),
answers in the kernel's place (`refuse`, `answer`), or ends the process while it waits.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import struct
import sys
from dataclasses import dataclass

# asm/unistd.h: the calls through which a program changes files or speaks to a host.
_X86_64 = {
    "write": 1, "pwrite64": 18, "writev": 20, "pwritev": 296, "sendfile": 40, "copy_file_range": 326,
    "fsync": 74, "fdatasync": 75, "ftruncate": 77, "truncate": 76, "fallocate": 285, "rename": 82,
    "renameat": 264, "renameat2": 316, "mkdir": 83, "mkdirat": 258, "unlink": 87, "unlinkat": 263,
    "open": 2, "openat": 257, "connect": 42, "sendto": 44, "recvfrom": 45,
}  # fmt: skip
_AARCH64 = {
    "write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70, "sendfile": 71, "copy_file_range": 285,
    "fsync": 82, "fdatasync": 83, "ftruncate": 46, "truncate": 45, "fallocate": 47, "renameat": 38,
    "renameat2": 276, "mkdirat": 34, "unlinkat": 35, "openat": 56, "connect": 203, "sendto": 206,
    "recvfrom": 207,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64, 317), "aarch64": (0xC00000B7, _AARCH64, 277)}
AUDIT_ARCH, NUMBERS, _SYS_SECCOMP = _MACHINES.get(platform.machine(), (0, {}, 0))
NAMES = {number: name for name, number in NUMBERS.items()}

ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
SET_MODE_FILTER, NEW_LISTENER = 1, 8
PR_SET_NO_NEW_PRIVS = 38
RECEIVE, SEND, SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082104
CONTINUE = 1
LOAD, JUMP_EQUAL, JUMP_BITS, RETURN = 0x20, 0x15, 0x45, 0x06
OFFSET_NR, OFFSET_ARCH, OFFSET_ARGS = 0, 4, 16
_NOTICE = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")


@dataclass(frozen=True, slots=True)
class Notice:
    """One call that waits: the kernel's id for it, the thread, the call's name and its arguments."""

    id: int
    thread: int
    name: str
    args: tuple[int, ...]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def install(names: frozenset[str]) -> int:
    """Make this process ask before these calls; the listener. Of `open`s only those that may create."""
    code = _filter(names)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    listener = libc.syscall(_SYS_SECCOMP, SET_MODE_FILTER, NEW_LISTENER, ctypes.byref(program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(listener)


def _filter(names: frozenset[str]) -> bytes:
    """BPF: the machine's own calls of these names go to the listener, all others straight on."""

    def line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    plain = [NUMBERS[name] for name in sorted(names) if name in NUMBERS and name not in ("open", "openat")]
    opens = [(NUMBERS[name], which) for name, which in (("open", 1), ("openat", 2)) if name in NUMBERS]
    opens = opens if "openat" in names else []
    tail = len(plain) + 4 * len(opens)
    lines = [line(LOAD, OFFSET_ARCH), line(JUMP_EQUAL, AUDIT_ARCH, 1, 0), line(RETURN, ALLOW)]
    lines += [line(LOAD, OFFSET_NR)]
    for at, number in enumerate(plain):  # to the last line but one, which is NOTIFY
        lines.append(line(JUMP_EQUAL, number, tail - at, 0))
    for at, (number, which) in enumerate(opens):
        rest = 4 * (len(opens) - at - 1)
        lines.append(line(JUMP_EQUAL, number, 0, 3))
        lines.append(line(LOAD, OFFSET_ARGS + 8 * which))
        lines.append(line(JUMP_BITS, os.O_CREAT, rest + 2, 0))
        lines.append(line(RETURN, ALLOW))
    lines += [line(RETURN, ALLOW), line(RETURN, NOTIFY)]
    return b"".join(lines)


def tune(listener: int) -> None:
    """Wake supervisor and child on one processor where the kernel knows how (6.6): half the time a call."""
    try:
        fcntl.ioctl(listener, SET_FLAGS, struct.pack("=Q", 1))
    except OSError:  # an older kernel: slower, all else the same
        return


def receive(listener: int) -> Notice | None:
    """The next call that waits; None when its process ended meanwhile."""
    buffer = bytearray(_NOTICE.size)
    try:
        fcntl.ioctl(listener, RECEIVE, buffer)
    except (FileNotFoundError, InterruptedError):
        return None
    notice, thread, _flags, number, _arch, _ip, *args = _NOTICE.unpack(buffer)
    return Notice(notice, thread, NAMES[number], tuple(args))


def allow(listener: int, notice: Notice) -> None:
    """The kernel does the call as it was asked."""
    _send(listener, _ANSWER.pack(notice.id, 0, 0, CONTINUE))


def refuse(listener: int, notice: Notice, error: int) -> None:
    """The call fails with this errno and nothing is done."""
    _send(listener, _ANSWER.pack(notice.id, 0, -error, 0))


def _send(listener: int, answer: bytes) -> None:
    try:
        fcntl.ioctl(listener, SEND, bytearray(answer))
    except FileNotFoundError:  # its process was ended by somebody else
        return


def why_not() -> str:
    """Why this machine cannot supervise calls; "" where it can. Tried in a child, which ends."""
    if sys.platform != "linux":
        return f"{sys.platform} has no seccomp"
    if not AUDIT_ARCH:
        return f"no call numbers are known for {platform.machine()}"
    child = os.fork()
    if child == 0:
        code = 255
        try:
            install(frozenset({"mkdir", "mkdirat"}))
            code = 0
        except OSError as error:
            code = error.errno or 255
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return "" if code == 0 else f"seccomp with a listener is refused here: {os.strerror(code)}"
