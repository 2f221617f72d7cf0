"""Figures of the home page, each computed from rows; what cannot be computed says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from desktop.domain.clock import day_start_ms
from desktop.domain.home import Activity, Kpi
from desktop.domain.periods import DAY_MS, Window, days_of, last_days, trailing_year
from desktop.store.boards.rankings import day_expression
from desktop.store.fans.fans import LIVE

ACTIVE = (
    'SELECT fan_id, paid_at AS at FROM "order" WHERE is_sale = 1 AND fan_id IS NOT NULL'
    " AND paid_at >= :from_ms AND paid_at < :to_ms"
    " UNION ALL SELECT fan_id, at FROM interaction WHERE at >= :from_ms AND at < :to_ms"
)


def activity(conn: Any, day: date, days: int, zone: str) -> Activity:
    """New and active fans, orders and net sales of each of the last `days` days."""
    span = last_days(day, days, zone)
    every = days_of(span)
    times = _times(span)
    first = _day_number(every[0])

    def series(sql: str) -> tuple[int, ...]:
        found = {row[0] - first: row[1] for row in conn.execute(sql, times)}
        return tuple(found.get(place, 0) for place in range(len(every)))

    paid, at = day_expression("paid_at", span, zone), day_expression("at", span, zone)
    seen = day_expression("first_seen_at", span, zone)
    sales = 'FROM "order" WHERE is_sale = 1 AND paid_at >= :from_ms AND paid_at < :to_ms GROUP BY 1'
    return Activity(
        days=tuple(every),
        new_fans=series(
            f"SELECT {seen}, count(*) FROM fan WHERE {LIVE}"
            " AND first_seen_at >= :from_ms AND first_seen_at < :to_ms GROUP BY 1"
        ),
        active_fans=series(f"SELECT {at}, count(DISTINCT fan_id) FROM ({ACTIVE}) GROUP BY 1"),
        sales_cents=series(f"SELECT {paid}, sum(net_cents) {sales}"),
        orders=series(f"SELECT {paid}, count(*) {sales}"),
    )


def kpis(conn: Any, day: date, zone: str, chart: Activity) -> list[Kpi]:
    """The tiles as of a day, each with the week before and the daily series of `chart`, which ends that day."""
    has_sales = _exists(conn, '"order" WHERE is_sale = 1')
    has_touches = has_sales or _exists(conn, "interaction")
    return [
        _fans_total(conn, chart, zone),
        _fans_new(conn, chart),
        _weekly(
            conn,
            "active_fans",
            f"SELECT count(DISTINCT fan_id) FROM ({ACTIVE})",
            day,
            zone,
            None if has_touches else "no_touches",
            chart.active_fans,
        ),
        _weekly(
            conn,
            "sales",
            'SELECT coalesce(sum(net_cents), 0) FROM "order" WHERE is_sale = 1'
            " AND paid_at >= :from_ms AND paid_at < :to_ms",
            day,
            zone,
            None if has_sales else "no_orders",
            chart.sales_cents,
            unit="cents",
        ),
        _weekly(
            conn,
            "buyers",
            'SELECT count(DISTINCT fan_id) FROM "order" WHERE is_sale = 1'
            " AND paid_at >= :from_ms AND paid_at < :to_ms",
            day,
            zone,
            None if has_sales else "no_orders",
            chart.orders,
        ),
        _repurchase(conn, day, zone, has_sales=has_sales),
    ]


def _fans_total(conn: Any, chart: Activity, zone: str) -> Kpi:
    ends = [day_start_ms(day + timedelta(days=1), zone) for day in chart.days]
    # Nearly all: read in the order of the table.
    before_all = _one(
        conn, f"SELECT count(*) FROM fan NOT INDEXED WHERE {LIVE} AND first_seen_at < :until", ends[-1]
    )
    if not before_all:
        return Kpi("fans_total", "count", None, "no_fans")
    series = [float(before_all)]
    for new in reversed(chart.new_fans[1:]):
        series.insert(0, series[0] - new)
    before = series[-8] if len(series) > 7 else None
    return Kpi("fans_total", "count", series[-1], None, before, tuple(series))


def _fans_new(conn: Any, chart: Activity) -> Kpi:
    if not _exists(conn, "fan"):
        return Kpi("fans_new", "count", None, "no_fans")
    week, before = sum(chart.new_fans[-7:]), sum(chart.new_fans[-14:-7])
    return Kpi("fans_new", "count", float(week), None, float(before), tuple(map(float, chart.new_fans)))


def _weekly(
    conn: Any,
    key: str,
    sql: str,
    day: date,
    zone: str,
    reason: str | None,
    series: Sequence[int],
    unit: str = "count",
) -> Kpi:
    if reason:
        return Kpi(key, unit, None, reason)
    week, before = last_days(day, 7, zone), last_days(day - timedelta(days=7), 7, zone)
    value, former = (float(conn.execute(sql, _times(span)).fetchone()[0]) for span in (week, before))
    return Kpi(key, unit, value, None, former, tuple(map(float, series)))


def _repurchase(conn: Any, day: date, zone: str, *, has_sales: bool) -> Kpi:
    """The share of the trailing year's buyers who bought more than once in it."""

    if not has_sales:
        return Kpi("repurchase", "share", None, "no_orders")
    year, before = trailing_year(day, zone), trailing_year(day - timedelta(days=7), zone)
    # One pass of an index that holds all it asks, buyer by buyer: a year of orders is most of them.
    row = conn.execute(
        "SELECT sum(this > 0), sum(this > 1), sum(former > 0), sum(former > 1) FROM"
        " (SELECT sum(paid_at >= :from_ms) AS this, sum(paid_at < :to_before) AS former"
        '   FROM "order" NOT INDEXED WHERE is_sale = 1 AND fan_id IS NOT NULL'
        "   AND paid_at >= :from_before AND paid_at < :to_ms GROUP BY fan_id)",
        {**_times(year), "from_before": before.from_ms, "to_before": before.to_ms},
    ).fetchone()
    if not row[0]:
        return Kpi("repurchase", "share", None, "no_buyers")
    return Kpi("repurchase", "share", row[1] / row[0], None, row[3] / row[2] if row[2] else None)


def lapsed_buyers(conn: Any, now_ms: int, quiet_days: int, floor_cents: int) -> list[tuple[int, str, int]]:
    """(fan id, name, spend) of buyers above a sum who bought nothing for so many days, best first."""
    found = conn.execute(
        "SELECT fan.id, fan.name, s.spend_cents FROM fan_stats AS s JOIN fan ON fan.id = s.fan_id"
        f" WHERE {LIVE} AND s.spend_cents >= ? AND s.last_order_at < ?"
        " ORDER BY s.spend_cents DESC, fan.id",
        (floor_cents, now_ms - quiet_days * DAY_MS),
    )
    return [tuple(row) for row in found]


def _times(span: Window) -> dict[str, int]:
    return {"from_ms": span.from_ms, "to_ms": span.to_ms}


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _exists(conn: Any, table: str) -> bool:
    return conn.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def _one(conn: Any, sql: str, until: int) -> int:
    return int(conn.execute(sql, {"until": until}).fetchone()[0])
