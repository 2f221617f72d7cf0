"""The best place for secrets that this computer has, found at the first use."""

from __future__ import annotations

import asyncio

from desktop.services.secrets.kernel import LinuxKernelSecretStore
from desktop.services.secrets.memory import MemorySecretStore
from desktop.services.secrets.ports import SecretStore
from desktop.services.secrets.system import KeyringSecretStore


async def open_secret_store() -> SecretStore:
    """The system's keyring; else the kernel's; else this run's memory. Never a file."""
    keyring = await KeyringSecretStore.opened()
    if keyring is not None:
        return keyring
    if await LinuxKernelSecretStore.is_available():
        return LinuxKernelSecretStore()
    return MemorySecretStore()


class ChosenSecretStore:
    """Opens the store when somebody first asks it for something, so that the start does not wait."""

    def __init__(self) -> None:
        self._store: SecretStore | None = None
        self._lock = asyncio.Lock()

    async def kind(self) -> str:
        """What was found: keyring, kernel or memory."""
        return await (await self._opened()).kind()

    async def get(self, name: str) -> str | None:
        """The secret, or None. Raises SecretStoreError."""
        return await (await self._opened()).get(name)

    async def put(self, name: str, secret: str) -> None:
        """Keep a secret. Raises SecretStoreError."""
        await (await self._opened()).put(name, secret)

    async def delete(self, name: str) -> None:
        """Forget a secret. Raises SecretStoreError."""
        await (await self._opened()).delete(name)

    async def _opened(self) -> SecretStore:
        async with self._lock:
            if self._store is None:
                self._store = await open_secret_store()
            return self._store
