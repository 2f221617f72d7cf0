"""The switches of the imitated corp, turned by the control endpoint."""

from dataclasses import dataclass


@dataclass(slots=True)
class Settings:
    """Every switch with its beginning. Times are seconds of the sandbox clock."""

    # mass messages and moments
    settle_s: float = 2.0  # a new mass send answers 41063 this long
    listing_lag_s: float = 0.0  # what was just made stays out of its listing this long
    auto_confirm_s: float | None = None  # all staff confirm this long after the call
    per_day: int = 0  # mass messages per customer, tightened by the admin; 0 = platform's cap only
    per_week: int = 0
    moment_seconds: float = 3.0  # a moment job runs this long
    times_as_text: bool = False  # create_time of both listings as "1790000000", as older pages have it

    # people who act by themselves, by the seed
    staff_habits: bool = False  # staff confirm mass sends and publish moments soon, late or never
    soon_share: float = 0.6
    late_share: float = 0.25  # the rest never confirm
    soon_s: float = 3600.0  # "soon" is spread over this time
    late_s: float = 2 * 86_400.0  # "late" begins at soon_s and is spread over this time
    life_per_day: float = 0.0  # things customers and staff do by themselves per day

    # gateway
    ip_trusted: bool = True
    customer_contact_allowed: bool = True  # off: 48002 on externalcontact
    kf_allowed: bool = True  # off: 48002 on kf
    kf_api_on: bool = True  # off: 95017
    calls_per_minute: int = 10_000
    calls_per_hour: int = 150_000
    debug_calls_per_minute: int = 5  # calls with debug=1
    wrong_secrets_per_hour: int = 100  # above: gettoken answers 45009 for an hour
    max_in_flight: int = 8  # stored-data reads at once before 45033
    latency_s: float = 0.0  # every call takes this long
    token_life_s: int = 7200
    uneven_pages: bool = True

    # rights and rules
    visible_staff: int | None = None  # only the first N staff are in the app's range
    own_tags_only: bool = False  # an app may change only tags it made itself: 81011
    corp_verified: bool = True  # off: at most 10 customer-service accounts, 95027
    transfer_hours: float = 24.0

    # customer service
    kf_calls_without_token_per_minute: int = 60
    kf_duplicate_msgid_code: int = 40058  # the platform's real answer is not known
    kf_fail_share: float = 0.0  # accepted replies that fail a few seconds later
