"""Followers of an official account: their ids page by page, what is told of each, remarks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.official_account import FollowerPage, FollowerRecord
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import text, texts, whole
from desktop.platforms.tencent_line import seconds_as_ms
from desktop.platforms.wechat.client import WeChatClient, listed

USERS = "cgi-bin/user/get"
UNKNOWN_OPENID = (40003, 49003)
BATCH = 100


async def total(client: WeChatClient) -> int:
    """How many followers the account has. Raises the five errors of desktop.platforms.ports."""
    return _total(await client.get(USERS))


async def follower_ids(client: WeChatClient, cursor: str) -> FollowerPage:
    """One page of ids. The last page names its own last id as the next one: an empty page is the end."""
    fields = await client.get(USERS, {"next_openid": cursor} if cursor else {})
    told, data = _total(fields), fields.get("data")
    ids = texts(data.get("openid")) if isinstance(data, dict) else ()
    if not ids and whole(fields.get("count")):
        raise UnclearReplyError("reply_garbled", detail="a count without openids")
    return FollowerPage(ids, text(fields.get("next_openid")) if ids else "", told)


async def followers(client: WeChatClient, ids: Sequence[str]) -> tuple[FollowerRecord, ...]:
    """What is told of at most 100 of them; one who left comes as not following."""
    body = {"user_list": [{"openid": one, "lang": "zh_CN"} for one in ids]}
    fields = await client.ask("cgi-bin/user/info/batchget", body)
    wanted = set(ids)
    told = [_follower(entry) for entry in listed(fields, "user_info_list")]
    return tuple(one for one in told if one.external_id in wanted)


async def remark(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Set the remark of one follower; '' takes it away."""
    body = {"openid": write.targets[0], "remark": write.body["remark"]}
    await client.write("cgi-bin/user/info/updateremark", body)
    return Receipt()


async def prove_remark(
    client: WeChatClient, _kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown remarks, by the follower's entry as it is now."""
    found = {}
    for one in unknown:
        entry = await _one(client, one.write.targets[0])
        found[one.uid] = judge_state(entry is not None and entry.remark == one.write.body["remark"])
    return found


async def _one(client: WeChatClient, open_id: str) -> FollowerRecord | None:
    try:
        return _follower(await client.get("cgi-bin/user/info", {"openid": open_id, "lang": "zh_CN"}))
    except RejectedError as error:
        if error.params.get("platform_code") in UNKNOWN_OPENID:
            return None
        raise


def _follower(entry: Fields) -> FollowerRecord:
    open_id, union_id = text(entry.get("openid")), text(entry.get("unionid"))
    if whole(entry.get("subscribe")) != 1:
        return FollowerRecord(open_id, is_following=False, union_id=union_id)
    tags = entry.get("tagid_list")
    return FollowerRecord(
        open_id,
        union_id=union_id,
        remark=text(entry.get("remark")),
        tag_ids=tuple(sorted(texts(tags))) if isinstance(tags, list) else (),
        followed_at=seconds_as_ms(entry.get("subscribe_time")),
        scene=text(entry.get("subscribe_scene")),
        qr_scene=text(entry.get("qr_scene_str")),
    )


def _total(fields: Fields) -> int:
    told = whole(fields.get("total"))
    if told is None or told < 0:
        raise UnclearReplyError("reply_garbled", detail="no total in the reply")
    return told
