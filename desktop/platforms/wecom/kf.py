"""WeCom customer service (KF): desks, messages, who answers, names, and replies under the caller's key.

Facts: kf/sync_msg keeps three days and never returns what kf/send_msg sent; the platform takes each msgid
once for a desk, but which code says so is not documented.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError, RejectedError, UnclearReplyError
from desktop.domain.proof import Judgement, UnknownWrite, Verdict
from desktop.domain.talks import (
    HOUR_MS,
    Answerer,
    DeskRecord,
    PersonRecord,
    TalkPage,
    TalkState,
    is_too_long,
)
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import text, whole
from desktop.platforms.wecom import kf_messages
from desktop.platforms.wecom.client import WeComClient, listed

DESKS = 100
MESSAGES = 1000
PEOPLE = 100
MAX_DESKS = 5000
REPLAY_WITHIN_MS = 24 * HOUR_MS  # how long the platform remembers a msgid is not documented
STATES = {0: Answerer.NEW, 1: Answerer.BOT, 2: Answerer.QUEUE, 3: Answerer.STAFF, 4: Answerer.ENDED}


async def desks(client: WeComClient) -> tuple[DeskRecord, ...]:
    """Every service desk of the corp. Raises the five errors."""
    found: dict[str, DeskRecord] = {}
    for offset in range(0, MAX_DESKS, DESKS):
        fields = await client.ask("kf/account/list", {"offset": offset, "limit": DESKS})
        entries = listed(fields, "account_list")
        for entry in entries:
            desk_id = text(entry.get("open_kfid"))
            if desk_id:
                is_ours = entry.get("manage_privilege") is not False
                found[desk_id] = DeskRecord(desk_id, text(entry.get("name")), is_ours)
        if len(entries) < DESKS:
            break
    return tuple(found.values())


async def page(client: WeComClient, desk_id: str, cursor: str) -> TalkPage:
    """Messages of one desk since a cursor, at most 1000; '' begins three days ago. Raises the five errors.

    Without the token of a callback the platform allows few calls (45009).
    """
    body: Fields = {"open_kfid": desk_id, "limit": MESSAGES}
    if cursor:
        body["cursor"] = cursor
    fields = await client.ask("kf/sync_msg", body)
    entries = listed(fields, "msg_list")
    told = [kf_messages.message(entry, desk_id) for entry in entries]
    found = tuple(record for record in told if record is not None)
    more = whole(fields.get("has_more")) == 1
    following = text(fields.get("next_cursor"))
    if more and not following:
        raise UnclearReplyError("reply_garbled", detail="has_more without next_cursor")
    return TalkPage(found, following or cursor, more, len(entries) - len(found))


async def people(client: WeComClient, person_ids: Sequence[str]) -> tuple[PersonRecord, ...]:
    """Names and union ids of customers, those the platform tells about. Raises the five errors."""
    found = []
    for start in range(0, len(person_ids), PEOPLE):
        wanted = list(person_ids[start : start + PEOPLE])
        body = {"external_userid_list": wanted, "need_enter_session_context": 0}
        for entry in listed(await client.ask("kf/customer/batchget", body), "customer_list"):
            person_id = text(entry.get("external_userid"))
            if person_id:
                name, avatar = text(entry.get("nickname")), text(entry.get("avatar"))
                found.append(PersonRecord(person_id, name, avatar, text(entry.get("unionid"))))
    return tuple(found)


async def state(client: WeComClient, desk_id: str, person_id: str) -> TalkState:
    """Who answers a customer now. Raises the five errors."""
    body = {"open_kfid": desk_id, "external_userid": person_id}
    fields = await client.ask("kf/service_state/get", body)
    number = whole(fields.get("service_state"))
    answerer = STATES.get(number, Answerer.UNKNOWN) if number is not None else Answerer.UNKNOWN
    return TalkState(answerer, text(fields.get("servicer_userid")))


async def send(client: WeComClient, write: Write, key: str, is_repeat: bool) -> Receipt:
    """Send a reply with `key` as its msgid. Success is not delivery: that shows in `page` within minutes.

    A refusal of a repeat proves nothing: the first try may be what is in its way. Raises the five errors,
    and InvalidInputError before anything leaves.
    """
    try:
        fields = await client.write("kf/send_msg", {**wire_form(write), "msgid": key})
    except RejectedError as error:
        if is_repeat and not error.params.get("is_permission"):
            code = error.params.get("platform_code")
            raise UnclearReplyError("talk_repeat_refused", platform_code=code) from error
        raise
    return Receipt(text(fields.get("msgid")) or key)


def wire_form(write: Write) -> Fields:
    """The body that goes out, without the msgid. Raises InvalidInputError."""
    desk_id = str(write.body.get("desk", ""))
    if not desk_id or len(write.targets) != 1:
        raise InvalidInputError("talk_receiver")
    body: Fields = {"touser": write.targets[0], "open_kfid": desk_id}
    if write.pictures:
        if write.text or len(write.pictures) != 1 or len(write.media_ids) != 1:
            raise InvalidInputError("talk_empty")
        return body | {"msgtype": "image", "image": {"media_id": write.media_ids[0]}}
    if not write.text.strip():
        raise InvalidInputError("talk_empty")
    if is_too_long(write.text):
        raise InvalidInputError("talk_too_long")
    return body | {"msgtype": "text", "text": {"content": write.text}}


async def prove(
    client: WeComClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """Nothing lists replies: after one doubt the same msgid goes out once more, after that a person decides."""
    now = client.clock.now_ms()
    return {
        one.uid: Judgement(
            Verdict.REPEATABLE
            if one.doubts <= 1 and now - one.started_at <= REPLAY_WITHIN_MS
            else Verdict.UNPROVABLE,
            facts={"by": "key"},
        )
        for one in unknown
    }
