"""What the table of all accounts shows, and the same as words for a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.domain.account_matrix import MatrixRow, ReachLeft, Step
from desktop.models.row_table import Column, Kind
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.services.table_files import Cell
from desktop.views.sync.words import STATE_TONES, problem_text

UNKNOWN = "–"
NEVER = -1


def reach_words(reach: ReachLeft, formats: Formats) -> str:
    """What is left of the month; a dash where the platform has no such limit, or tells none."""
    if reach.people is not None:
        return t("matrix.reach_people", n=formats.count(reach.people))
    return UNKNOWN if reach.sends is None else t("matrix.reach_sends", n=reach.sends)


def life_words(row: MatrixRow, now: int) -> str:
    """How long the credential has been in use, and when the owner must consent again."""
    consent, token = row.consent_days(now), row.token_days(now)
    if consent is not None:
        return t("matrix.consent_over") if row.warned == "over" else t("matrix.consent_days", n=consent)
    if token is None:
        return UNKNOWN
    return t("matrix.token_today") if token == 0 else t("matrix.token_days", n=token)


def step_words(row: MatrixRow) -> str:
    """The one next step."""
    return t(f"matrix.step.{row.step.value}", n=row.waiting)


def why(row: MatrixRow) -> str:
    """What stands in the way, where something does."""
    account = row.account
    if row.step is Step.MEND and account.last_error_code:
        return problem_text(account.last_error_code, account.last_error)
    what = "sync_waiting" if row.step is Step.SYNC and row.waiting else row.step.value
    return t(f"matrix.why.{what}", n=row.waiting)


def matrix_columns(formats: Formats) -> list[Column]:
    """Account, platform, state, fans, groups, reach left, credential, last sync, next step."""

    def now() -> int:
        return formats.clock.now_ms()

    return [
        Column(
            "name", "matrix.name", lambda row: plain.one_line(row.account.name), Kind.PERSON,
            width=150, stretch=True,
        ),
        Column("platform", "matrix.platform", lambda row: label("platform", row.account.platform), width=96),
        Column(
            "state", "matrix.state", lambda row: row.account.state.value, Kind.STATE, width=124,
            display=lambda row: label("account_state", row.account.state.value),
            tone=lambda row: STATE_TONES[row.account.state],
        ),
        Column(
            "fans", "matrix.fans", lambda row: row.fans, Kind.COUNT, width=80,
            tooltip=lambda row: "" if row.fans is not None else t("matrix.not_told"),
        ),
        Column(
            "groups", "matrix.groups", lambda row: row.groups, Kind.COUNT, width=66,
            tooltip=lambda row: "" if row.groups is not None else t("matrix.not_told"),
        ),
        Column(
            "reach", "matrix.reach", lambda row: row.account.uid, width=128,
            display=lambda row: reach_words(row.reach, formats),
            tooltip=lambda row: t(f"matrix.reach_{row.account.platform}_tip"),
        ),
        Column(
            "life", "matrix.life", lambda row: row.account.uid, width=128,
            display=lambda row: life_words(row, now()),
        ),
        Column("sync", "matrix.sync", lambda row: row.account.last_sync_at, Kind.WHEN, width=120),
        Column(
            "step", "matrix.step", lambda row: step_words(row), Kind.ACTION, width=118,
            tooltip=why,
        ),
    ]  # fmt: skip


def order_of(key: str, now: int) -> Callable[[MatrixRow], Any]:
    """How rows are put in order by a column; what is not known comes first when rising."""
    orders: dict[str, Callable[[MatrixRow], Any]] = {
        "name": lambda row: row.account.name.casefold(),
        "platform": lambda row: label("platform", row.account.platform),
        "state": lambda row: row.account.state.value,
        "fans": lambda row: NEVER if row.fans is None else row.fans,
        "groups": lambda row: NEVER if row.groups is None else row.groups,
        "reach": lambda row: max(
            NEVER if row.reach.people is None else row.reach.people,
            NEVER if row.reach.sends is None else row.reach.sends,
        ),
        "life": lambda row: (
            row.consent_days(now) is None,
            row.consent_days(now),
            row.token_days(now) or 0,
        ),
        "sync": lambda row: row.account.last_sync_at or NEVER,
        "step": lambda row: list(Step).index(row.step),
    }
    return orders[key]


def cells(row: MatrixRow, formats: Formats) -> list[Cell]:
    """The row as a file holds it: figures as figures, what is not known as a dash."""
    account = row.account
    return [
        account.name,
        label("platform", account.platform),
        label("account_state", account.state.value),
        UNKNOWN if row.fans is None else row.fans,
        UNKNOWN if row.groups is None else row.groups,
        reach_words(row.reach, formats),
        life_words(row, formats.clock.now_ms()),
        UNKNOWN if account.last_sync_at is None else formats.moment(account.last_sync_at),
        step_words(row),
    ]
