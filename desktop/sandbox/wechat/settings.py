"""The switches of the imitated official account, turned by the control endpoint."""

from dataclasses import dataclass, field

SERVICE, SUBSCRIPTION, TEST = "service", "subscription", "test"


@dataclass(slots=True)
class Settings:
    """Every switch with its beginning. Times are seconds of the sandbox clock."""

    # the account
    account_type: str = SERVICE  # service, subscription or test
    certification: str = "verified"  # verified, none or expired
    bound_to_open_platform: bool = True  # off: nobody shows a unionid
    old_profile_fields: bool = True  # nickname, headimgurl and so on are there but empty; off: absent
    forbidden: list[str] = field(default_factory=list)  # path globs that answer 48001 whatever the account
    mass_agreement: bool = True  # off: 48003
    mass_protection: bool = False  # sends to all wait for the admin's word, 30 minutes at most
    mass_denied_types: list[str] = field(default_factory=lambda: ["music", "voice", "wxcard"])  # 48008
    comments_allowed: bool = True  # off: 88000
    custom_blocked: bool = False  # single messages answer 45087
    desk_allowed: bool = True  # customer-service accounts; off: 65400
    console_menu: bool = True  # a menu made in the web console before the first one by call
    linked_programs: list[str] = field(default_factory=lambda: ["wx0123456789abcdef"])  # others: 45064

    # gateway
    ip_listed: bool = True  # off: 40164
    caller_ip: str = "8.149.10.20"  # the address that 40164 tells
    ip_gate_code: int = 0  # the token calls answer this, such as 89503
    token_life_s: int = 7200
    token_overlap_s: int = 300  # a replaced token of /token lives on this long
    content_type: str = "mixed"  # or json, plain
    unicode_escapes: str = "literal"  # \uXXXX stays as it is written; or refuse: 40033
    latency_s: float = 0.0  # every call takes this long
    daily_limits: dict[str, int] = field(default_factory=dict)  # path -> calls a day, over the default
    mass_calls_per_minute: int = 60
    page_size: int = 10_000  # openids in a page
    listing_lag_s: float = 0.0  # what was just made stays out of its listing this long
    listing_order: str = "newest"  # or oldest: of drafts, published articles and material
    wide_ids: bool = False  # numbers of messages and publishes beyond 2**53

    # publishing and mass messages
    publish_s: float = 20.0  # a publish stays in state 1 this long
    publish_outcome: int = 0  # the state after it: 0, 2, 3, 4
    publish_fail_idx: list[int] = field(default_factory=list)  # articles that fail in a publish of several
    publish_id_as_number: bool = False
    publish_refusal: int = 0  # submit answers this, such as 53503
    publishes_per_minute: int = 30  # above: 53501
    draft_gone_at: str = "success"  # or submit: when a published or sent draft leaves the box
    mass_s: float = 30.0  # a mass message is SENDING this long
    mass_outcome: str = "SEND_SUCCESS"  # or SEND_FAIL
    mass_beyond_quota: str = "45028"  # or empty: no body at all
    clientmsgid_most: int = 32  # longer: 45067

    # comments and people
    reply_as_object: bool = False  # a comment's reply is an object instead of a list
    elected_limit: int = 100  # 88003
    life_per_day: float = 0.0  # things followers do by themselves per day
