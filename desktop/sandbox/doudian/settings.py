"""The switches of the imitated Douyin shop, turned by the control endpoint."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Settings:
    """Every switch with its beginning. Times are seconds of the sandbox clock."""

    both_envelopes: bool = False  # old and new fields in one answer
    shop_id_as_number: bool = False
    access_life_s: int = 7 * 86_400
    refresh_life_s: int = 14 * 86_400
    timestamp_slack_s: int = 600
    decrypts_per_day: int = 500  # ciphertexts
    decrypt_quota_code: int = 300008  # the platform's real number is not known
    orders_per_day: float = 0.0  # orders that come by themselves after the origin
    listing_lag_s: float = 0.0  # changes stay out of order.searchList this long
    receivers_plain: bool = False  # post_receiver and post_tel are filled in as well
    ip_trusted: bool = True  # off: 30002
    missing_permissions: list[str] = field(default_factory=list)  # methods that answer 30001
    latency_s: float = 0.0
