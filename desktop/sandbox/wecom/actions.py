"""What staff and customers do in their own apps, and what the control endpoint shows of the corp."""

import dataclasses
from collections.abc import Callable
from typing import Any

from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.kf_desk import customer_writes, desk, new_token
from desktop.sandbox.wecom.kf_messages import fail_message
from desktop.sandbox.wecom.mass_send import MassSends, Share, Task, confirm
from desktop.sandbox.wecom.moments import Moments, publish
from desktop.sandbox.wecom.transfers import REFUSED, WAITING, Transfers
from desktop.sandbox.wecom.welcome import Welcomes
from desktop.sandbox.world.groups import Group, Member

Doc = dict[str, Any]


def settings(corp: Corp, doc: Doc) -> Doc:
    """Turn switches; returns all of them."""
    known = {field.name for field in dataclasses.fields(corp.settings)}
    unknown = set(doc) - known
    if unknown:
        raise ValueError(f"unknown settings {sorted(unknown)}; known: {sorted(known)}")
    for name, value in doc.items():
        setattr(corp.settings, name, value)
    corp.pager.uneven = corp.settings.uneven_pages
    return dataclasses.asdict(corp.settings)


def sent(corp: Corp) -> list[Doc]:
    """Every mass-send task with the exact received body."""
    return [_task_doc(corp, task) for task in corp.shelf(MassSends).tasks]


def sent_everything(corp: Corp) -> Doc:
    """Mass sends, moments and customer-service replies that exist, each with the received body."""
    moments = [
        {
            "moment_id": row.moment_id,
            "jobid": row.jobid,
            "created_at": row.created_at,
            "received": row.received,
        }
        for row in corp.shelf(Moments).rows
    ]
    return {"sent": sent(corp), "moments": moments, "kf": desk(corp).sent}


def _task_doc(corp: Corp, task: Task) -> Doc:
    return {
        "msgid": task.msgid,
        "app": task.app,
        "chat_type": task.chat_type,
        "created_at": task.created_at,
        "creator": task.creator,
        "text": task.text,
        "attachments": task.attachments,
        "fail_list": task.fail_list,
        "received": task.received,
        "cancelled": task.cancelled,
        "reminders": task.reminders,
        "staff": [_share_doc(share) for share in task.shares],
    }


def _share_doc(share: Share) -> Doc:
    counts = {str(status): share.results.count(status) for status in sorted(set(share.results))}
    return {
        "userid": share.userid,
        "targets": len(share.targets),
        "confirmed_at": share.confirmed_at,
        "results": counts,
    }


def confirm_sends(corp: Corp, doc: Doc) -> Doc:
    """Staff press send: {"msgid": ... or "all", "userid"?, "fraction"?}."""
    msgid = doc.get("msgid", "all")
    book = corp.shelf(MassSends)
    tasks = book.tasks if msgid == "all" else [task for task in book.tasks if task.msgid == msgid]
    if msgid != "all" and not tasks:
        raise LookupError(f"no task {msgid}")
    dealt = sum(confirm(corp, task, doc.get("userid"), float(doc.get("fraction", 1.0))) for task in tasks)
    return {"tasks": len(tasks), "messages": dealt}


def look(corp: Corp, doc: Doc) -> Doc:
    """One customer by `index` or `external_userid`, one group by `group`, or the sizes."""
    if "index" in doc or "external_userid" in doc:
        index = _index(corp, doc)
        return {
            "index": index,
            "external_contact": corp.people.profile(index),
            "relations": [dataclasses.asdict(row) for row in corp.people.relations(index).values()],
        }
    if "group" in doc:
        return {"group": dataclasses.asdict(_group(corp, doc))}
    return {
        "fans": corp.people.count,
        "staff": [person.userid for person in corp.staff],
        "groups": [row.chat_id for row in corp.groups.rows],
        "tags": corp.tags.live_names(),
    }


def play(corp: Corp, doc: Doc) -> Doc:
    """Do one thing: {"do": NAME, ...}, or several: {"steps": [...]}."""
    if "steps" in doc:
        return {"done": [play(corp, step) for step in doc["steps"]]}
    act = _ACTS.get(str(doc.get("do")))
    if act is None:
        raise ValueError(f"unknown act {doc.get('do')!r}; known: {', '.join(sorted(_ACTS))}")
    return act(corp, doc)


def _index(corp: Corp, doc: Doc) -> int:
    if "index" in doc:
        index = int(doc["index"])
        if not 0 <= index < corp.people.count:
            raise LookupError(f"no customer {index}")
        return index
    found = corp.people.index_of(str(doc["external_userid"]))
    if found is None:
        raise LookupError(f"no customer {doc['external_userid']}")
    return found


def _group(corp: Corp, doc: Doc) -> Group:
    key = str(doc["group"])
    chat_id = corp.groups.rows[int(key)].chat_id if key.isdigit() else key
    group = corp.groups.get(chat_id)
    if group is None:
        raise LookupError(f"no group {key}")
    return group


def _customer_deletes_staff(corp: Corp, doc: Doc) -> Doc:
    return _end(corp, doc, "one_way", True)


def _customer_comes_back(corp: Corp, doc: Doc) -> Doc:
    return _end(corp, doc, "one_way", False)


def _staff_deletes_customer(corp: Corp, doc: Doc) -> Doc:
    return _end(corp, doc, "gone", True)


def _end(corp: Corp, doc: Doc, name: str, value: bool) -> Doc:
    index = _index(corp, doc)
    rows = corp.people.touch(index)
    for userid in [doc["userid"]] if "userid" in doc else list(rows):
        setattr(rows[userid], name, value)
    return {"external_userid": corp.people.external_userid(index)}


def _rename_customer(corp: Corp, doc: Doc) -> Doc:
    index = _index(corp, doc)
    corp.people.change_profile(
        index, {key: doc[key] for key in ("name", "avatar", "unionid") if key in doc}
    )
    return {"external_userid": corp.people.external_userid(index)}


def _new_customers(corp: Corp, doc: Doc) -> Doc:
    userid = str(doc.get("userid", corp.staff[0].userid))
    changes = {"name": doc["name"]} if "name" in doc else {}
    relation = {key: doc[key] for key in ("state", "add_way", "remark") if key in doc}
    made = [
        corp.people.add(userid, corp.now(), changes, **relation) for _ in range(int(doc.get("count", 1)))
    ]
    return {"external_userids": [corp.people.external_userid(index) for index in made]}


def _rename_group(corp: Corp, doc: Doc) -> Doc:
    group = _group(corp, doc)
    group.name = str(doc.get("name", group.name))
    group.notice = str(doc.get("notice", group.notice))
    group.version += 1
    return {"chat_id": group.chat_id}


def _dismiss_group(corp: Corp, doc: Doc) -> Doc:
    group = _group(corp, doc)
    group.dismissed = True
    return {"chat_id": group.chat_id}


def _join_group(corp: Corp, doc: Doc) -> Doc:
    group, index = _group(corp, doc), _index(corp, doc)
    people = corp.people
    member = Member(
        userid=people.external_userid(index),
        kind=2,
        join_time=corp.now(),
        join_scene=int(doc.get("join_scene", 3)),
        name=people.name(index),
        index=index,
        invitor=doc.get("invitor"),
        unionid=people.unionid(index),
        state=doc.get("state"),
    )
    group.members = [row for row in group.members if row.userid != member.userid] + [member]
    group.version += 1
    return {"chat_id": group.chat_id, "userid": member.userid}


def _leave_group(corp: Corp, doc: Doc) -> Doc:
    group = _group(corp, doc)
    userid = doc["member"] if "member" in doc else corp.people.external_userid(_index(corp, doc))
    group.members = [row for row in group.members if row.userid != userid]
    group.version += 1
    return {"chat_id": group.chat_id, "userid": userid}


def _staff_resigns(corp: Corp, doc: Doc) -> Doc:
    person = corp.member(str(doc["userid"]))
    person.resigned = True
    for group in corp.groups.rows:
        if group.owner == person.userid:
            group.status = 1
    return {"userid": person.userid}


def _staff_sends(corp: Corp, doc: Doc) -> Doc:
    """A member of staff makes a mass message in the client: it lists as personal (create_type 1)."""
    userid = str(doc.get("userid", corp.staff[0].userid))
    targets = [index for index, _ in corp.people.scan(0, {userid})][: int(doc.get("most", 200))]
    book = corp.shelf(MassSends)
    number = len(book.tasks)
    task = Task(
        number, corp.chance.ident("msg", b"mass", number), "client", "single", corp.now(),
        {"content": str(doc.get("content", "店里上新啦"))}, [], [Share(userid, targets)], [], "", userid,
    )  # fmt: skip
    book.tasks.append(task)
    confirm(corp, task)
    return {"msgid": task.msgid}


def _customer_arrives(corp: Corp, doc: Doc) -> Doc:
    """A new customer adds the staff; a welcome code is handed out."""
    return _new_customers(corp, doc) | {"welcome_code": corp.shelf(Welcomes).issue(corp)}


def _publish_moments(corp: Corp, doc: Doc) -> Doc:
    wanted = doc.get("moment_id", "all")
    rows = [row for row in corp.shelf(Moments).rows if wanted in ("all", row.moment_id)]
    return {"published": sum(publish(corp, row, doc.get("userid")) for row in rows)}


def _customer_asks(corp: Corp, doc: Doc) -> Doc:
    accounts = desk(corp).accounts
    to = next((row for row in accounts if row.open_kfid == doc.get("open_kfid")), accounts[0])
    external = corp.people.external_userid(_index(corp, doc))
    msgid = customer_writes(corp, to, external, str(doc.get("content", "还有货吗")), corp.now())
    return {
        "open_kfid": to.open_kfid,
        "external_userid": external,
        "msgid": msgid,
        "token": new_token(corp),
    }


def _kf_message_fails(corp: Corp, doc: Doc) -> Doc:
    fail_message(corp, str(doc["msgid"]), int(doc.get("fail_type", 10)))
    return {}


def _customer_refuses_transfer(corp: Corp, doc: Doc) -> Doc:
    index = _index(corp, doc)
    for row in corp.shelf(Transfers).rows:
        if row.index == index and row.status == WAITING:
            row.status = REFUSED
    return {"external_userid": corp.people.external_userid(index)}


_ACTS: dict[str, Callable[[Corp, Doc], Doc]] = {
    "customer_deletes_staff": _customer_deletes_staff,
    "customer_comes_back": _customer_comes_back,
    "staff_deletes_customer": _staff_deletes_customer,
    "rename_customer": _rename_customer,
    "new_customers": _new_customers,
    "rename_group": _rename_group,
    "dismiss_group": _dismiss_group,
    "join_group": _join_group,
    "leave_group": _leave_group,
    "staff_resigns": _staff_resigns,
    "staff_sends": _staff_sends,
    "customer_arrives": _customer_arrives,
    "publish_moments": _publish_moments,
    "customer_asks": _customer_asks,
    "kf_message_fails": _kf_message_fails,
    "customer_refuses_transfer": _customer_refuses_transfer,
}
