"""What the owner must know to connect an account of one platform. Words are `connect_<platform>.<name>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """One of the platform's credentials, by the name it has in `Platform.secret_fields`.

    Its words: `<name>`, `<name>_hint`, and `<name>_example` where it is no secret.
    """

    name: str
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """One platform as the dialog shows it.

    `own_id` names the field that tells the account apart: it stays when the secret is renewed. `steps` are
    the guide's, each with the words `guide_<step>` and `guide_<step>_text`; `step_of` says which of them
    mends an error code. `needs_secret` are codes that only a new secret mends, `needs_trust` those whose
    `ip` the owner has to enter at the platform,
    `needs_consent` those that the owner's own scan mends. `counts` names what the account's card counts (customers,
    groups, staff) with the wording key of each.
    """

    platform: str
    icon: str
    fields: tuple[Field, ...]
    own_id: str
    steps: tuple[str, ...]
    real_host: str
    counts: Mapping[str, str]
    step_of: Mapping[str, str] = field(default_factory=dict)
    needs_secret: frozenset[str] = frozenset()
    needs_trust: frozenset[str] = frozenset()
    needs_consent: frozenset[str] = frozenset()

    def key(self, name: str) -> str:
        """The wording key of one of its words."""
        return f"connect_{self.platform}.{name}"
