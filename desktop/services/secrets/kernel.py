"""Secrets in the Linux kernel's user keyring: out of every file, kept until the computer restarts.

For computers without a desktop keyring. The kernel keeps the bytes in its own memory, readable by this
user's processes only; nothing reaches the disk.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import sys
from functools import cache
from typing import Any

from desktop.services.secrets.ports import SERVICE, SecretStoreError, checked_length

# (add_key, keyctl) by machine; other machines are told that there is no kernel keyring.
SYSCALLS = {"x86_64": (248, 250), "aarch64": (217, 219)}
USER_KEYRING = -4
INVALIDATE, SEARCH, READ, SET_PERM, LINK = 21, 10, 11, 5, 8
OWNER_ONLY = 0x3F3F0000  # possessor and user: everything; group and others: nothing
SESSION_KEYRING = -3
ABSENT = (errno.ENOKEY, errno.EKEYEXPIRED, errno.EKEYREVOKED)
READABLE = 4_096


class LinuxKernelSecretStore:
    """The user keyring. Each call is one system call of microseconds: no thread is needed."""

    async def kind(self) -> str:
        """Until the computer restarts."""
        return "kernel"

    async def get(self, name: str) -> str | None:
        """The secret, or None. Raises SecretStoreError when the kernel refuses."""
        key = _find(name)
        if key is None:
            return None
        buffer = ctypes.create_string_buffer(READABLE)
        size = _keyctl(READ, key, ctypes.addressof(buffer), READABLE, 0)
        return buffer.raw[: min(size, READABLE)].decode()

    async def put(self, name: str, secret: str) -> None:
        """Keep or replace a secret, and read it back. Raises SecretStoreError."""
        payload = checked_length(secret).encode()
        add_key, _ = _numbers()
        key = _call(add_key, b"user", _label(name), payload, len(payload), USER_KEYRING)
        _keyctl(SET_PERM, key, OWNER_ONLY, 0, 0)
        if await self.get(name) != secret:
            raise SecretStoreError(detail="the kernel keyring gave back something else")

    async def delete(self, name: str) -> None:
        """Forget a secret. Raises SecretStoreError when the kernel refuses."""
        key = _find(name)
        if key is not None:
            _keyctl(INVALIDATE, key, 0, 0, 0)

    @classmethod
    async def is_available(cls) -> bool:
        """Whether this kernel lets us keep, read and forget a key: tried with a harmless one."""
        store = cls()
        try:
            await store.put("probe", "probe")
            await store.delete("probe")
        except (SecretStoreError, OSError):
            return False
        return True


def _find(name: str) -> int | None:
    try:
        return _keyctl(SEARCH, USER_KEYRING, b"user", _label(name), 0)
    except SecretStoreError as error:
        if error.params.get("errno") in ABSENT:
            return None
        raise


def _label(name: str) -> bytes:
    return f"{SERVICE}:{name}".encode()


def _keyctl(operation: int, *arguments: int | bytes) -> int:
    return _call(_numbers()[1], operation, *arguments)


def _numbers() -> tuple[int, int]:
    numbers = SYSCALLS.get(platform.machine())
    if sys.platform != "linux" or numbers is None:
        raise SecretStoreError(errno=errno.ENOSYS, detail="no kernel keyring on this system")
    return numbers


def _call(number: int, *arguments: int | bytes) -> int:
    given = [ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    result = int(_libc().syscall(ctypes.c_long(number), *given))
    if result < 0:
        code = ctypes.get_errno()
        raise SecretStoreError(errno=code, detail=f"kernel keyring: {errno.errorcode.get(code, code)}")
    return result


@cache
def _libc() -> Any:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library
