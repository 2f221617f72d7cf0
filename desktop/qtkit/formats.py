"""Numbers, money and times as people read them, in the present language and the shop's time zone."""

from __future__ import annotations

from datetime import date, datetime

from desktop.domain.clock import Clock, local
from desktop.qtkit.i18n import language, t

DASH = "–"
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


class Formats:
    """Every method takes None too and then gives a dash. `zone` is an IANA name."""

    def __init__(self, clock: Clock, zone: str = "Asia/Shanghai") -> None:
        self.clock = clock
        self.zone = zone

    def money(self, cents: int | None, *, whole: bool = False) -> str:
        """Cents as ¥1,234.50; `whole` leaves out the cents when they are zero."""
        if cents is None:
            return DASH
        sign, cents = ("-" if cents < 0 else ""), abs(cents)
        tail = "" if whole and cents % 100 == 0 else f".{cents % 100:02d}"
        return f"{sign}¥{cents // 100:,}{tail}"

    def count(self, number: float | None, *, short: bool = False) -> str:
        """1,234; `short` gives 2.4万 in Chinese and 24k in English from ten thousand up."""
        if number is None:
            return DASH
        if not short or abs(number) < 10_000:
            return f"{number:,.0f}"
        if language() == "zh_CN":
            divisor, unit = (1e8, "亿") if abs(number) >= 1e8 else (1e4, "万")
        else:
            divisor, unit = (1e6, "M") if abs(number) >= 1e6 else (1e3, "k")
        return f"{number / divisor:.1f}".removesuffix(".0") + unit

    def percent(self, ratio: float | None, digits: int = 1) -> str:
        """0.417 as 41.7%."""
        return DASH if ratio is None else f"{ratio * 100:.{digits}f}%"

    def day(self, when: int | date | None) -> str:
        """2026-11-22."""
        if when is None:
            return DASH
        return (local(when, self.zone).date() if isinstance(when, int) else when).isoformat()

    def day_words(self, when: int | date | None) -> str:
        """11月22日 周日, or Sun 22 Nov; with the year when it is not this one."""
        if when is None:
            return DASH
        day = local(when, self.zone).date() if isinstance(when, int) else when
        month, weekday = t(f"kit.month_{day.month}"), t(f"kit.weekday_{day.weekday()}")
        words = t("kit.day_words", month=month, day=day.day, weekday=weekday)
        this_year = local(self.clock.now_ms(), self.zone).year
        return words if day.year == this_year else t("kit.day_year", words=words, year=day.year)

    def time(self, when: int | None) -> str:
        """09:41."""
        return DASH if when is None else f"{local(when, self.zone):%H:%M}"

    def moment(self, when: int | None, *, seconds: bool = False) -> str:
        """2026-11-22 09:41 in the shop's zone."""
        if when is None:
            return DASH
        return f"{local(when, self.zone):%Y-%m-%d %H:%M:%S}"[: None if seconds else -3]

    def relative(self, when: int | None) -> str:
        """Just now, 5 minutes ago, in 2 hours, yesterday 20:00; older or further: the date."""
        if when is None:
            return DASH
        now = self.clock.now_ms()
        gap = now - when
        days = (local(now, self.zone).date() - local(when, self.zone).date()).days
        if abs(gap) < MINUTE_MS:
            return t("kit.just_now")
        if abs(gap) < HOUR_MS:
            return t("kit.minutes_ago" if gap > 0 else "kit.in_minutes", n=abs(gap) // MINUTE_MS)
        if days == 0:
            return t("kit.hours_ago" if gap > 0 else "kit.in_hours", n=abs(gap) // HOUR_MS)
        if days in (1, -1):
            return t("kit.yesterday" if days == 1 else "kit.tomorrow", time=self.time(when))
        if 1 < days <= 30:
            return t("kit.days_ago", n=days)
        return self.day(when)

    def duration(self, seconds: float | None) -> str:
        """45 s, 3 min, 2 h 5 min in the present language; rounded up to the next unit below."""
        if seconds is None:
            return DASH
        whole = max(0, round(seconds))
        if whole < 60:
            return t("kit.seconds", n=whole)
        if whole < 3600:
            return t("kit.minutes", n=-(-whole // 60))
        return t("kit.hours_minutes", hours=whole // 3600, minutes=whole % 3600 // 60)

    @staticmethod
    def masked_phone(phone: str | None) -> str:
        """138****5678: enough to tell two apart, too little to call."""
        if not phone:
            return DASH
        if "*" in phone or len(phone) < 7:
            return phone
        return f"{phone[:3]}****{phone[-4:]}"

    def to_local(self, when: int) -> datetime:
        """The shop's civil time of a UTC millisecond."""
        return local(when, self.zone)
