import pytest

from desktop.domain.fans import Tier, masked_phone
from desktop.domain.groups import GroupHealth, HealthRule, health_of
from desktop.domain.home import TodayItem, TodayKind, in_order
from desktop.domain.periods import DAY_MS


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        (None, ""),
        ("", ""),
        ("1234567", "*******"),
        ("13812341234", "138****1234"),
        ("+8613812341234", "+86*******1234"),
        ("02188886666", "021****6666"),
    ],
)
def test_phones_are_masked(phone: str | None, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_tiers_have_levels() -> None:
    assert [tier.level for tier in Tier] == [0, 1, 2, 3]


NOW = 100 * DAY_MS


@pytest.mark.parametrize(
    ("fans", "speakers", "last", "health"),
    [
        (50, None, None, GroupHealth.NO_DATA),
        (50, 0, None, GroupHealth.ZOMBIE),
        (50, 0, NOW - 30 * DAY_MS, GroupHealth.ZOMBIE),
        (50, 0, NOW - 29 * DAY_MS, GroupHealth.COOLING),
        (50, 2, NOW, GroupHealth.COOLING),
        (50, 3, NOW, GroupHealth.HEALTHY),
        (0, 0, NOW, GroupHealth.COOLING),
    ],
)
def test_health_is_judged_from_messages_only(
    fans: int, speakers: int | None, last: int | None, health: GroupHealth
) -> None:
    assert health_of(fans, speakers, last, NOW, HealthRule()) is health


def test_todays_list_is_overdue_then_due_then_money() -> None:
    def item(kind: TodayKind, due: int | None, cents: int | None, *, late: bool = False) -> TodayItem:
        return TodayItem(kind, "x", due_at=due, cents=cents, is_overdue=late)

    quiet = item(TodayKind.LAPSED_BUYERS, None, 5)
    dear = item(TodayKind.DROP_OPENS, 50, 900)
    cheap = item(TodayKind.DROP_OPENS, 50, 10)
    soon = item(TodayKind.SEND_DUE, 40, None)
    late = item(TodayKind.OUTBOX_MISSED, 60, None, late=True)
    assert in_order([quiet, cheap, dear, soon, late]) == [late, soon, dear, cheap, quiet]
