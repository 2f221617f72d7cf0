"""What WeCom customer service tells in one message: its words as text, the rest as plain facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.domain.talks import Direction, TalkRecord
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text
from desktop.platforms.tencent_line import seconds_as_ms

ORIGINS = {3: Direction.IN, 4: Direction.EVENT, 5: Direction.STAFF}
MAX_KIND = 64
MAX_FACTS = 24
MAX_FACT = 2048


def message(entry: Fields, desk_id: str) -> TalkRecord | None:
    """One entry of kf/sync_msg; None when it has no id or no time.

    Ids of an event are inside the event. A kind nobody knows keeps its name and its plain fields.
    """
    external_id, at = text(entry.get("msgid")), seconds_as_ms(entry.get("send_time"))
    kind = text(entry.get("msgtype"))[:MAX_KIND]
    if not external_id or at is None or not kind:
        return None
    part = entry.get(kind)
    body: Fields = part if isinstance(part, dict) else {}
    if kind == "event":
        return _event(external_id, at, body)
    direction = ORIGINS.get(_origin(entry), Direction.EVENT)
    told = WORDS.get(kind)
    return TalkRecord(
        external_id,
        text(entry.get("external_userid")),
        at,
        direction,
        kind,
        told(body) if told else "",
        facts_of(body),
        text(entry.get("servicer_userid")),
    )


def _origin(entry: Fields) -> int:
    origin = entry.get("origin")
    return int(origin) if isinstance(origin, int | str) and str(origin).isdecimal() else 0


def _event(external_id: str, at: int, body: Fields) -> TalkRecord:
    return TalkRecord(
        external_id,
        text(body.get("external_userid")),
        at,
        Direction.EVENT,
        text(body.get("event_type"))[:MAX_KIND] or "event",
        "",
        {name: value for name, value in facts_of(body).items() if name not in EVENT_SECRETS},
        text(body.get("new_servicer_userid")) or text(body.get("servicer_userid")),
    )


EVENT_SECRETS = ("welcome_code", "msg_code")  # one-use codes for sending: nothing here uses them


def facts_of(body: Fields) -> dict[str, Any]:
    """The plain fields of a body: texts, numbers and truths; lists and objects are left out."""
    facts: dict[str, Any] = {}
    for name, value in list(body.items())[:MAX_FACTS]:
        if name == "content" or isinstance(value, dict | list) or value is None:
            continue
        facts[str(name)[:MAX_KIND]] = text(value)[:MAX_FACT] if isinstance(value, str) else value
    return facts


def _place(body: Fields) -> str:
    return " ".join(filter(None, (text(body.get("name")), text(body.get("address")))))


def _menu(body: Fields) -> str:
    lines = [text(body.get("head_content"))]
    for item in rows(body.get("list")):
        inner = item.get(text(item.get("type")))
        lines.append(text(inner.get("content")) if isinstance(inner, dict) else "")
    return "\n".join(filter(None, (*lines, text(body.get("tail_content")))))


def _field(name: str) -> Callable[[Fields], str]:
    return lambda body: text(body.get(name))


WORDS: dict[str, Callable[[Fields], str]] = {
    "business_card": _field("userid"),
    "channels": lambda body: text(body.get("title")) or text(body.get("nickname")),
    "channels_shop_order": _field("product_titles"),
    "channels_shop_product": _field("title"),
    "link": _field("title"),
    "location": _place,
    "merged_msg": _field("title"),
    "miniprogram": _field("title"),
    "msgmenu": _menu,
    "text": _field("content"),
}
