"""Mass sends to all followers or those of a tag, and the preview to one person before them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError, RejectedError, UnclearReplyError
from desktop.domain.official_account import Progress
from desktop.domain.proof import Judgement, UnknownWrite, Verdict
from desktop.domain.write_kinds.wechat import KEY_LIVES_MS
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import text
from desktop.platforms.wechat.client import WeChatClient
from desktop.platforms.wechat.drafts import draft_of
from desktop.platforms.wechat.tags import number

SENDALL = "cgi-bin/message/mass/sendall"
ALREADY_TAKEN = 45065
SETTLES_MS = 65_000  # within a minute of the first request a second one with its key is turned away
MOST_DOUBTS = 3
STATES = {
    "SEND_SUCCESS": Progress.DONE,
    "SENDING": Progress.RUNNING,
    "SEND_FAIL": Progress.FAILED,
    "DELETE": Progress.DELETED,
}


async def send(client: WeChatClient, write: Write, key: str, is_repeat: bool) -> Receipt:
    """Hand over a mass send with `key` as its clientmsgid; success means that the job was taken.

    A second request with the key is answered with the first one's id. Any other refusal of a repeat
    proves nothing: the first one may have used up the quota or the draft that is missed now. Raises the
    five errors, and InvalidInputError before anything leaves.
    """
    try:
        fields = await client.write(SENDALL, {**wire_form(write), "clientmsgid": key})
    except UnclearReplyError as error:
        known = text(error.params.get("msg_id"))
        if error.params.get("platform_code") == ALREADY_TAKEN and known:
            return Receipt(known, facts={"by": "key"})
        raise
    except RejectedError as error:
        if is_repeat:
            code = error.params.get("platform_code")
            raise UnclearReplyError("wechat_repeat_refused", platform_code=code) from error
        raise
    sent = text(fields.get("msg_id"))
    if not sent:
        raise UnclearReplyError("reply_garbled", detail="no msg_id in the reply")
    return Receipt(sent, facts={"msg_data_id": text(fields.get("msg_data_id"))})


def wire_form(write: Write) -> Fields:
    """The body that goes out, without the clientmsgid. Raises InvalidInputError."""
    to_all, tag = write.body.get("to_all") is True, str(write.body.get("tag", ""))
    if to_all == bool(tag):
        raise InvalidInputError("article_audience")
    audience: Fields = {"is_to_all": True} if to_all else {"is_to_all": False, "tag_id": number(tag)}
    return {
        "filter": audience,
        "msgtype": "mpnews",
        "mpnews": {"media_id": draft_of(write)},
        "send_ignore_reprint": 0,
    }


async def prove(
    client: WeChatClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """Sent again with its key, which the platform keeps for a day; after that a person decides."""
    now = client.clock.now_ms()
    return {one.uid: Judgement(_verdict(one, now), facts={"by": "key"}) for one in unknown}


async def progress(client: WeChatClient, send_id: str) -> Progress:
    """How far a mass send got; one to everybody may wait half an hour for the administrator's phone."""
    fields = await client.ask("cgi-bin/message/mass/get", {"msg_id": send_id})
    told = text(fields.get("msg_status"))
    if told not in STATES:
        raise UnclearReplyError("reply_garbled", detail="no msg_status in the reply")
    return STATES[told]


async def preview(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Show a draft to one person: by WeChat name, or one follower."""
    name = str(write.body.get("wxname", ""))
    if bool(name) == bool(write.targets) or len(write.targets) > 1:
        raise InvalidInputError("article_preview_whom")
    whom = {"towxname": name} if name else {"touser": write.targets[0]}
    draft = draft_of(write)
    body = {**whom, "msgtype": "mpnews", "mpnews": {"media_id": draft}}
    await client.write("cgi-bin/message/mass/preview", body)
    return Receipt(draft)  # what comes behind a preview is about the same draft


def _verdict(one: UnknownWrite, now: int) -> Verdict:
    if one.doubts > MOST_DOUBTS or now - (one.first_at or one.started_at) > KEY_LIVES_MS:
        return Verdict.UNPROVABLE
    return Verdict.REPEATABLE if now - one.ended_at >= SETTLES_MS else Verdict.TOO_EARLY
