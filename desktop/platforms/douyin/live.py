"""How broadcasts of a Douyin account went; starting or steering one has no call."""

from __future__ import annotations

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.public_accounts import LiveRoom
from desktop.platforms.douyin.client import DouyinClient, moment
from desktop.platforms.douyin.envelope import Form
from desktop.platforms.strict_json import rows, text, texts

PARTS = ("base", "audience", "interactive")
LIVE_ID = "1"  # the line of business in the only example the platform shows
STARTED, ENDED = "live_start_ts", "live_end_ts"


async def rooms(client: DouyinClient, since_ms: int, until_ms: int) -> tuple[str, ...]:
    """Ids of the broadcasts between two moments. Raises the five errors."""
    query = {"start_time": str(since_ms // 1000), "end_time": str(until_ms // 1000)}
    fields = await client.get("/room/data/room_id/get/", Form.NUMBERED_TOP, query)
    if "room_ids" not in fields:
        raise UnclearReplyError("reply_garbled", detail="no room_ids in the reply")
    return texts(fields["room_ids"])


async def room(client: DouyinClient, room_id: str) -> LiveRoom:
    """The figures of one broadcast that the account may read. Raises the five errors where none may be."""
    figures: dict[str, float] = {}
    refused: RejectedError | None = None
    for part in PARTS:
        try:
            data = await client.get(
                f"/room/data/{part}/get/", Form.NUMBERED, {"room_id": room_id, "live_id": LIVE_ID}
            )
        except RejectedError as error:  # each part has a permission of its own
            refused = error
            continue
        for row in rows(data.get("stats")):
            value = _number(row.get("value"), row.get("value_float"))
            if text(row.get("name")) and value is not None:
                figures[text(row.get("name"))] = value
    if not figures and refused is not None:
        raise refused
    started, ended = (moment(int(figures.pop(name, 0))) for name in (STARTED, ENDED))
    return LiveRoom(room_id, started, ended, figures)


def _number(*values: object) -> float | None:
    """The first that is a number other than 0, or the 0."""
    found: float | None = None
    for value in values:
        try:
            number = float(value) if isinstance(value, int | float | str) and value != "" else None
        except ValueError:
            continue
        if number:
            return number
        found = number if found is None else found
    return found
