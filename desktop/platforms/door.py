"""How accounts of any platform are connected: where credentials may go, and which are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from desktop.domain.errors import InvalidInputError
from desktop.platforms import http


class Door:
    """One platform. `id_field` is the secret field that holds the account's own id, `hosts` where it lives."""

    name: str
    default_base_url: str
    secret_fields: tuple[str, ...]
    hosts: ClassVar[tuple[str, ...]]
    id_field: ClassVar[str]

    def checked_base_url(self, base_url: str) -> str:
        """The address, tidied. Raises InvalidInputError when credentials must not go there."""
        return http.checked_base_url(base_url, self.hosts)

    def external_id(self, secrets: Mapping[str, str]) -> str:
        """The account's own id among its secrets."""
        return secrets.get(self.id_field, "").strip()

    def needed(self, secrets: Mapping[str, str]) -> tuple[str, ...]:
        """The values of `secret_fields` in order, trimmed. Raises InvalidInputError naming those missing."""
        given = {name: secrets.get(name, "").strip() for name in self.secret_fields}
        missing = [name for name, value in given.items() if not value]
        if missing:
            raise InvalidInputError("secret_incomplete", fields=missing)
        return tuple(given.values())
