"""WeCom join ways: codes through which people come into groups. They can be read one by one, not listed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from desktop.domain.entry_ways import state_of
from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.platform_records import EntryWayRecord
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.write_kinds.wecom import JOIN_WAY_DELETE
from desktop.domain.writes import Receipt, Write
from desktop.platforms.strict_json import text, texts, whole
from desktop.platforms.wecom.client import WeComClient
from desktop.platforms.wecom.ending import end

READ = "externalcontact/groupchat/get_join_way"
UNKNOWN_WAY = 41044
QR = 2


async def join_way(client: WeComClient, external_id: str) -> EntryWayRecord | None:
    """One join way; None when it is gone."""
    try:
        fields = await client.ask(READ, {"config_id": external_id})
    except RejectedError as error:
        if error.params.get("platform_code") == UNKNOWN_WAY:
            return None
        raise
    told = fields.get("join_way")
    if not isinstance(told, dict) or text(told.get("config_id")) != external_id:
        raise UnclearReplyError("reply_garbled", detail="another join way than the one asked for")
    return EntryWayRecord(
        external_id,
        name=text(told.get("remark")),
        state=text(told.get("state")),
        qr_url=text(told.get("qr_code")),
        group_ids=texts(told.get("chat_id_list")),
        auto_create=whole(told.get("auto_create_room")) != 0,
        base_name=text(told.get("room_base_name")),
        base_id=whole(told.get("room_base_id")) or 0,
    )


async def add(client: WeComClient, write: Write, key: str, _is_repeat: bool) -> Receipt:
    """Make a join way. WeCom tells its id only; the code comes when it is read."""
    fields = await client.write(
        "externalcontact/groupchat/add_join_way", _fields(write) | {"state": state_of(key)}
    )
    config_id = text(fields.get("config_id"))
    if not config_id:
        raise UnclearReplyError("reply_garbled", detail="no config_id in the reply")
    return Receipt(config_id)


async def edit(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Change a join way. WeCom overwrites it as a whole, so that its `state` is read first and kept."""
    config_id = str(write.body["config_id"])
    there = await join_way(client, config_id)
    if there is None:
        raise RejectedError("wecom_way_gone", platform_code=UNKNOWN_WAY)
    body = {"config_id": config_id, **_fields(write), "state": there.state}
    await client.write("externalcontact/groupchat/update_join_way", body)
    return Receipt(config_id)


async def delete(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Delete a join way; one that is gone already is as wanted."""
    path = "externalcontact/groupchat/del_join_way"
    return await end(client, path, "config_id", str(write.body["config_id"]), (UNKNOWN_WAY,))


async def prove(
    client: WeComClient, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown changes and deletions, by reading the ways back."""
    judged: dict[str, Judgement] = {}
    for one in unknown:
        config_id = str(one.write.body["config_id"])
        there = await join_way(client, config_id)
        is_gone = there is None
        is_so = is_gone if kind == JOIN_WAY_DELETE else there is not None and _is_as(there, one.write)
        judged[one.uid] = judge_state(is_so, config_id)
    return judged


def _fields(write: Write) -> dict[str, Any]:
    body: dict[str, Any] = {
        "scene": QR,
        "remark": write.body["remark"],
        "auto_create_room": int(write.body["auto_create"]),
        "chat_id_list": list(write.body["groups"]),
    }
    if write.body["auto_create"] and write.body["base_name"]:
        body |= {"room_base_name": write.body["base_name"], "room_base_id": write.body["base_id"]}
    return body


def _is_as(there: EntryWayRecord, write: Write) -> bool:
    named = not (write.body["auto_create"] and write.body["base_name"])
    return (
        there.name == write.body["remark"]
        and there.auto_create == write.body["auto_create"]
        and set(there.group_ids) == set(write.body["groups"])
        and (named or (there.base_name, there.base_id) == (write.body["base_name"], write.body["base_id"]))
    )
