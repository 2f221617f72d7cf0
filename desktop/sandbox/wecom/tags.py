"""Corp tags: list, add, edit, delete."""

from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.world.tags import Tag, TagGroup

MOST_TAGS = 3000
LONGEST_NAME = 30


def get_corp_tag_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """All tag groups, or those asked for by id (group ids win); only then deleted ones are shown."""
    groups, tags = args.texts("group_id"), args.texts("tag_id")
    if groups:
        found = [_group(group, group.tags, True) for group in corp.tags.groups if group.id in groups]
    elif tags:
        found = [
            _group(group, [tag for tag in group.tags if tag.id in tags], True)
            for group in corp.tags.groups
            if any(tag.id in tags for tag in group.tags)
        ]
    else:
        found = [
            _group(group, [tag for tag in group.tags if not tag.deleted], False)
            for group in corp.tags.groups
            if not group.deleted
        ]
    return {"tag_group": found}


def _group(group: TagGroup, tags: list[Tag], by_id: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": group.create_time,
        "order": group.order,
        "tag": [_tag(tag, by_id) for tag in tags],
    }
    return answer | ({"deleted": True} if by_id and group.deleted else {})


def _tag(tag: Tag, by_id: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": tag.id,
        "name": tag.name,
        "create_time": tag.create_time,
        "order": tag.order,
    }
    return answer | ({"deleted": True} if by_id and tag.deleted else {})


def _name(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_NAME:
        raise Refusal(40072)
    return value


def add_corp_tag(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Add tags to a group that is named or identified; answers only the new tags."""
    rows = args.rows("tag")
    if not rows:
        raise Refusal(40058)
    wanted = {_name(row.get("name")): _order(Arguments(row)) for row in rows}
    group = _target_group(corp, args)
    present = {tag.name for tag in group.tags if not tag.deleted} if group is not None else set()
    if any(name in present for name in wanted):
        raise Refusal(40071)
    if corp.tags.count() + len(wanted) > MOST_TAGS:
        raise Refusal(45009, "tag count out of limit")
    now = corp.now()
    if group is None:
        group = corp.tags.new_group(
            _name(args.values.get("group_name")), now, _order(args), by_app=corp.app
        )
    made = [corp.tags.new_tag(group, name, now, order, by_app=corp.app) for name, order in wanted.items()]
    return {"tag_group": _group(group, made, False)}


def _target_group(corp: Corp, args: Arguments) -> TagGroup | None:
    ident = args.optional_text("group_id")
    if ident:
        group = corp.tags.find_group(ident)
        if group is None or group.deleted:
            raise Refusal(40068)
        return group
    name = _name(args.values.get("group_name"))
    return next((group for group in corp.tags.groups if group.name == name and not group.deleted), None)


def _check_rights(corp: Corp, target: Tag | TagGroup) -> None:
    """Refuse changes to what another app, or with own_tags_only the console, made."""
    foreign = target.by_app not in ("", corp.app)
    if foreign or (not target.by_app and (corp.settings.own_tags_only or corp.app != "main")):
        raise Refusal(81011)


def _order(args: Arguments) -> int:
    order = args.number("order", 0)
    if not 0 <= order < 2**32:
        raise Refusal(40058)
    return order


def edit_corp_tag(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Rename or re-order a tag or a group."""
    ident = args.text("id", missing=40068)
    group = corp.tags.find_group(ident)
    found = corp.tags.find_tag(ident)
    target: Tag | TagGroup | None = group if group is not None else (found[1] if found else None)
    if target is None or target.deleted:
        raise Refusal(40068)
    _check_rights(corp, target)
    if args.has("name"):
        name = _name(args.values["name"])
        peers: list[str] = (
            [row.name for row in corp.tags.groups if row is not target and not row.deleted]
            if group is not None
            else [row.name for row in found[0].tags if row is not target and not row.deleted]
            if found
            else []
        )
        if name in peers:
            raise Refusal(40071)
        target.name = name
    if args.has("order"):
        target.order = _order(args)
    return {}


def del_corp_tag(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete tags and groups; a group goes with its last tag."""
    tag_ids, group_ids = args.texts("tag_id"), args.texts("group_id")
    if not tag_ids and not group_ids:
        raise Refusal(40058)
    groups = [corp.tags.find_group(ident) for ident in group_ids]
    tags = [corp.tags.find_tag(ident) for ident in tag_ids]
    if any(group is None or group.deleted for group in groups):
        raise Refusal(40068)
    if any(found is None or found[1].deleted for found in tags):
        raise Refusal(40068)
    for target in [*groups, *(found[1] for found in tags if found)]:
        if target is not None:
            _check_rights(corp, target)
    for group in groups:
        for tag in group.tags if group else []:
            tag.deleted = True
        if group:
            group.deleted = True
    for found in tags:
        if found:
            found[1].deleted = True
            found[0].deleted = all(tag.deleted for tag in found[0].tags)
    return {}


_P = "externalcontact/"
ENDPOINTS = (
    Endpoint(_P + "get_corp_tag_list", get_corp_tag_list, "POST", {"tag_group": []}),
    Endpoint(_P + "add_corp_tag", add_corp_tag, write=True),
    Endpoint(_P + "edit_corp_tag", edit_corp_tag, write=True),
    Endpoint(_P + "del_corp_tag", del_corp_tag, write=True),
)
