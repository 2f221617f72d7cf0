"""The switches of the imitated Douyin app and account, turned by the control endpoint."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Settings:
    """Every switch with its beginning. Times are seconds of the sandbox clock."""

    # what the answers look like
    numbers_as_text: bool = False  # every number outside an enum list arrives as digits in a text
    extra_missing: bool = False  # envelope A without `extra`
    now_in_seconds: bool = False  # `extra.now` in seconds instead of milliseconds
    error_place: str = "data"  # data, extra, sub (sub_error_code only) or both
    old_codes: bool = False  # 2190002 instead of 28001003 and the like
    audit_times_in_seconds: bool = False
    short_audit_pages: bool = True  # decided applications leave gaps, has_more stays true

    # rights
    redirect_hosts: list[str] = field(default_factory=list)  # registered callback hosts; none: any
    redirect_at_once: bool = False  # the authorisation page answers 302 instead of showing itself
    renew_allowed: bool = True  # off: renew_refresh_token answers 10004
    missing_capabilities: list[str] = field(default_factory=list)  # scopes the app lacks: 28001018
    withdrawn: list[str] = field(default_factory=list)  # further paths that answer 28001056
    legacy: bool = False  # retired calls answer as they did
    im_elsewhere: bool = False  # another application holds the account's IM grant: 28001012

    # clocks
    access_life_s: int = 15 * 86_400
    refresh_life_s: int = 30 * 86_400
    client_life_s: int = 7200
    code_life_s: int = 600
    renewals: int = 5
    client_tokens_per_5_min: int = 500

    # quotas and windows
    dm_per_day: int = 100_000
    group_messages_per_day: int = 100_000
    cards_per_day: int = 10_000
    reply_window_s: int = 86_400
    reply_count: int = 6
    enter_window_s: int = 30
    enter_count: int = 3
    group_quota: int = 20
    posts_per_day: int = 20
    review_s: float = 60.0  # a new post is under review this long
    log_shows_sent: bool = False  # the intention log also has im_send_msg
    listing_lag_s: float = 0.0  # new posts, groups and comments stay out of listings this long
    latency_s: float = 0.0
