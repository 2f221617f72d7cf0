"""Live rooms: which there were in a period, and their figures."""

from collections.abc import Callable
from datetime import UTC, datetime

from desktop.sandbox.chance import word
from desktop.sandbox.douyin.account import DAY, Account, Doc, Endpoint
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal

ROOMS = 20
_FIRST = 7_134_000_000_000_000_123
BASE = ("live_duration_td", "live_start_ts", "live_end_ts", "live_follow_ucnt_td")
AUDIENCE = (
    "live_watch_cnt_td", "live_watch_ucnt_td", "live_watch_duration_td", "live_fans_watch_ucnt_td",
    "live_fans_watch_duration_td", "per_minute_watch_ucnt_td_max",
)  # fmt: skip
INTERACTIVE = ("live_comment_cnt_td", "live_comment_ucnt_td", "live_like_cnt_td", "live_share_cnt_td")


def _began(account: Account, number: int) -> int:
    return account.origin - (number * 3 + 1) * DAY + 12 * 3600


def rooms(account: Account, args: Arguments) -> Doc:
    """Room ids of a period, as text: they exceed what a float can hold."""
    begin, end = args.moment("start_time"), args.moment("end_time")
    return {
        "room_ids": [str(_FIRST + n * 1_000_003) for n in range(ROOMS) if begin <= _began(account, n) < end]
    }


def _figures(names: tuple[str, ...]) -> Callable[[Account, Arguments], Doc]:
    def answer(account: Account, args: Arguments) -> Doc:
        room, live_id = args.text("room_id"), args.text("live_id")
        number = next((n for n in range(ROOMS) if str(_FIRST + n * 1_000_003) == room), None)
        if number is None:
            raise Refusal(28001007, "room_id不存在")
        bits, began = account.chance.roll(b"dy-live", number), _began(account, number)
        day = datetime.fromtimestamp(began, UTC).strftime("%Y-%m-%d")
        known = {"live_start_ts": began, "live_end_ts": began + 7200, "live_duration_td": 7200}
        fixed = {"live_id": live_id, "item_type": 3}
        return {
            "stats": [
                {
                    **fixed, "item": room, "name": name, "timeslot": day,
                    "value": str(known.get(name, word(bits, at * 2) % 5000)), "value_float": 0.0,
                }
                for at, name in enumerate(names)
            ],
            "data_ready_status": [
                {**fixed, "name": name, "time_slot": day, "is_ready": account.now() > began + DAY}
                for name in names
            ],
        }  # fmt: skip

    return answer


ENDPOINTS = (
    Endpoint("room/data/room_id/get/", rooms, "GET", Form.C_TOP, scope="live.room.base"),
    Endpoint("room/data/base/get/", _figures(BASE), "GET", Form.C, scope="live.room.base"),
    Endpoint("room/data/audience/get/", _figures(AUDIENCE), "GET", Form.C, scope="live.room.audience"),
    Endpoint(
        "room/data/interactive/get/", _figures(INTERACTIVE), "GET", Form.C, scope="live.room.interactive"
    ),
)
