"""What staff do with mass messages and moments in the client: confirm, publish, make their own."""

from array import array
from collections.abc import Callable
from typing import Any

from desktop.sandbox.wecom.acts_people import named_staff
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.mass_send import MassSends, Share, Task, confirm
from desktop.sandbox.wecom.moments import Moment, Moments, publish

Doc = dict[str, Any]


def staff_confirms(corp: Corp, doc: Doc) -> Doc:
    """msgid ("all"), userid?, fraction?: staff press send for a task, one person or only a part."""
    msgid = doc.get("msgid", "all")
    book = corp.shelf(MassSends)
    tasks = book.tasks if msgid == "all" else [task for task in book.tasks if task.msgid == msgid]
    if msgid != "all" and not tasks:
        raise LookupError(f"no task {msgid}")
    dealt = sum(confirm(corp, task, doc.get("userid"), float(doc.get("fraction", 1.0))) for task in tasks)
    return {"tasks": len(tasks), "messages": dealt}


def staff_sends(corp: Corp, doc: Doc) -> Doc:
    """userid?, content?, chat_type?, most?: a mass message made in the client (create_type 1)."""
    userid = named_staff(corp, doc).userid
    chat_type = str(doc.get("chat_type", "single"))
    most = int(doc.get("most", 200))
    targets = array("I")
    if chat_type == "group":
        targets.extend(row.number for row in corp.groups.rows if row.owner == userid and not row.dismissed)
    else:
        for index, _ in corp.people.scan(0, {userid}):
            if len(targets) == most:
                break
            targets.append(index)
    book = corp.shelf(MassSends)
    number = len(book.tasks)
    task = Task(
        number, corp.chance.ident("msg", b"mass", number), "client", chat_type, corp.now(),
        {"content": str(doc.get("content", "店里上新啦"))}, [], [Share(userid, targets)], [], "", userid,
    )  # fmt: skip
    book.tasks.append(task)
    confirm(corp, task)
    return {"msgid": task.msgid}


def publish_moments(corp: Corp, doc: Doc) -> Doc:
    """moment_id? ("all"), userid?: staff publish moments of the corp that wait for them."""
    wanted = doc.get("moment_id", "all")
    rows = [row for row in corp.shelf(Moments).rows if wanted in ("all", row.moment_id)]
    return {"published": sum(publish(corp, row, doc.get("userid")) for row in rows)}


def staff_publishes_moment(corp: Corp, doc: Doc) -> Doc:
    """userid?, content?, location?: a moment made in the client (create_type 1)."""
    userid = named_staff(corp, doc).userid
    book = corp.shelf(Moments)
    number = len(book.rows)
    moment = Moment(
        moment_id=corp.chance.ident("mom", b"moment", number),
        jobid="",
        created_at=corp.now(),
        text={"content": str(doc.get("content", "今天到店的草莓"))},
        attachments=[],
        senders=[userid],
        tags=None,
        received="",
        location={"latitude": "30.27", "longitude": "120.15", "name": str(doc["location"])}
        if "location" in doc
        else None,
        visible_type=1,
        published={userid: corp.now()},
        creator=userid,
    )
    book.rows.append(moment)
    return {"moment_id": moment.moment_id}


ACTS: dict[str, Callable[[Corp, Doc], Doc]] = {
    act.__name__: act for act in (staff_confirms, staff_sends, publish_moments, staff_publishes_moment)
}
