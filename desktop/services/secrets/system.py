"""Secrets in the system's own keyring: Windows, macOS, and Linux desktops with a secret service."""

from __future__ import annotations

import asyncio
import importlib
import threading  # noqa: TID251 - a locked keyring may never answer; a daemon thread cannot hold up the end
from collections.abc import Callable
from typing import Any, TypeVar

from desktop.services.secrets.ports import SERVICE, SecretStoreError, checked_length

T = TypeVar("T")
DEADLINE_S = 20.0
PROBE_S = 5.0
# `keyrings` is where add-on backends live; among them are those that keep secrets in plain files.
REFUSED = ("keyring.backends.fail", "keyring.backends.null", "keyrings")


class KeyringSecretStore:
    """The keyring package over an accepted backend. Every call has a deadline, a locked one may ask."""

    def __init__(self, backend: Any, deadline_s: float = DEADLINE_S) -> None:
        self._backend = backend
        self._deadline_s = deadline_s

    async def kind(self) -> str:
        """Kept by the system."""
        return "keyring"

    async def get(self, name: str) -> str | None:
        """The secret, or None. Raises SecretStoreError when the keyring is locked or does not answer."""
        return await self._do(lambda: self._backend.get_password(SERVICE, name))

    async def put(self, name: str, secret: str) -> None:
        """Keep or replace a secret, and read it back. Raises SecretStoreError."""
        kept = checked_length(secret)
        await self._do(lambda: self._backend.set_password(SERVICE, name, kept))
        if await self.get(name) != secret:
            raise SecretStoreError(detail="the keyring gave back something else")

    async def delete(self, name: str) -> None:
        """Forget a secret. Raises SecretStoreError."""
        if await self.get(name) is not None:
            await self._do(lambda: self._backend.delete_password(SERVICE, name))

    async def _do(self, work: Callable[[], T]) -> T:
        return await in_daemon_thread(work, self._deadline_s)

    @classmethod
    async def opened(cls, deadline_s: float = PROBE_S) -> KeyringSecretStore | None:
        """The system's keyring, tried with one reading; None when there is none that we accept."""
        try:
            backend = await in_daemon_thread(_backend, deadline_s)
            if not is_accepted(backend):
                return None
            await in_daemon_thread(lambda: backend.get_password(SERVICE, "probe"), deadline_s)
        except SecretStoreError:
            return None
        return cls(backend)


def is_accepted(backend: Any) -> bool:
    """Whether a backend really keeps secrets, and not in a file of its own making."""
    module = type(backend).__module__
    if any(module == name or module.startswith(name + ".") for name in REFUSED):
        return False
    if module == "keyring.backends.chainer":
        chained = list(backend.backends)
        return bool(chained) and all(map(is_accepted, chained))
    return True


async def in_daemon_thread(work: Callable[[], T], deadline_s: float) -> T:
    """Run blocking work beside the event loop. Raises SecretStoreError when it fails or is too slow."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]
        else:
            done.set_exception(error)

    def job() -> None:
        result: T | None = None
        failure: Exception | None = None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - backends raise what their system raises
            failure = SecretStoreError(detail=type(error).__name__)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=job, name="keyring", daemon=True).start()
    try:
        async with asyncio.timeout(deadline_s):
            return await done
    except TimeoutError:
        raise SecretStoreError("secret_store_silent", seconds=round(deadline_s)) from None


def _backend() -> Any:
    keyring = importlib.import_module("keyring")  # late: looking for backends takes a tenth of a second
    return keyring.get_keyring()
