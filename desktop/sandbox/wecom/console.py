"""What the control endpoint can ask of the corp: switches, what was sent, a look at the world, acts."""

import dataclasses
from collections.abc import Callable
from typing import Any

from desktop.sandbox import switches
from desktop.sandbox.wecom import acts_desk, acts_groups, acts_people, acts_posts, life
from desktop.sandbox.wecom.acts_groups import named_group
from desktop.sandbox.wecom.acts_people import customer_number
from desktop.sandbox.wecom.contact_ways import Ways
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.kf_desk import desk
from desktop.sandbox.wecom.mass_send import MassSends, Share, Task, book_habits
from desktop.sandbox.wecom.moments import Moment, Moments
from desktop.sandbox.wecom.moments import book_habits as book_moment_habits

Doc = dict[str, Any]
CorpAct = Callable[[Corp, Doc], Doc]
ACTS: dict[str, CorpAct] = acts_people.ACTS | acts_groups.ACTS | acts_posts.ACTS | acts_desk.ACTS


def describe(corp: Corp) -> Doc:
    """Sizes and staff."""
    return {
        "fans": corp.people.count,
        "staff": [{"userid": row.userid, "name": row.name, "resigned": row.resigned} for row in corp.staff],
        "groups": len(corp.groups.rows),
    }


def settings(corp: Corp, doc: Doc) -> Doc:
    """Turn switches; returns all of them."""
    held = corp.settings
    had_habits, had_life = held.staff_habits, held.life_per_day
    turned = switches.turn(held, doc)
    corp.pager.uneven = held.uneven_pages
    if held.staff_habits and not had_habits:
        for task in corp.shelf(MassSends).tasks:
            book_habits(corp, task)
        for moment in corp.shelf(Moments).rows:
            book_moment_habits(corp, moment)
    if held.life_per_day != had_life:
        life.begin(corp)
    return turned


def sent_everything(corp: Corp, doc: Doc) -> Doc:
    """Mass sends, moments, customer-service replies and doors that exist, with the received bodies."""
    ways = corp.shelf(Ways)
    return {
        "sent": [_task_doc(task) for task in corp.shelf(MassSends).tasks],
        "moments": [_moment_doc(row) for row in corp.shelf(Moments).rows],
        "kf": desk(corp).sent,
        "contact_ways": list(ways.contact.values()),
        "join_ways": list(ways.join.values()),
    }


def _task_doc(task: Task) -> Doc:
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


def _moment_doc(row: Moment) -> Doc:
    return {
        "moment_id": row.moment_id,
        "jobid": row.jobid,
        "created_at": row.created_at,
        "creator": row.creator,
        "senders": row.senders,
        "published": row.published,
        "cancelled": row.cancelled,
        "received": row.received,
    }


def look(corp: Corp, doc: Doc) -> Doc:
    """One customer by `index` or `external_userid`, one group by `group`, or the sizes."""
    if "index" in doc or "external_userid" in doc:
        index = customer_number(corp, doc)
        return {
            "index": index,
            "external_contact": corp.people.profile(index),
            "relations": [dataclasses.asdict(row) for row in corp.people.relations(index).values()],
        }
    if "group" in doc:
        return {"group": dataclasses.asdict(named_group(corp, doc))}
    return {
        "fans": corp.people.count,
        "staff": [person.userid for person in corp.staff],
        "groups": [row.chat_id for row in corp.groups.rows],
        "tags": corp.tags.live_names(),
        "kf_accounts": [row.open_kfid for row in desk(corp).accounts if not row.deleted],
    }


def play(corp: Corp, doc: Doc) -> Doc:
    """Do one of ACTS, or several."""
    return switches.play(ACTS, corp, doc)


ROUTES: dict[tuple[str, str], CorpAct] = {
    ("GET", "/settings"): lambda corp, doc: settings(corp, {}),
    ("POST", "/settings"): settings,
    ("GET", "/sent"): sent_everything,
    ("POST", "/confirm"): acts_posts.staff_confirms,
    ("GET", "/world"): look,
    ("POST", "/world"): play,
    ("GET", "/acts"): lambda corp, doc: switches.named(ACTS),
}
