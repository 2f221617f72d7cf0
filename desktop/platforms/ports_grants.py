"""What adapters of platforms with the owner's consent can do: rotating tokens, kept before they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from desktop.domain.grants import Grant, GrantLife


class GrantVault(Protocol):
    """One consent's place among the secrets."""

    async def load(self) -> Grant | None:
        """What was kept last. Raises SecretStoreError."""
        ...

    async def save(self, grant: Grant) -> None:
        """Keep it; when this returns it outlives the program. Raises SecretStoreError."""
        ...


@runtime_checkable
class KeepsGrant(Protocol):
    """Signs in by a consent that is renewed."""

    def keep_in(self, vault: GrantVault) -> None:
        """Where tokens are kept from now on."""
        ...

    def grant_life(self) -> GrantLife | None:
        """Times of the consent in use; None where there is none, or none was needed yet."""
        ...

    async def authorise(self, code: str) -> Grant:
        """Turn the code that the platform gave the owner into a consent, and keep it. Raises the five errors."""
        ...


@runtime_checkable
class AsksOwner(Protocol):
    """A platform whose owner agrees on a page in the browser."""

    def authorise_url(self, base_url: str, secrets: Mapping[str, str], state: str) -> str:
        """The page to open; `state` comes back with the code. Raises InvalidInputError."""
        ...

    def redirect_of(self, secrets: Mapping[str, str]) -> str:
        """Where the platform sends the browser with the code; '' where it shows the code itself."""
        ...


class MemoryVault:
    """For trying secrets out before anything is kept."""

    def __init__(self) -> None:
        self.grant: Grant | None = None

    async def load(self) -> Grant | None:
        """What was kept in this try."""
        return self.grant

    async def save(self, grant: Grant) -> None:
        """Keep it for this try."""
        self.grant = grant
