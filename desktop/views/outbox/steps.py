"""What can be done with an outbox item in each state, and how states look."""

from __future__ import annotations

from desktop.domain.outbox import State
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.write_kinds.wecom import KF_MESSAGE, MASS_SEND_GROUPS
from desktop.qtkit.i18n import has, label, t
from desktop.services.attesting import is_message
from desktop.services.follow_ups import FollowUp
from desktop.services.outbox import OutboxRow

EDITED = ("fan", "tag", "entry_way", "welcome")  # what is changed at a platform: its kind is said too
STEPS = {
    "cancel": "undo-2",
    "sync": "refresh-cw",
    "sent": "check",
    "not_sent": "x",
    "did": "check",
    "did_not": "x",
    "move": "calendar-clock",
    "retry": "rotate-cw",
    "release": "play",
    "open": "arrow-right",
    "remind": "bell",
    "stop": "ban",
}
LOOKS = frozenset({"open", "decide", "look"})  # steps that lead somewhere and change nothing
PAGES = {
    "conversation": "talks",
    "outbox": "outbox",
    "order": "fans",
    "join_request": "groups",
    "comment": "sync",
    "account": "sync",
}  # where what an item came from is shown, else <entity>s
TONES = {
    State.CONFIRMED: "primary",
    State.QUEUED: "primary",
    State.IN_FLIGHT: "info",
    State.DONE: "good",
    State.REJECTED: "bad",
    State.UNKNOWN: "bad",
    State.MISSED: "warn",
    State.CANCELLED: "neutral",
    State.HELD: "warn",
}
OWN_WORD = {"sent": True, "not_sent": False, "did": True, "did_not": False}  # the operator's answer
OF_STATE: dict[State, tuple[str, ...]] = {
    State.CONFIRMED: ("cancel", "open"),
    State.QUEUED: ("sync", "cancel", "open"),
    State.IN_FLIGHT: ("open",),
    State.DONE: ("open",),
    State.UNKNOWN: ("sync", "sent", "not_sent"),
    State.MISSED: ("move", "open"),
    State.REJECTED: ("retry", "open"),
    State.CANCELLED: ("open",),
    State.HELD: ("release", "cancel"),
}


def shown_state(row: OutboxRow) -> tuple[str, str]:
    """The word and the tone of a state; what was handed over says how far it came."""
    item, counts = row.item, row.deliveries
    if item.state is State.DONE and counts.waiting_staff:
        return label("delivery_status", "waiting_staff"), "info"
    if item.kind == KF_MESSAGE and item.state is State.DONE and counts.failed:
        return label("delivery_status", "refused"), "bad"
    if item.state is State.DONE and counts.total and counts.sent == counts.total:
        return label("delivery_status", "sent"), "good"
    return label("outbox_state", item.state.value), TONES[item.state]


def steps_of(item: OutboxItem, follow: FollowUp | None = None) -> tuple[str, ...]:
    """What the operator may do, the obvious first."""
    if item.replaced_by or (item.kind == KF_MESSAGE and item.state is State.MISSED):
        return ("open",)
    if item.state is State.UNKNOWN and not is_message(item.kind):
        return ("sync", "did", "did_not")
    if follow is None or follow.is_stopped:
        return OF_STATE[item.state]
    stop = ("stop",) if follow.can_stop else ()
    if follow.reminders_left:
        return ("remind", *stop, *OF_STATE[item.state])
    return (*OF_STATE[item.state], *stop)


def page_of(item: OutboxItem) -> str:
    """The page that shows what an item came from."""
    return PAGES.get(item.entity, f"{item.entity}s")


def first_step(row: OutboxRow) -> str:
    """The one step offered in the list; '' when there is nothing to do."""
    code = row.next_step[0]
    known = {
        "agree_first": "sync",
        "undo": "cancel",
        "sync_now": "sync",
        "sync_to_find_out": "sync",
        "attest": "decide",
        "attest_change": "decide",
        "attest_reply": "decide",
        "mend_and_retry": "retry",
        "reschedule": "move",
        "review_and_release": "release",
    }
    return known.get(code, "look")


def title_of(item: OutboxItem) -> str:
    """What it is, in a few words."""
    title = str(item.summary.get("title") or "").strip()
    text = str(item.summary.get("text") or "").strip()
    name = title or (text.splitlines()[0] if text else "")
    if not has(f"write_kind.{item.kind}"):
        return name or t("composing.untitled")
    kind = label("write_kind", item.kind)
    if not name or item.entity not in EDITED:
        return name or kind
    return t("outbox.named", kind=kind, name=name)


def audience_of(item: OutboxItem) -> str:
    """To whom: a name when there is one, else how many."""
    whom = str(item.summary.get("for") or "").strip()
    count = int(item.summary.get("recipients") or 0)
    if item.kind == MASS_SEND_GROUPS:
        return whom or t("outbox.groups", n=count)
    if not count:
        return whom or "—"
    return whom or t("outbox.fans", n=f"{count:,}")
