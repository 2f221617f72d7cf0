"""The intention log: what fans did towards the account, each event a JSON text inside the JSON."""

from desktop.sandbox.douyin.account import Account, Doc, Endpoint
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal
from desktop.sandbox.douyin.events import packed, seeded
from desktop.sandbox.douyin.talks import Talks
from desktop.sandbox.paging import BadCursor, Pager


def listing(account: Account, args: Arguments) -> Doc:
    """Events of a period, oldest first; go on with the opaque query_session."""
    seeded(account)
    begin, end = args.moment("start_time"), args.moment("end_time")
    count, event = args.number("count", None, 1, 100), args.optional("event")
    rows = sorted(
        (
            row
            for row in account.shelf(Talks).log
            if begin <= row[0] < end and (not event or row[1] == event)
        ),
        key=lambda row: row[0],
    )
    pager, name = Pager(account.chance), f"intention:{begin}:{end}:{event}"
    try:
        start, _ = pager.decode(name, args.optional("query_session"))
    except BadCursor:
        raise Refusal(28001007, "query_session不合法") from None
    part = rows[start : start + count]
    infos = [
        {"event": kind, "open_id": open_id, "event_time": str(int(at * 1000)), "content": packed(whole)}
        for at, kind, open_id, whole in part
    ]
    more = start + len(part) < len(rows)
    session = pager.encode(name, start + len(part))
    return {"intention_log_infos": infos, "query_session": session, "has_more": more}


ENDPOINTS = (
    Endpoint(
        "api/douyin/v1/interactive/intention/log/list/", listing, "GET", Form.C, scope="user.intention"
    ),
)
