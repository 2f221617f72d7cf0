"""Why a row of a file was refused, in words."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.imports import Rejection

Words = Callable[..., str]


def rejection_text(words: Words, rejection: Rejection) -> str:
    """The reason with the column as the file names it, or, where the file has none, as we call what is missing."""
    params = dict(rejection.params)
    if "field" in params:
        params["column"] = words(f"import_field.{params['field']}")
    return words(f"import_reason.{rejection.code}", **params)
