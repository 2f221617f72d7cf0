"""The log of signs of interest: follows, likes, comments and messages, each with its event as text inside text.

The only way in which a program without a server of its own learns of them; there is no list of messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop.domain.errors import UnclearReplyError
from desktop.domain.public_accounts import IntentionPage, ThreadRecord, TouchRecord
from desktop.domain.talks import Direction, PersonRecord, TalkRecord
from desktop.platforms import strict_json
from desktop.platforms.douyin.client import DouyinClient, listed, moment, truth
from desktop.platforms.douyin.envelope import Fields, Form
from desktop.platforms.strict_json import rows, text

COUNT = 50
ENTERED = "im_enter_direct_msg"
MESSAGES = {"im_receive_msg": Direction.IN, "im_send_msg": Direction.STAFF, ENTERED: Direction.EVENT}
TOUCHES = {"new_follow_action": "follow", "new_video_digg": "like", "item_comment_reply": "comment"}
MAX_KIND = 64


@dataclass(slots=True)
class _Found:
    touches: list[TouchRecord] = field(default_factory=list)
    messages: list[TalkRecord] = field(default_factory=list)
    people: dict[str, PersonRecord] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    skipped: int = 0


async def page(client: DouyinClient, since_ms: int, until_ms: int, session: str) -> IntentionPage:
    """One page of the log between two moments. Raises the five errors."""
    query = {
        "start_time": str(since_ms // 1000),
        "end_time": str(until_ms // 1000),
        "count": str(COUNT),
    } | ({"query_session": session} if session else {})
    data = await client.get("/api/douyin/v1/interactive/intention/log/list/", Form.NUMBERED, query)
    entries = listed(data, "intention_log_infos")
    found = _Found()
    own = await client.open_id()
    for entry in entries:
        _take(entry, own, found)
    following = text(data.get("query_session"))
    if truth(data.get("has_more")) and not following:
        raise UnclearReplyError("reply_garbled", detail="has_more without query_session")
    return IntentionPage(
        tuple(found.touches),
        tuple(found.messages),
        found.people,
        tuple(ThreadRecord(person, thread) for person, thread in found.threads.items()),
        following if truth(data.get("has_more")) else "",
        len(entries),
        found.skipped,
    )


def _take(entry: Fields, own: str, found: _Found) -> None:
    """One entry: a touch, a message, or something nobody knows yet."""
    event = text(entry.get("event"))
    whole_event = _inside(entry.get("content"))
    content = _inside(whole_event.get("content")) or whole_event
    at = moment(entry.get("event_time")) or moment(content.get("create_time"))
    sender, receiver = text(whole_event.get("from_user_id")), text(whole_event.get("to_user_id"))
    person = text(entry.get("open_id")) or (receiver if sender == own else sender)
    if person == own:
        person = receiver if sender == own else sender
    if at is None or not person or person == own:
        found.skipped += 1
        return
    for info in rows(content.get("user_infos")):
        known = text(info.get("open_id"))
        if known and known != own and text(info.get("nick_name")):
            found.people[known] = PersonRecord(known, text(info.get("nick_name")), text(info.get("avatar")))
    if event in MESSAGES:
        _message(event, content, person, moment(content.get("create_time")) or at, found)
    elif event in TOUCHES:
        what = text(content.get("item_id")) or text(content.get("comment_id"))
        note = text(content.get("content")) if event == "item_comment_reply" else ""
        key = f"{event}:{text(content.get('comment_id')) or f'{person}:{what}:{at}'}"
        found.touches.append(TouchRecord(person, TOUCHES[event], at, key, note))
    else:
        found.skipped += 1


def _message(event: str, content: Fields, person: str, at: int, found: _Found) -> None:
    """A message, or the opening of the chat page. What was left on a card becomes its words."""
    external_id = text(content.get("server_message_id"))
    thread = text(content.get("conversation_short_id"))
    if not external_id or text(content.get("conversation_type")) == "2":
        found.skipped += 1
        return
    if thread:
        found.threads[person] = thread
    kind = ENTERED if event == ENTERED else text(content.get("message_type"))[:MAX_KIND] or "other"
    answers = [
        f"{text(row.get('label'))}：{text(row.get('value'))}" for row in rows(content.get("card_data"))
    ]
    words = text(content.get("text")) or "\n".join(answers)
    facts = {
        name: text(content.get(name))
        for name in ("source", "scene_type", "resource_type", "resource_url", "item_id", "card_id")
        if text(content.get(name))
    }
    found.messages.append(TalkRecord(external_id, person, at, MESSAGES[event], kind, words, facts))


def _inside(value: object) -> Fields:
    """An object that comes as such at some events and as JSON in a text at others."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return {}
    try:
        return strict_json.parse_object(value.encode("utf-8", "surrogatepass"))
    except strict_json.DoubtfulJsonError:
        return {}
