"""Schema 4: Douyin and the Douyin shop: videos, live rooms, coupons, join requests."""

SCRIPT = ""
