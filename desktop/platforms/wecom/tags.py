"""WeCom corp tags: listed, added, renamed, deleted; each change is proven by reading the list again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from desktop.domain.errors import RejectedError
from desktop.domain.platform_records import PageOf, TagRecord
from desktop.domain.proof import Judgement, UnknownWrite, judge_state
from desktop.domain.writes import Receipt, Write
from desktop.platforms.strict_json import rows, text, whole
from desktop.platforms.wecom.client import WeComClient, listed

UNKNOWN_TAG = 40068
NAME_TAKEN = 40071


async def tags(client: WeComClient) -> PageOf[TagRecord]:
    """Every corp tag with its group."""
    fields = await client.ask("externalcontact/get_corp_tag_list", {})
    found: list[TagRecord] = []
    skipped = 0
    for group in listed(fields, "tag_group"):
        for tag in rows(group.get("tag")):
            tag_id = text(tag.get("id"))
            if not tag_id:
                skipped += 1
            elif tag.get("deleted") is not True and group.get("deleted") is not True:
                found.append(
                    TagRecord(
                        tag_id,
                        text(tag.get("name")),
                        text(group.get("group_id")),
                        text(group.get("group_name")),
                        whole(tag.get("order")) or 0,
                    )
                )
    return PageOf(tuple(found), skipped=skipped)


async def add(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Add one tag. A name its group already has is no failure: the tag that is there is taken over.

    WeCom answers with the new tags only, so that a name it has de-duplicated is looked up.
    """
    body = write.body
    group = {"group_id": body["group_id"]} if body["group_id"] else {"group_name": body["group_name"]}
    wanted = {**group, "tag": [{"name": body["name"], "order": body["position"]}]}
    try:
        fields = await client.write("externalcontact/add_corp_tag", wanted)
    except RejectedError as error:
        there = await _find(client, write) if error.params.get("platform_code") == NAME_TAKEN else None
        if there is None:
            raise
        return _receipt(there)
    told = fields.get("tag_group")
    entries = rows(told.get("tag")) if isinstance(told, dict) else []
    for entry in entries:
        if text(entry.get("name")) == body["name"] and text(entry.get("id")):
            group_id = text(told.get("group_id")) if isinstance(told, dict) else ""
            return Receipt(text(entry.get("id")), facts={"group_id": group_id})
    found = await _find(client, write)
    return Receipt() if found is None else _receipt(found)


async def edit(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Rename a tag or a tag group."""
    body = {"id": write.body["id"], "name": write.body["name"]}
    await client.write("externalcontact/edit_corp_tag", body)
    return Receipt(str(write.body["id"]))


async def delete(client: WeComClient, write: Write, _key: str, _is_repeat: bool) -> Receipt:
    """Delete tags and groups; one that is gone already is as wanted."""
    body = {"tag_id": list(write.body["tags"]), "group_id": list(write.body["groups"])}
    try:
        await client.write("externalcontact/del_corp_tag", body)
    except RejectedError as error:
        if error.params.get("platform_code") != UNKNOWN_TAG or not await _is_deleted(client, write):
            raise
    return Receipt()


async def prove(
    client: WeComClient, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
) -> Mapping[str, Judgement]:
    """What became of unknown changes, by the tags as they are now."""
    found = (await tags(client)).items
    return {one.uid: _judged(one.write, found) for one in unknown}


def _judged(write: Write, found: Sequence[TagRecord]) -> Judgement:
    if "id" in write.body:  # a new name; a tag id or a group id
        names = {tag.external_id: tag.name for tag in found}
        names |= {tag.group_external_id: tag.group_name for tag in found}
        wanted = str(write.body["id"])
        return judge_state(names.get(wanted) == write.body["name"], wanted)
    if "tags" in write.body:
        return judge_state(_are_gone(write, found))
    there = next(filter(_same(write), found), None)
    if there is None:
        return judge_state(False)
    return judge_state(True, there.external_id, group_id=there.group_external_id)


def _same(write: Write) -> Callable[[TagRecord], bool]:
    group_id, group_name, name = (write.body[key] for key in ("group_id", "group_name", "name"))

    def matches(tag: TagRecord) -> bool:
        in_group = tag.group_external_id == group_id if group_id else tag.group_name == group_name
        return bool(in_group and tag.name == name)

    return matches


async def _find(client: WeComClient, write: Write) -> TagRecord | None:
    return next(filter(_same(write), (await tags(client)).items), None)


async def _is_deleted(client: WeComClient, write: Write) -> bool:
    return _are_gone(write, (await tags(client)).items)


def _are_gone(write: Write, found: Sequence[TagRecord]) -> bool:
    left = {tag.external_id for tag in found} | {tag.group_external_id for tag in found}
    return not left & {*write.body["tags"], *write.body["groups"]}


def _receipt(tag: TagRecord) -> Receipt:
    return Receipt(tag.external_id, facts={"group_id": tag.group_external_id})
