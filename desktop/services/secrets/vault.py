"""A consent's tokens among the secrets: one entry an account, beside the account's own."""

from __future__ import annotations

from desktop.domain.grants import Grant, grant_from
from desktop.services.secrets.ports import SecretStore


def entry_of(account_uid: str) -> str:
    """Under which name an account's tokens are kept."""
    return f"{account_uid}:grant"


class SecretVault:
    """Keeps one account's tokens. Raises SecretStoreError."""

    def __init__(self, secrets: SecretStore, account_uid: str) -> None:
        self._secrets = secrets
        self._name = entry_of(account_uid)

    async def load(self) -> Grant | None:
        """What was kept last."""
        return grant_from(await self._secrets.get(self._name))

    async def save(self, grant: Grant) -> None:
        """Keep it; it is read from here at the next start."""
        await self._secrets.put(self._name, grant.as_text())

    async def forget(self) -> None:
        """The account was put away."""
        await self._secrets.delete(self._name)
