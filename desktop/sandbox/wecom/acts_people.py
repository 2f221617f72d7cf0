"""What customers and staff do to each other in their own apps, and tags edited in the admin console."""

from collections.abc import Callable
from typing import Any

from desktop.sandbox.wecom.contact_ways import Ways
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.transfers import REFUSED, WAITING, Transfers
from desktop.sandbox.wecom.welcome import Welcomes
from desktop.sandbox.world.people import Relation
from desktop.sandbox.world.staff import Staff
from desktop.sandbox.world.tags import Tag, TagGroup

Doc = dict[str, Any]


def customer_number(corp: Corp, doc: Doc) -> int:
    """The customer named by `index` or `external_userid`; LookupError when there is none."""
    if "index" in doc:
        index = int(doc["index"])
        if not 0 <= index < corp.people.count:
            raise LookupError(f"no customer {index}")
        return index
    found = corp.people.index_of(str(doc["external_userid"]))
    if found is None:
        raise LookupError(f"no customer {doc['external_userid']}")
    return found


def named_staff(corp: Corp, doc: Doc, name: str = "userid") -> Staff:
    """The member of staff named in the document, the first one when none is; LookupError when unknown."""
    wanted = str(doc.get(name, corp.staff[0].userid))
    found = next((person for person in corp.staff if person.userid == wanted), None)
    if found is None:
        raise LookupError(f"no staff {wanted}")
    return found


def _said(corp: Corp, index: int) -> Doc:
    return {"external_userid": corp.people.external_userid(index)}


def customer_deletes_staff(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, userid?: the customer drops one or all staff; the relation is one-way."""
    return _set_all(corp, doc, "one_way", True)


def customer_comes_back(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, userid?: the customer is a friend again."""
    return _set_all(corp, doc, "one_way", False)


def staff_deletes_customer(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, userid?: one or all staff drop the customer; calls answer 84061."""
    return _set_all(corp, doc, "gone", True)


def _set_all(corp: Corp, doc: Doc, name: str, value: bool) -> Doc:
    index = customer_number(corp, doc)
    rows = corp.people.touch(index)
    for userid in [doc["userid"]] if "userid" in doc else list(rows):
        setattr(rows[userid], name, value)
    return _said(corp, index)


def customer_adds_staff(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, userid?, state?, add_way?: a known customer adds another member of staff."""
    index, person = customer_number(corp, doc), named_staff(corp, doc)
    more = {key: doc[key] for key in ("state", "add_way", "remark") if key in doc}
    fresh = Relation(userid=person.userid, createtime=corp.now(), oper_userid=person.userid, **more)
    corp.people.touch(index)[person.userid] = fresh
    return _said(corp, index) | {"welcome_code": corp.shelf(Welcomes).issue(corp)}


def rename_customer(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, name?, avatar?, unionid?: the profile changes."""
    index = customer_number(corp, doc)
    changes: Doc = {key: doc[key] for key in ("name", "avatar", "unionid") if key in doc}
    corp.people.change_profile(index, changes)
    return _said(corp, index)


def new_customers(corp: Corp, doc: Doc) -> Doc:
    """count?, userid?, name?, state?, add_way?, remark?: new customers appear."""
    userid = named_staff(corp, doc).userid
    changes = {"name": doc["name"]} if "name" in doc else {}
    relation = {key: doc[key] for key in ("state", "add_way", "remark") if key in doc}
    made = [
        corp.people.add(userid, corp.now(), changes, **relation) for _ in range(int(doc.get("count", 1)))
    ]
    return {"external_userids": [corp.people.external_userid(index) for index in made]}


def customer_arrives(corp: Corp, doc: Doc) -> Doc:
    """userid?, name?, state?, config_id?: a new customer, with a welcome code; through a contact way its state."""
    if "config_id" in doc:
        way = corp.shelf(Ways).contact[str(doc["config_id"])]
        staff = way["user"] or [corp.staff[0].userid]
        doc = {"userid": staff[0], "state": way["state"], "add_way": 1} | doc
    return new_customers(corp, doc) | {"welcome_code": corp.shelf(Welcomes).issue(corp)}


def staff_remarks(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, userid?, remark?, description?, remark_mobiles?: edited in the client."""
    index = customer_number(corp, doc)
    rows = corp.people.touch(index)
    row = rows[str(doc.get("userid", next(iter(rows))))]
    for name in ("remark", "description", "remark_mobiles", "remark_corp_name"):
        if name in doc:
            setattr(row, name, doc[name])
    return _said(corp, index)


def staff_tags(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid, userid?, add?, remove?, personal?: corp tag ids, names of personal tags."""
    index = customer_number(corp, doc)
    rows = corp.people.touch(index)
    row = rows[str(doc.get("userid", next(iter(rows))))]
    kept = [ident for ident in row.tag_ids if ident not in doc.get("remove", [])]
    row.tag_ids = list(dict.fromkeys([*kept, *doc.get("add", [])]))
    row.personal_tags = list(doc.get("personal", row.personal_tags))
    return _said(corp, index) | {"tag_ids": row.tag_ids}


def staff_resigns(corp: Corp, doc: Doc) -> Doc:
    """userid: the person leaves; the groups wait for a new owner."""
    person = named_staff(corp, doc)
    person.resigned, person.resigned_at = True, corp.now()
    for group in corp.groups.rows:
        if group.owner == person.userid:
            group.status = 1
    return {"userid": person.userid}


def staff_joins(corp: Corp, doc: Doc) -> Doc:
    """userid, name?: a new member of staff without customers."""
    person = Staff(str(doc["userid"]), str(doc.get("name", doc["userid"])), 0)
    corp.staff.append(person)
    return {"userid": person.userid}


def customer_refuses_transfer(corp: Corp, doc: Doc) -> Doc:
    """index | external_userid: a waiting hand-over is refused."""
    index = customer_number(corp, doc)
    for row in corp.shelf(Transfers).rows:
        if row.index == index and row.status == WAITING:
            row.status = REFUSED
    return _said(corp, index)


def console_adds_tag(corp: Corp, doc: Doc) -> Doc:
    """group, name, order?: a tag made in the admin console; the group is named and made when new."""
    groups = (row for row in corp.tags.groups if row.name == doc["group"] and not row.deleted)
    group = next(groups, None) or corp.tags.new_group(str(doc["group"]), corp.now(), 0)
    tag = corp.tags.new_tag(group, str(doc["name"]), corp.now(), int(doc.get("order", 0)))
    return {"group_id": group.id, "tag_id": tag.id}


def _tag_or_group(corp: Corp, doc: Doc) -> tuple[TagGroup, Tag | None]:
    ident = str(doc["id"])
    found = corp.tags.find_tag(ident)
    group = found[0] if found else corp.tags.find_group(ident)
    if group is None:
        raise LookupError(f"no tag or group {ident}")
    return group, found[1] if found else None


def console_edits_tag(corp: Corp, doc: Doc) -> Doc:
    """id (tag or group), name?, order?: renamed or moved in the admin console."""
    group, tag = _tag_or_group(corp, doc)
    target: Tag | TagGroup = tag or group
    target.name = str(doc.get("name", target.name))
    target.order = int(doc.get("order", target.order))
    return {"id": target.id}


def console_deletes_tag(corp: Corp, doc: Doc) -> Doc:
    """id (tag or group): deleted in the admin console; a group goes with its last tag."""
    group, tag = _tag_or_group(corp, doc)
    for row in [tag] if tag is not None else group.tags:
        row.deleted = True
    group.deleted = all(row.deleted for row in group.tags)
    return {"group_id": group.id, "group_deleted": group.deleted}


ACTS: dict[str, Callable[[Corp, Doc], Doc]] = {
    act.__name__: act
    for act in (
        customer_deletes_staff,
        customer_comes_back,
        customer_adds_staff,
        staff_deletes_customer,
        rename_customer,
        new_customers,
        customer_arrives,
        staff_remarks,
        staff_tags,
        staff_resigns,
        staff_joins,
        customer_refuses_transfer,
        console_adds_tag,
        console_edits_tag,
        console_deletes_tag,
    )
}
