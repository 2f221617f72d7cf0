"""What the list of groups and the list of members show."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.groups import GroupRow, MemberRow
from desktop.models.row_table import Column, Kind
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t

HEALTH_TONES = {"healthy": "good", "cooling": "warn", "zombie": "bad", "no_data": "neutral"}


def group_name(row: GroupRow) -> str:
    """The group's name, or that it has none."""
    return row.name.strip() or t("groups.unnamed")


def kind_name(kind: str | None) -> str:
    """What a group is for."""
    return label("group_kind", kind or "none")


def _told(figure: str) -> Callable[[GroupRow], int | None]:
    """A figure about members; nothing where the platform does not say who they are."""
    return lambda row: getattr(row, figure) if row.names_members else None


def group_columns(formats: Formats) -> list[Column]:
    """The list of groups."""
    return [
        Column(
            "name",
            "groups.column.name",
            group_name,
            Kind.PERSON,
            width=170,
            stretch=True,
            tooltip=lambda row: t("groups.crowded") if row.is_crowded else group_name(row),
        ),
        Column(
            "kind",
            "groups.column.kind",
            lambda row: row.kind or "",
            Kind.STATE,
            width=120,
            display=lambda row: kind_name(row.kind),
            tone=lambda row: "primary" if row.kind else "neutral",
        ),
        Column(
            "owner", "groups.column.owner", lambda row: row.owner_name or t("groups.no_owner"), width=96
        ),
        Column("fans", "groups.column.fans", lambda row: row.fans, Kind.COUNT, width=70),
        Column("staff", "groups.column.staff", lambda row: row.staff, Kind.COUNT, width=70),
        Column("joined_7", "groups.column.joined_7", _told("joined_7_days"), Kind.COUNT, 112),
        Column("joined_30", "groups.column.joined_30", _told("joined_30_days"), Kind.COUNT, 118),
        Column("buyers", "groups.column.buyers", _told("buyers"), Kind.COUNT, width=76),
        Column("spend", "groups.column.spend", _told("spend_cents"), Kind.MONEY, width=120),
        Column(
            "last",
            "groups.column.last",
            lambda row: row.last_message_at or 0,
            Kind.STATE,
            width=116,
            display=lambda row: (
                formats.relative(row.last_message_at)
                if row.last_message_at is not None
                else t("groups.none_yet")
            ),
            tone=lambda row: HEALTH_TONES[row.health],
            tooltip=lambda row: (
                label("group_health", row.health)
                if row.messages_7_days is not None
                else t("groups.no_messages")
            ),
        ),
    ]


def member_name(row: MemberRow) -> str:
    """What the member is called in the group, or that nobody knows."""
    return row.group_nickname.strip() or row.name.strip() or t("groups.unknown_person")


def member_columns() -> list[Column]:
    """Members of one group."""
    return [
        Column(
            "name", "fans.column.name", member_name, Kind.PERSON, width=130, stretch=True, sortable=False
        ),
        Column(
            "tier",
            "fans.column.tier",
            lambda row: row.tier or (row.kind if row.kind == "staff" else "prospect"),
            Kind.STATE,
            width=86,
            sortable=False,
            display=_standing,
            tone=_standing_tone,
        ),
        Column(
            "spend",
            "fans.column.spend",
            lambda row: row.spend_cents if row.fan_id is not None else None,
            Kind.MONEY,
            width=100,
            sortable=False,
        ),
        Column("joined", "groups.member.joined", lambda row: row.joined_at, Kind.DAY, 92, sortable=False),
    ]


def _standing(row: MemberRow) -> str:
    if row.kind == "staff":
        return t("groups.staff_member")
    return label("tier", row.tier) if row.tier else t("groups.unknown_person")


def _standing_tone(row: MemberRow) -> str:
    if row.kind == "staff":
        return "neutral"
    return f"tier_{row.tier}" if row.tier else "neutral"
