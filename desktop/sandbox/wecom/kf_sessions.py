"""States of customer-service sessions: asking for one and moving it on."""

from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.kf_desk import (
    BOT,
    ENDED,
    HUMAN,
    NEW,
    QUEUE,
    SESSION_S,
    account,
    desk,
    new_code,
)

_MOVES = {
    NEW: {BOT, QUEUE, HUMAN},
    BOT: {QUEUE, HUMAN, ENDED},
    QUEUE: {HUMAN, ENDED},
    HUMAN: {HUMAN, ENDED},
}


def state_get(corp: Corp, args: Arguments) -> dict[str, Any]:
    """The state of a session."""
    row = account(corp, args.text("open_kfid"))
    external = args.text("external_userid", missing=41035)
    corp.customer(external)
    session = desk(corp).session(row.open_kfid, external)
    session.end_when_old(corp.now())
    answer: dict[str, Any] = {"service_state": session.state}
    return answer | ({"servicer_userid": session.servicer} if session.state == HUMAN else {})


def state_trans(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Move a session on; a code comes with the first change to queue or human, and with the end."""
    row = account(corp, args.text("open_kfid"), write=True)
    external = args.text("external_userid", missing=41035)
    corp.customer(external)
    wanted = args.number("service_state")
    session = desk(corp).session(row.open_kfid, external)
    session.end_when_old(corp.now())
    if session.state == ENDED:
        raise Refusal(95013)
    if wanted not in _MOVES[session.state]:
        raise Refusal(95016)
    if wanted == HUMAN:
        userid = args.text("servicer_userid", missing=95014)
        if userid not in row.servicers:
            raise Refusal(95014)
        if userid in row.paused:
            raise Refusal(95019)
        session.servicer = userid
    before, session.state = session.state, wanted
    code = ""
    if wanted == ENDED:
        code = new_code(corp, row, external, 20, ENDED, menus=True)
    elif before in (NEW, BOT):
        code = new_code(corp, row, external, SESSION_S, wanted, menus=False)
    return {"msg_code": code} if code else {}


ENDPOINTS = (
    Endpoint("kf/service_state/get", state_get),
    Endpoint("kf/service_state/trans", state_trans, write=True),
)
