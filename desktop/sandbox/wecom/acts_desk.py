"""What customers and servicers do at the customer-service desk in their own apps."""

from collections.abc import Callable
from typing import Any

from desktop.sandbox.wecom import kf_desk
from desktop.sandbox.wecom.acts_people import customer_number
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.kf_desk import Account, desk, new_token
from desktop.sandbox.wecom.kf_messages import fail_message

Doc = dict[str, Any]


def named_account(corp: Corp, doc: Doc) -> Account:
    """The account with this `open_kfid`, the first one when none is named."""
    accounts = desk(corp).accounts
    if "open_kfid" not in doc:
        return accounts[0]
    found = next((row for row in accounts if row.open_kfid == doc["open_kfid"]), None)
    if found is None:
        raise LookupError(f"no account {doc['open_kfid']}")
    return found


def _external(corp: Corp, doc: Doc) -> str:
    return corp.people.external_userid(customer_number(corp, doc))


def _body(doc: Doc, otherwise: str) -> tuple[str, Doc]:
    kind = str(doc.get("msgtype", "text"))
    body = {"content": str(doc.get("content", otherwise))} if kind == "text" else {}
    return kind, {**body, **dict(doc.get("body", {}))}


def customer_asks(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, content? or msgtype and body?, open_kfid?: a customer writes.

    Answers the msgid and a callback token for sync_msg that lives ten minutes.
    """
    to, external = named_account(corp, doc), _external(corp, doc)
    kind, body = _body(doc, "还有货吗")
    msgid = kf_desk.customer_writes(corp, to, external, kind, body)
    return {
        "open_kfid": to.open_kfid,
        "external_userid": external,
        "msgid": msgid,
        "token": new_token(corp, to),
    }


def customer_enters(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, open_kfid?, scene?: the chat is opened; a welcome code after two quiet days."""
    to, external = named_account(corp, doc), _external(corp, doc)
    code = kf_desk.customer_enters(corp, to, external, str(doc.get("scene", "shop")))
    return {"open_kfid": to.open_kfid, "external_userid": external, "welcome_code": code}


def servicer_answers(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, userid?, content? or msgtype and body?, open_kfid?: answered in the client."""
    to, external = named_account(corp, doc), _external(corp, doc)
    kind, body = _body(doc, "亲,在的")
    userid = str(doc.get("userid", to.servicers[0]))
    return {"msgid": kf_desk.servicer_writes(corp, to, external, userid, kind, body)}


def servicer_ends(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, open_kfid?: the session is ended in the client."""
    kf_desk.session_ends(corp, named_account(corp, doc), _external(corp, doc))
    return {}


def servicer_pauses(corp: Corp, doc: Doc) -> Doc:
    """userid, open_kfid?, stop_type?: the servicer takes no more sessions (95019)."""
    to, userid, stop_type = named_account(corp, doc), str(doc["userid"]), int(doc.get("stop_type", 0))
    to.paused[userid] = stop_type
    kf_desk.event(corp, to, "servicer_status_change", servicer_userid=userid, status=2, stop_type=stop_type)
    return {}


def servicer_returns(corp: Corp, doc: Doc) -> Doc:
    """userid, open_kfid?: the servicer takes sessions again."""
    to, userid = named_account(corp, doc), str(doc["userid"])
    to.paused.pop(userid, None)
    kf_desk.event(corp, to, "servicer_status_change", servicer_userid=userid, status=1)
    return {}


def customer_recalls(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, msgid, open_kfid?: the customer takes a message back."""
    to, external = named_account(corp, doc), _external(corp, doc)
    kf_desk.event(corp, to, "user_recall_msg", external_userid=external, recall_msgid=str(doc["msgid"]))
    return {}


def servicer_recalls(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, msgid, userid?, open_kfid?: the servicer takes a message back."""
    to, external = named_account(corp, doc), _external(corp, doc)
    userid = str(doc.get("userid", to.servicers[0]))
    fields = {"external_userid": external, "servicer_userid": userid, "recall_msgid": str(doc["msgid"])}
    kf_desk.event(corp, to, "servicer_recall_msg", **fields)
    return {}


def customer_refuses_messages(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, refuses? (true), userid?, open_kfid?: the customer's switch changes."""
    to, external = named_account(corp, doc), _external(corp, doc)
    kf_desk.event(
        corp,
        to,
        "reject_customer_msg_switch_change",
        external_userid=external,
        servicer_userid=str(doc.get("userid", to.servicers[0])),
        reject_switch=int(bool(doc.get("refuses", True))),
    )
    return {}


def kf_message_fails(corp: Corp, doc: Doc) -> Doc:
    """msgid, fail_type? (10): an accepted reply turns out not to have arrived."""
    fail_message(corp, str(doc["msgid"]), int(doc.get("fail_type", 10)))
    return {}


ACTS: dict[str, Callable[[Corp, Doc], Doc]] = {
    act.__name__: act
    for act in (
        customer_asks,
        customer_enters,
        servicer_answers,
        servicer_ends,
        servicer_pauses,
        servicer_returns,
        customer_recalls,
        servicer_recalls,
        customer_refuses_messages,
        kf_message_fails,
    )
}
