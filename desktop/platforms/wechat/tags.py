"""Tags of an official account: listed, made, renamed, deleted, put on followers and taken off."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.domain.errors import InvalidInputError, RejectedError
from desktop.domain.platform_records import PageOf, TagRecord
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.write_kinds.wechat import TAG_ADD, TAG_DELETE, TAG_PUT
from desktop.domain.writes import Receipt, Write
from desktop.platforms.strict_json import text, texts
from desktop.platforms.wechat.client import WeChatClient, listed

NAME_TAKEN = 45157
UNKNOWN_TAG = 45159
MEMBERS = 50


async def tags(client: WeChatClient) -> PageOf[TagRecord]:
    """Every tag, the platform's own (ids below 100) included."""
    entries = listed(await client.get("cgi-bin/tags/get"), "tags")
    found = [
        TagRecord(text(tag.get("id")), text(tag.get("name")), "", "", 0)
        for tag in entries
        if text(tag.get("id"))
    ]
    return PageOf(tuple(found), skipped=len(entries) - len(found))


async def add(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Make a tag; one of this name that is there already is taken over."""
    try:
        fields = await client.write("cgi-bin/tags/create", {"tag": {"name": write.body["name"]}})
    except RejectedError as error:
        taken = error.params.get("platform_code") == NAME_TAKEN
        there = await _named(client, str(write.body["name"])) if taken else ""
        if not there:
            raise
        return Receipt(there)
    made = fields.get("tag")
    return Receipt(text(made.get("id")) if isinstance(made, dict) else "")


async def edit(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Rename a tag."""
    tag = {"id": number(write.body["id"]), "name": write.body["name"]}
    await client.write("cgi-bin/tags/update", {"tag": tag})
    return Receipt(str(write.body["id"]))


async def delete(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Delete a tag; one that is gone already is as wanted."""
    try:
        await client.write("cgi-bin/tags/delete", {"tag": {"id": number(write.body["id"])}})
    except RejectedError as error:
        if error.params.get("platform_code") != UNKNOWN_TAG:
            raise
    return Receipt(str(write.body["id"]))


async def put(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Put a tag on at most 50 followers: all of them or none."""
    return await _mark(client, "cgi-bin/tags/members/batchtagging", write)


async def take(client: WeChatClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Take a tag off at most 50 followers: all of them or none."""
    return await _mark(client, "cgi-bin/tags/members/batchuntagging", write)


async def prove(
    client: WeChatClient, kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown changes of tags, by the tags as they are now."""
    names = {tag.external_id: tag.name for tag in (await tags(client)).items}
    found = {}
    for one in unknown:
        body = one.write.body
        if kind == TAG_ADD:
            there = next((id_ for id_, name in names.items() if name == body["name"]), "")
            found[one.uid] = judge_state(bool(there), there)
        elif kind == TAG_DELETE:
            found[one.uid] = judge_state(str(body["id"]) not in names, str(body["id"]))
        else:
            found[one.uid] = judge_state(names.get(str(body["id"])) == body["name"], str(body["id"]))
    return found


async def prove_marks(
    client: WeChatClient, kind: str, unknown: Sequence[UnknownWrite], _taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown markings, by the tags of each follower they were for."""
    found = {}
    for one in unknown:
        tag, wanted = str(one.write.body["id"]), kind == TAG_PUT
        carried = [await _tags_of(client, target) for target in one.write.targets]
        found[one.uid] = judge_state(all((tag in tags) is wanted for tags in carried))
    return found


async def _mark(client: WeChatClient, path: str, write: Write) -> Receipt:
    if not 0 < len(write.targets) <= MEMBERS:
        raise InvalidInputError("mass_send_receivers", limit=MEMBERS, n=len(write.targets))
    body = {"openid_list": list(write.targets), "tagid": number(write.body["id"])}
    await client.write(path, body)
    return Receipt()


async def _tags_of(client: WeChatClient, open_id: str) -> tuple[str, ...]:
    fields = await client.ask("cgi-bin/tags/getidlist", {"openid": open_id})
    told = fields.get("tagid_list")
    return texts(told) if isinstance(told, list) else ()


async def _named(client: WeChatClient, name: str) -> str:
    return next((tag.external_id for tag in (await tags(client)).items if tag.name == name), "")


def number(value: object) -> int:
    """An id that the platform wants as a number. Raises InvalidInputError for anything else."""
    told = str(value)
    if not told.isdecimal() or len(told) > 20:
        raise InvalidInputError("invalid_input", value=told)
    return int(told)
