"""How talks read: what a message is, who answers, how much time is left."""

from __future__ import annotations

from desktop.domain.talks import (
    HOUR_MS,
    MINUTE_MS,
    Answerer,
    Direction,
    Room,
    TalkMessage,
    TalkRow,
    Urgency,
    rule_of,
    time_left,
    urgency,
)
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import has, languages, t
from desktop.wording.sentences import reason_text

SHOWN_SIGNS = 4000  # of one message; the whole of it is copied
TONES = {Urgency.CALM: "info", Urgency.SOON: "warn", Urgency.PRESSING: "bad", Urgency.LATE: "bad"}
MARKED = {"text", "msgmenu"}  # kinds that are their words and nothing else
STATE_TONES = {
    Answerer.BOT: "info",
    Answerer.QUEUE: "warn",
    Answerer.STAFF: "neutral",
    Answerer.ENDED: "neutral",
}


def message_text(kind: str, text: str) -> str:
    """A message in words: its text, with what it is before it where it is more than a text."""
    if kind in MARKED and text:
        return text[:SHOWN_SIGNS]
    key = f"talks.kind.{kind}"
    mark = t(key) if has(key) else t("talks.kind_unknown", kind=kind)
    return f"{mark} {text[:SHOWN_SIGNS]}".strip()


def event_text(message: TalkMessage) -> str:
    """What the platform tells of a talk, in one line."""
    if message.kind == "session_status_change":
        change = message.facts.get("change_type")
        key = f"talks.session_{change}"
        return t(key if has(key) else "talks.session_other", who=message.staff_name or "—")
    key = f"talks.event.{message.kind}"
    return t(key) if has(key) else t("talks.event_unknown", kind=message.kind)


def last_line(row: TalkRow) -> str:
    """The last words in the list; a draft comes before them, whose words they are is said."""
    if row.draft.strip():
        return plain.one_line(t("talks.draft_line", text=row.draft))
    if row.last_direction is Direction.EVENT:
        key = f"talks.event.{row.last_kind}"
        return t(key) if has(key) else t("talks.event_unknown", kind=row.last_kind)
    words = plain.one_line(message_text(row.last_kind, row.last_text))
    return words if row.last_direction is Direction.IN else t("talks.own_line", text=words)


def left_words(since: int, now: int) -> tuple[str, str]:
    """How long a waiting customer may still wait, and its tone."""
    left = time_left(since, now)
    tone = TONES[urgency(since, now)]
    if left > 0:
        return t("talks.left_minutes", n=-(-left // MINUTE_MS)), tone
    over = -left
    if over < HOUR_MS:
        return t("talks.over_minutes", n=max(1, over // MINUTE_MS)), tone
    return t("talks.over_hours", n=over // HOUR_MS), tone


def room_words(room: Room, now: int, platform: str) -> str:
    """What the platform still allows, or why nothing."""
    if room.barred:
        rule = rule_of(platform)
        return t(f"talk_barred.{room.barred}", hours=rule.window_ms // HOUR_MS, most=rule.most)
    if room.is_entry:
        seconds = max(1, ((room.until or now) - now) // 1000)
        return t("talks.room_seconds", n=room.replies_left, left=seconds)
    left = max(0, (room.until or now) - now)
    if left >= HOUR_MS:
        return t("talks.room_hours", n=room.replies_left, left=left // HOUR_MS)
    return t("talks.room_minutes", n=room.replies_left, left=max(1, left // MINUTE_MS))


def state_words(row: TalkRow) -> tuple[str, str]:
    """Who answers, and the tone of the chip; '' where there is nothing to say."""
    answerer = row.standing.answerer
    if answerer in (Answerer.UNKNOWN, Answerer.NEW):
        return "", "neutral"
    who = row.staff_name if answerer is Answerer.STAFF else ""
    words = t(f"talks.state.{answerer.value}")
    return f"{words} {who}".strip(), STATE_TONES[answerer]


def failure_words(message: TalkMessage) -> str:
    """Why a reply of ours did not arrive."""
    code = message.failed_code
    key = f"talks.fail.{code}"
    if code.isdecimal():
        return t(key) if has(key) else t("talks.fail_other", code=code)
    return reason_text(languages.wording, code)


def foot_words(message: TalkMessage, now: int, settles_ms: int) -> tuple[str, str]:
    """The small line below a message, and its colour."""
    if message.is_recalled:
        return t("talks.recalled"), "text3"
    if message.recall_state:
        return t("talks.recall_unclear" if message.recall_state == "unknown" else "talks.recalling"), "warn"
    if message.direction is Direction.STAFF:
        return t("talks.by_staff", who=message.staff_name or "—"), "text3"
    if message.direction is not Direction.OUT:
        return "", "text3"
    if message.failed_code:
        return t("talks.not_arrived", reason=failure_words(message)), "bad"
    if message.item_state in ("confirmed", "queued"):
        return t("talks.waits"), "text3"
    if message.item_state in ("in_flight", "unknown", "held"):
        return t(f"talks.is_{message.item_state}"), "warn"
    return (t("talks.just_sent"), "text3") if now - message.at < settles_ms else ("", "text3")


def when_words(at: int, formats: Formats) -> str:
    """When, short: the time today, else the day; with the time for messages."""
    is_today = formats.day(at) == formats.day(formats.clock.now_ms())
    return formats.time(at) if is_today else formats.moment(at)[5:]
