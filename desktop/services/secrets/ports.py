"""What a place for secrets can do."""

from __future__ import annotations

from typing import Protocol

from desktop.domain.errors import AppError

SERVICE = "Fankeeper"
MAX_CHARACTERS = 1_200  # Windows keeps at most 1,280


class SecretStoreError(AppError):
    """The place for secrets does not answer or refuses; nothing was changed in the shop."""

    code = "secret_store"


class SecretStore(Protocol):
    """A place for short texts by name."""

    async def kind(self) -> str:
        """keyring: kept by the system; kernel: until the computer restarts; memory: this run only."""
        ...

    async def get(self, name: str) -> str | None:
        """The secret, or None. Raises SecretStoreError."""
        ...

    async def put(self, name: str, secret: str) -> None:
        """Keep a secret of at most 1,200 characters. Raises SecretStoreError."""
        ...

    async def delete(self, name: str) -> None:
        """Forget a secret; nothing happens when there is none. Raises SecretStoreError."""
        ...


def checked_length(secret: str) -> str:
    """The secret itself. Raises SecretStoreError when it is too long for some system."""
    if len(secret) > MAX_CHARACTERS:
        raise SecretStoreError("secret_too_long", limit=MAX_CHARACTERS)
    return secret
