"""Secrets of this run only: gone when the program ends."""

from __future__ import annotations

from desktop.services.secrets.ports import checked_length


class MemorySecretStore:
    """A dict with the manners of a keyring."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<MemorySecretStore of {len(self._secrets)}>"

    async def kind(self) -> str:
        """This run only."""
        return "memory"

    async def get(self, name: str) -> str | None:
        """The secret, or None."""
        return self._secrets.get(name)

    async def put(self, name: str, secret: str) -> None:
        """Keep a secret until the program ends. Raises SecretStoreError when it is too long."""
        self._secrets[name] = checked_length(secret)

    async def delete(self, name: str) -> None:
        """Forget a secret."""
        self._secrets.pop(name, None)
