"""What staff note about a customer in WeCom: tags, remark, description, mobile numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.write_kinds.wecom import CUSTOMER_TAGS
from desktop.domain.writes import Receipt, Write
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, texts
from desktop.platforms.wecom.client import WeComClient, listed

NOT_A_CUSTOMER = (40096, 84061)
PATH = "externalcontact/get"


async def mark(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Put corp tags on one customer of one staff member, and take others off."""
    body = {
        "userid": write.body["staff"],
        "external_userid": write.targets[0],
        "add_tag": list(write.body["add"]),
        "remove_tag": list(write.body["remove"]),
    }
    await client.write("externalcontact/mark_tag", body)
    return Receipt()


async def remark(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Set remark, description and mobile numbers as a whole; [""] takes all numbers away."""
    body = {
        "userid": write.body["staff"],
        "external_userid": write.targets[0],
        "remark": write.body["remark"],
        "description": write.body["description"],
        "remark_mobiles": list(write.body["mobiles"]) or [""],
    }
    await client.write("externalcontact/remark", body)
    return Receipt()


async def prove(
    client: WeComClient, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown changes, by the customer's card as it is now."""
    return {one.uid: judge_state(await _is_so(client, kind, one.write)) for one in unknown}


async def _is_so(client: WeComClient, kind: str, write: Write) -> bool:
    entry = await _follow(client, write.targets[0], str(write.body["staff"]))
    if entry is None:
        return False  # no longer a contact: the repetition will be refused with the platform's reason
    if kind == CUSTOMER_TAGS:
        carried = {text(tag.get("tag_id")) for tag in rows(entry.get("tags"))}
        return carried >= set(write.body["add"]) and not carried & set(write.body["remove"])
    return (
        text(entry.get("remark")) == write.body["remark"]
        and text(entry.get("description")) == write.body["description"]
        and {one for one in texts(entry.get("remark_mobiles")) if one} == set(write.body["mobiles"])
    )


async def _follow(client: WeComClient, external_id: str, staff_id: str) -> Fields | None:
    """One staff member's entry on a customer's card; None when they are no contacts."""
    guard = CursorGuard(PATH)
    cursor = ""
    while True:
        query = {"external_userid": external_id} | ({"cursor": cursor} if cursor else {})
        try:
            fields = await client.get(PATH, query)
        except RejectedError as error:
            if error.params.get("platform_code") in NOT_A_CUSTOMER:
                return None
            raise
        contact = fields.get("external_contact")
        if not isinstance(contact, dict) or text(contact.get("external_userid")) != external_id:
            raise UnclearReplyError("reply_garbled", detail="another customer than the one asked for")
        entries = listed(fields, "follow_user")
        for entry in entries:
            if text(entry.get("userid")) == staff_id:
                return entry
        cursor = text(fields.get("next_cursor"))
        if not cursor:
            return None
        guard.pass_by(cursor, brought_news=bool(entries))
