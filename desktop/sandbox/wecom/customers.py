"""Staff and customers: listing, details, batch pages, remarks and marks."""

from typing import Any

from desktop.sandbox.paging import BadCursor
from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.world.people import Relation

_SLOTS = 64  # relation positions per customer inside a batch cursor


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
        raise Refusal(84061)
    names = corp.tags.live_names()
    page, following = corp.page(f"get:{index}", rows, args, 500) if len(rows) > 500 else (rows, "")
    answer: dict[str, Any] = {
        "external_contact": corp.people.profile(index),
        "follow_user": [_follow_user(row, names) for row in page],
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


def _follow_user(row: Relation, names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    tags: list[dict[str, Any]] = [
        {"group_name": names[ident][0], "tag_name": names[ident][1], "tag_id": ident, "type": 1}
        for ident in row.tag_ids
        if ident in names
    ]
    tags += [{"group_name": "", "tag_name": name, "type": 2} for name in row.personal_tags]
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
    rows, following = _batch_rows(corp, userids, position, size)
    return {
        "external_contact_list": rows,
        "next_cursor": "" if following is None else corp.pager.encode(listing, following),
    }


def _batch_rows(
    corp: Corp, userids: set[str], position: int, size: int
) -> tuple[list[dict[str, Any]], int | None]:
    first, skip = divmod(position, _SLOTS)
    live = corp.tags.live_names()
    rows: list[dict[str, Any]] = []
    last, slot = -1, 0
    for index, relation in corp.people.scan(first, userids):
        slot = slot + 1 if index == last else 0
        last = index
        if index == first and slot < skip:
            continue
        if len(rows) == size:
            return rows, index * _SLOTS + slot
        info = _shared(relation) | {"tag_id": [ident for ident in relation.tag_ids if ident in live]}
        rows.append({"external_contact": corp.people.profile(index), "follow_info": info})
    return rows, None


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


def contact_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Everybody served: customers per staff, and members of groups that are nobody's customer."""
    limit = args.limit(1000, 1000)
    staff = {person.userid for person in corp.visible_staff()}
    try:
        position, _ = corp.pager.decode("contacts", args.optional_text("cursor"))
    except BadCursor:
        raise Refusal(40058) from None
    rows, following = _batch_rows(corp, staff, position, limit)
    shown = [_contact(corp, row) for row in rows]
    if following is None:
        shown += _strangers(corp)
    return {
        "info_list": shown,
        "next_cursor": "" if following is None else corp.pager.encode("contacts", following),
    }


def _contact(corp: Corp, row: dict[str, Any]) -> dict[str, Any]:
    contact, info = row["external_contact"], row["follow_info"]
    return {
        "is_customer": True,
        "tmp_openid": "t" + contact["external_userid"][2:],
        "external_userid": contact["external_userid"],
        "name": "***" + contact["name"][-1:],
        "follow_userid": info["userid"],
        "add_time": info["createtime"],
    }


def _strangers(corp: Corp) -> list[dict[str, Any]]:
    rows = []
    for group in corp.groups.rows:
        filled = corp.groups.get(group.chat_id)
        for member in filled.members if filled else []:
            if member.kind == 2 and member.index is None:
                rows.append(
                    {
                        "is_customer": False,
                        "tmp_openid": "t" + member.userid[2:],
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
    Endpoint(_P + "contact_list", contact_list, "POST", {"info_list": []}),
)
