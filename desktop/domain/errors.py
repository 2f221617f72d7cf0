"""Errors told to the operator: a code and parameters; wording lives in desktop/wording."""

from __future__ import annotations


class AppError(Exception):
    """A known failure. `code` is stable and has a text `error.<code>` in every language.

    `params` fill the text; `data_changed` says whether any of the shop's data was changed before
    the failure; `retry_after_s` is given when waiting helps.
    """

    code = "unexpected"

    def __init__(
        self,
        code: str | None = None,
        *,
        data_changed: bool = False,
        retry_after_s: float | None = None,
        **params: object,
    ) -> None:
        self.code = code or type(self).code
        self.params = params
        self.data_changed = data_changed
        self.retry_after_s = retry_after_s
        super().__init__(self.code, params)


class InvalidInputError(AppError):
    """What the operator typed or passed cannot be used; nothing was changed."""

    code = "invalid_input"


class NotFoundError(AppError):
    """The thing named by the operator does not exist (any more)."""

    code = "not_found"


class ConflictError(AppError):
    """The thing changed meanwhile, or is in a state that forbids the step."""

    code = "conflict"


class ImportFileError(AppError):
    """A file cannot be brought in; nothing was changed."""

    code = "import_file"


class CancelledByOperatorError(AppError):
    """The operator cancelled; nothing was changed."""

    code = "cancelled"


class StoreError(AppError):
    """The shop's file cannot be used as asked. Never deletes anything by itself."""

    code = "store"


class DiskFullError(StoreError):
    """No room on the disk; the transaction was rolled back."""

    code = "disk_full"


class StoreLockedError(StoreError):
    """Another instance has the shop open."""

    code = "store_locked"


class StoreCorruptError(StoreError):
    """The file fails its integrity check."""

    code = "store_corrupt"


class StoreTooNewError(StoreError):
    """The file was written by a newer version of the program."""

    code = "store_too_new"


class StoreReadOnlyError(StoreError):
    """The folder or medium cannot be written."""

    code = "store_read_only"


class PlatformError(AppError):
    """An exchange with a platform failed; subclasses say what is known."""

    code = "platform"


class OfflineError(PlatformError):
    """The request never left: no name, no route, refused, or TLS refused."""

    code = "offline"


class UnclearReplyError(PlatformError):
    """The request left and no trustworthy answer came back: it may have been executed."""

    code = "unclear_reply"


class AuthError(PlatformError):
    """The platform refuses the credentials, or there are none."""

    code = "auth"


class TokenDiedError(AuthError):
    """The token at hand was no good, found before anything was done: with a new one it may be made again."""


class RateLimitedError(PlatformError):
    """Too many calls; `retry_after_s` says how long the window lasts."""

    code = "rate_limited"


class RejectedError(PlatformError):
    """The platform answered with a business error and did nothing. params: platform_code, hint."""

    code = "rejected"


class SecretMissingError(AuthError):
    """The account's secret is not at hand: no keyring, or removed from it."""

    code = "secret_missing"
