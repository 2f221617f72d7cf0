"""Staff and customers: listing, details, batch pages, remarks and marks."""

from typing import Any

from desktop.sandbox.paging import BadCursor
from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.media import require_medium
from desktop.sandbox.world.people import Relation

_AFTER_PEOPLE = 1 << 60  # positions in contact_list from here on are group members


def get_follow_user_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Staff that may have customers."""
    return {"follow_user": [person.userid for person in corp.visible_staff()]}


def list_customers(corp: Corp, args: Arguments) -> dict[str, Any]:
    """All customer ids of one member of staff at once; none at all is 84061."""
    person = corp.member(args.text("userid", missing=41009))
    ids = corp.people.ids_of(person.userid)
    if not ids:
        raise Refusal(84061)
    return {"external_userid": ids}


def get_customer(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One customer with a row per member of staff."""
    index = corp.customer(args.text("external_userid", missing=41035))
    visible = {person.userid for person in corp.visible_staff()}
    rows = [row for row in corp.people.relations(index).values() if not row.gone and row.userid in visible]
    if not rows:
        outside = any(not row.gone for row in corp.people.relations(index).values())
        raise Refusal(40096 if outside else 84061)
    names = corp.tags.live_names()
    page, following = corp.page(f"get:{index}", rows, args, 500) if len(rows) > 500 else (rows, "")
    answer: dict[str, Any] = {
        "external_contact": corp.people.profile(index),
        "follow_user": [_follow_user(row, names, corp.tags.rule_names) for row in page],
    }
    return answer | ({"next_cursor": following} if following else {})


def _shared(row: Relation) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "userid": row.userid,
        "remark": row.remark,
        "description": row.description,
        "createtime": row.createtime,
        "remark_mobiles": list(row.remark_mobiles),
        "oper_userid": row.oper_userid,
        "add_way": row.add_way,
    }
    if row.remark_corp_name:
        fields["remark_corp_name"] = row.remark_corp_name
    if row.state:
        fields["state"] = row.state
    if row.channels is not None:
        fields["wechat_channels"] = row.channels
    return fields


def _follow_user(
    row: Relation, names: dict[str, tuple[str, str]], rules: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    tags: list[dict[str, Any]] = [
        {"group_name": names[ident][0], "tag_name": names[ident][1], "tag_id": ident, "type": 1}
        for ident in row.tag_ids
        if ident in names
    ]
    tags += [{"group_name": "", "tag_name": name, "type": 2} for name in row.personal_tags]
    tags += [
        {"group_name": rules[ident][0], "tag_name": rules[ident][1], "tag_id": ident, "type": 3}
        for ident in row.rule_tag_ids
    ]
    return _shared(row) | {"tags": tags}


def batch_get_by_user(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Pages over the customers of up to 100 staff; the end is an empty next_cursor."""
    wanted = args.texts("userid_list", most=100)
    if not wanted:
        raise Refusal(40058)
    userids = {corp.member(userid).userid for userid in wanted}
    limit = args.limit(50, 100)
    listing = "batch:" + ",".join(sorted(userids))
    try:
        position, calm = corp.pager.decode(listing, args.optional_text("cursor"))
    except BadCursor:
        raise Refusal(40058) from None
    size = corp.pager.size(listing, position, calm, limit)
    if size == 0:
        return {"external_contact_list": [], "next_cursor": corp.pager.encode(listing, position, calm=True)}
    rows, following = corp.people.window(userids, position, size)
    live = corp.tags.live_names()
    return {
        "external_contact_list": [
            {"external_contact": corp.people.profile(index), "follow_info": _follow_info(relation, live)}
            for index, relation in rows
        ],
        "next_cursor": "" if following is None else corp.pager.encode(listing, following),
    }


def _follow_info(row: Relation, live: dict[str, tuple[str, str]]) -> dict[str, Any]:
    return _shared(row) | {"tag_id": [ident for ident in row.tag_ids if ident in live] + row.rule_tag_ids}


def remark(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Set remark fields; remark_mobiles overwrites, [""] clears."""
    userid, external = args.text("userid", missing=41009), args.text("external_userid", missing=41035)
    given = ("remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid")
    if not any(args.has(name) for name in given):
        raise Refusal(40058)
    text = args.optional_text("remark", max_chars=20)
    description = args.optional_text("description", max_chars=150)
    company = args.optional_text("remark_company", max_chars=20)
    mobiles = args.texts("remark_mobiles")
    if args.has("remark_pic_mediaid"):
        require_medium(corp, args.values["remark_pic_mediaid"], "image")
    index, relation = corp.relation(userid, external)
    relation = corp.people.touch(index)[relation.userid]
    if args.has("remark"):
        relation.remark = text
    if args.has("description"):
        relation.description = description
    if args.has("remark_company") and corp.people.profile(index)["type"] == 1:
        relation.remark_corp_name = company
    if args.has("remark_mobiles"):
        relation.remark_mobiles = [mobile for mobile in mobiles if mobile]
    return {}


def mark_tag(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Add and remove corp tags of one relation."""
    userid, external = args.text("userid", missing=41009), args.text("external_userid", missing=41035)
    add, remove = args.texts("add_tag"), args.texts("remove_tag")
    if not add and not remove:
        raise Refusal(40058)
    live = corp.tags.live_names()
    if any(ident not in live for ident in add + remove):
        raise Refusal(40068)
    index, relation = corp.relation(userid, external)
    relation = corp.people.touch(index)[relation.userid]
    kept = [ident for ident in relation.tag_ids if ident not in remove]
    relation.tag_ids = kept + [ident for ident in dict.fromkeys(add) if ident not in kept]
    return {}


def unionid_to_external_userid(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Find a customer by unionid."""
    index = corp.people.index_of_unionid(args.text("unionid", missing=610014))
    if index is None:
        raise Refusal(84061)
    return {"external_userid": corp.people.external_userid(index)}


def convert_to_openid(corp: Corp, args: Arguments) -> dict[str, Any]:
    """The openid of a WeChat customer; customers of another corp's WeCom have none (41056)."""
    external = args.text("external_userid", missing=41035)
    if corp.people.profile(corp.customer(external))["type"] != 1:
        raise Refusal(41056)
    return {"openid": corp.chance.ident("o", b"openid", corp.customer(external), 28)}


def get_new_external_userid(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Ids of before a migration and after; this corp never migrated, so both are the same."""
    wanted = args.texts("external_userid_list", most=1000)
    if not wanted:
        raise Refusal(40063)
    known = [external for external in wanted if corp.people.index_of(external) is not None]
    return {"items": [{"external_userid": one, "new_external_userid": one} for one in known]}


def close_temp_chat(corp: Corp, args: Arguments) -> dict[str, Any]:
    """End a chat begun without friendship; with a friend there is none to end."""
    corp.relation(args.text("userid", missing=41009), args.text("external_userid", missing=41035))
    return {}


def contact_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Everybody served: once per member of staff and once per group; group members come last."""
    limit = args.limit(1000, 1000)
    staff = {person.userid for person in corp.visible_staff()}
    try:
        position, calm = corp.pager.decode("contacts", args.optional_text("cursor"))
    except BadCursor:
        raise Refusal(40058) from None
    size = corp.pager.size("contacts", position, calm, limit)
    if size == 0:
        return {"info_list": [], "next_cursor": corp.pager.encode("contacts", position, calm=True)}
    shown: list[dict[str, Any]] = []
    following: int | None = position
    if position < _AFTER_PEOPLE:
        rows, following = corp.people.window(staff, position, size)
        shown = [_contact(corp, index, relation) for index, relation in rows]
        following = _AFTER_PEOPLE if following is None else following
    if following is not None and following >= _AFTER_PEOPLE:
        members = _group_people(corp)
        first = following - _AFTER_PEOPLE
        part = members[first : first + size - len(shown)]
        shown += part
        end = first + len(part)
        following = _AFTER_PEOPLE + end if end < len(members) else None
    cursor = "" if following is None else corp.pager.encode("contacts", following)
    return {"info_list": shown, "next_cursor": cursor}


def _contact(corp: Corp, index: int, relation: Relation) -> dict[str, Any]:
    external = corp.people.external_userid(index)
    return {
        "is_customer": True,
        "tmp_openid": "t" + external[2:],
        "external_userid": external,
        "name": "***" + corp.people.name(index)[-1:],
        "follow_userid": relation.userid,
        "add_time": relation.createtime,
    }


def _group_people(corp: Corp) -> list[dict[str, Any]]:
    rows = []
    for group in corp.groups.rows:
        filled = corp.groups.get(group.chat_id)
        for member in filled.members if filled and not group.dismissed else []:
            if member.kind == 2:
                customer = member.index is not None
                row: dict[str, Any] = {"is_customer": customer, "tmp_openid": "t" + member.userid[2:]}
                if customer:
                    row["external_userid"] = member.userid
                rows.append(
                    row
                    | {
                        "name": "***" + member.name[-1:],
                        "chat_id": group.chat_id,
                        "chat_name": group.name,
                        "add_time": member.join_time,
                    }
                )
    return rows


_P = "externalcontact/"
ENDPOINTS = (
    Endpoint(_P + "get_follow_user_list", get_follow_user_list, "GET", {"follow_user": []}),
    Endpoint(_P + "list", list_customers, "GET", {"external_userid": []}, heavy=True),
    Endpoint(_P + "get", get_customer, "GET", {"follow_user": []}, heavy=True),
    Endpoint(
        _P + "batch/get_by_user", batch_get_by_user, "POST", {"external_contact_list": []}, heavy=True
    ),
    Endpoint(_P + "remark", remark, write=True),
    Endpoint(_P + "mark_tag", mark_tag, write=True),
    Endpoint(_P + "unionid_to_external_userid", unionid_to_external_userid),
    Endpoint(_P + "convert_to_openid", convert_to_openid),
    Endpoint(_P + "get_new_external_userid", get_new_external_userid, "POST", {"items": []}),
    Endpoint(_P + "close_temp_chat", close_temp_chat, write=True),
    Endpoint(_P + "contact_list", contact_list, "POST", {"info_list": []}),
)
