"""What Douyin shop takes from us: the seller's remark and star of an order, proven by reading the order back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.domain.live_orders import REMARK_SIGNS, STARS
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.write_kinds.doudian import ORDER_REMARK
from desktop.domain.writes import Receipt, Write
from desktop.platforms.doudian import orders
from desktop.platforms.doudian.client import DoudianClient
from desktop.platforms.strict_json import text, whole

Perform = Callable[[DoudianClient, Write, str, bool], Awaitable[Receipt]]


async def remark(client: DoudianClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Set remark and star of one order as a whole. Raises the five errors, InvalidInputError before sending."""
    said, star = str(write.body["remark"]), int(write.body["star"])
    if not said or len(said) > REMARK_SIGNS or star not in STARS:
        raise InvalidInputError("order_remark", limit=REMARK_SIGNS)
    order_no = str(write.body["order"])
    await client.write(
        "order.addOrderRemark",
        {"order_id": order_no, "remark": said, "is_add_star": "true", "star": str(star)},
    )
    return Receipt(order_no)


async def prove(
    client: DoudianClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """The order itself tells; the same remark twice is the same as once."""
    return {one.uid: judge_state(await _is_so(client, one.write)) for one in unknown}


async def _is_so(client: DoudianClient, write: Write) -> bool:
    try:
        entry = await orders.detail(client, str(write.body["order"]))
    except NotFoundError:
        return False  # the repetition will be refused with the platform's reason
    said, star = text(entry.get("seller_words")), whole(entry.get("seller_remark_stars"))
    return (said, star) == (write.body["remark"], write.body["star"])


PERFORM: Mapping[str, Perform] = {ORDER_REMARK: remark}
PROVE = {ORDER_REMARK: prove}
