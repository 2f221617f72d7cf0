"""Customer moments: a job makes a moment, staff publish it by hand, customers see, like and comment."""

from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.chance import long_word
from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import TEXTS, Refusal
from desktop.sandbox.wecom.habits import habit
from desktop.sandbox.wecom.media import require_medium

DAY = 86_400
JOB_LIFE_S = DAY
JOBS_PER_MINUTE = 10
LIST_LIMIT = 20


@dataclass(slots=True)
class Moment:
    """One moment, with the customers each member of staff may show it to."""

    moment_id: str
    jobid: str
    created_at: int
    text: dict[str, str] | None
    attachments: list[dict[str, Any]]
    senders: list[str]
    tags: set[str] | None  # None shows it to everybody
    received: str
    invalid: dict[str, Any] = field(default_factory=dict)
    audience: dict[str, list[int]] = field(default_factory=dict)
    location: dict[str, str] | None = None
    visible_type: int = 0
    published: dict[str, int] = field(default_factory=dict)
    creator: str | None = None
    cancelled: bool = False


@dataclass(slots=True)
class Moments:
    """All moments, oldest first."""

    rows: list[Moment] = field(default_factory=list)


def add_moment_task(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Begin a publishing job."""
    text = args.part("text").optional_text("content", max_chars=2000, max_bytes=4000, too_long=45002)
    attachments = args.rows("attachments")
    if not text and not attachments:
        raise Refusal(41089)
    _check_attachments(corp, attachments)
    book, now = corp.shelf(Moments), corp.now()
    if sum(1 for row in book.rows if row.created_at > now - 60 and row.creator is None) >= JOBS_PER_MINUTE:
        raise Refusal(41078)
    visible = args.part("visible_range")
    tags = visible.part("external_contact_list").texts("tag_list")
    named = visible.part("sender_list").texts("user_list", most=100_000)
    live = corp.tags.live_names()
    able = {person.userid for person in corp.visible_staff()}
    senders = [name for name in dict.fromkeys(named) if name in able] if named else sorted(able)
    number = len(book.rows)
    moment = Moment(
        moment_id=corp.chance.ident("mom", b"moment", number),
        jobid=corp.chance.ident("", b"moment-job", number),
        created_at=now,
        text={"content": text} if text else None,
        attachments=attachments,
        senders=senders,
        tags={ident for ident in tags if ident in live} if tags else None,
        received=args.raw.decode("utf-8", "backslashreplace"),
        invalid={
            "invalid_sender_list": {
                "user_list": [name for name in named if name not in able],
                "department_list": [],
            },
            "invalid_external_contact_list": {"tag_list": [ident for ident in tags if ident not in live]},
        },
        visible_type=0 if tags or named else 1,
    )
    book.rows.append(moment)
    if corp.settings.staff_habits:
        book_habits(corp, moment)
    return {"jobid": moment.jobid}


def book_habits(corp: Corp, moment: Moment) -> None:
    """Let each member of staff publish by habit: soon, late or never."""
    for name in moment.senders:
        wait = habit(corp, f"{moment.moment_id}:{name}")
        if wait is not None and moment.creator is None and name not in moment.published:
            at = moment.created_at + corp.settings.moment_seconds + wait
            corp.later(at, lambda who=name: publish(corp, moment, who))  # type: ignore[misc]


def _check_attachments(corp: Corp, rows: list[dict[str, Any]]) -> None:
    kinds = [row.get("msgtype") for row in rows]
    if any(kind not in ("image", "video", "link") for kind in kinds) or len(set(kinds)) > 1:
        raise Refusal(41065)
    if len(rows) > (9 if "image" in kinds else 1):
        raise Refusal(41064)
    for row, kind in zip(rows, kinds, strict=True):
        part = Arguments(row).part(str(kind))
        if kind == "link":
            part.text("url")
            part.optional_text("title", max_bytes=64)
        require_medium(
            corp, part.values.get("media_id"), "image" if kind == "link" else str(kind), "moments"
        )


def audience(corp: Corp, moment: Moment, userid: str) -> list[int]:
    """Customers this member of staff may show the moment to; settled when first asked for."""
    if userid not in moment.audience:
        moment.audience[userid] = [
            index
            for index, relation in corp.people.scan(0, {userid})
            if not relation.one_way
            and (moment.tags is None or not moment.tags.isdisjoint(relation.tag_ids))
        ]
    return moment.audience[userid]


def get_moment_task_result(corp: Corp, args: Arguments) -> dict[str, Any]:
    """How far a job is: 1 begun, 2 running, 3 done."""
    jobid = args.text("jobid")
    moment = next((row for row in corp.shelf(Moments).rows if row.jobid == jobid), None)
    age = corp.seconds() - moment.created_at if moment is not None else 0.0
    if moment is None or age > JOB_LIFE_S:
        raise Refusal(41060)
    whole = corp.settings.moment_seconds
    status = 3 if age >= whole else 2 if age >= whole / 2 else 1
    answer: dict[str, Any] = {"status": status, "type": "add_moment_task"}
    if status == 3:
        code = 0 if _made(moment) else 81013
        answer["result"] = {
            "errcode": code,
            "errmsg": TEXTS[code] if code else "ok",
            "moment_id": "" if code else moment.moment_id,
            **moment.invalid,
        }
    return answer


def publish(corp: Corp, moment: Moment, userid: str | None = None) -> int:
    """Staff publish the moment in the client; returns how many did."""
    staff = [name for name in moment.senders if userid in (None, name) and name not in moment.published]
    if moment.cancelled or corp.seconds() < moment.created_at + corp.settings.moment_seconds:
        return 0
    moment.published |= dict.fromkeys(staff, corp.now())
    return len(staff)


def _made(moment: Moment) -> bool:
    """False when nobody was left to publish it or to see it: the job ends with an error."""
    return bool(moment.senders) and (moment.tags is None or bool(moment.tags))


def _ready(corp: Corp) -> list[Moment]:
    lag = corp.settings.listing_lag_s
    return [row for row in corp.shelf(Moments).rows if _done(corp, row, lag)]


def _done(corp: Corp, row: Moment, lag: float = 0.0) -> bool:
    work = 0.0 if row.creator else corp.settings.moment_seconds
    return not row.cancelled and _made(row) and corp.seconds() >= row.created_at + work + lag


def get_moment_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Moments of a window of at most 30 days; a limit above 20 falls back to 20."""
    start, end = args.number("start_time"), args.number("end_time")
    if end < start or end - start > 30 * DAY:
        raise Refusal(40058)
    creator, filter_type = args.optional_text("creator"), args.number("filter_type", 2)
    rows = [
        row
        for row in reversed(_ready(corp))
        if start <= row.created_at <= end
        and (filter_type == 2 or (row.creator is not None) == (filter_type == 1))
        and (not creator or row.creator == creator)
    ]
    limit = args.limit(LIST_LIMIT, LIST_LIMIT, above_to_default=True)
    page, following = corp.page(f"moments:{start}:{end}:{creator}:{filter_type}", rows, args, limit)
    return {"moment_list": [_shown(corp, row) for row in page], "next_cursor": following}


def _shown(corp: Corp, row: Moment) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "moment_id": row.moment_id,
        "create_time": corp.listed_time(row.created_at),
        "create_type": 0 if row.creator is None else 1,
        "visible_type": row.visible_type,
    }
    if row.creator is not None:
        answer["creator"] = row.creator
    if row.text is not None:
        answer["text"] = row.text
    if row.location is not None:
        answer["location"] = row.location
    images = [part["image"] for part in row.attachments if part.get("msgtype") == "image"]
    if images:
        answer["image"] = [{"media_id": image["media_id"]} for image in images]
    for part in row.attachments:
        if part.get("msgtype") == "video":
            media_id = part["video"]["media_id"]
            answer["video"] = {"media_id": media_id, "thumb_media_id": media_id}
        elif part.get("msgtype") == "link":
            answer["link"] = {"title": part["link"].get("title", ""), "url": part["link"]["url"]}
    return answer


def _moment(corp: Corp, args: Arguments) -> Moment:
    moment_id = args.text("moment_id", missing=41059).strip()
    moment = next((row for row in corp.shelf(Moments).rows if row.moment_id == moment_id), None)
    if moment is None or moment.cancelled or not _made(moment):
        raise Refusal(41060)
    if not _done(corp, moment):
        raise Refusal(41079)
    return moment


def get_moment_task(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Who published: publish_status 0 or 1; only for moments the corp made."""
    moment = _moment(corp, args)
    if moment.creator is not None:
        raise Refusal(41067)
    rows = [{"userid": name, "publish_status": int(name in moment.published)} for name in moment.senders]
    page, following = corp.page(f"moment-task:{moment.moment_id}", rows, args, args.limit(500, 1000))
    return {"task_list": page, "next_cursor": following}


def _seen_by(corp: Corp, args: Arguments) -> tuple[Moment, str, list[int]]:
    moment = _moment(corp, args)
    userid = corp.member(args.text("userid", missing=41009)).userid
    if userid not in moment.senders:
        raise Refusal(41062)
    return moment, userid, audience(corp, moment, userid)


def get_moment_customer_list(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Customers a member of staff may show the moment to."""
    moment, userid, indexes = _seen_by(corp, args)
    page, following = corp.page(
        f"moment-may:{moment.moment_id}:{userid}", indexes, args, args.limit(500, 1000)
    )
    rows = [{"userid": userid, "external_userid": corp.people.external_userid(index)} for index in page]
    return {"customer_list": rows, "next_cursor": following}


def get_moment_send_result(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Customers who can see the moment since the staff published it."""
    moment, userid, indexes = _seen_by(corp, args)
    if userid not in moment.published:
        raise Refusal(41061)
    page, following = corp.page(
        f"moment-sent:{moment.moment_id}:{userid}", indexes, args, args.limit(3000, 5000)
    )
    rows = [{"external_userid": corp.people.external_userid(index)} for index in page]
    return {"customer_list": rows, "next_cursor": following}


def get_moment_comments(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Who commented and who liked; no text, no pages."""
    moment, userid, indexes = _seen_by(corp, args)
    if userid not in moment.published:
        raise Refusal(41061)
    comments: list[dict[str, Any]] = []
    likes: list[dict[str, Any]] = []
    for index in indexes[:2000]:
        bits = corp.chance.roll_text(b"moment-seen", f"{moment.moment_id}:{index}")
        at = moment.published[userid] + long_word(bits, 2) % 7200
        row = {"external_userid": corp.people.external_userid(index), "create_time": at}
        if at <= corp.now():
            comments += [row] if bits[0] < 8 else []
            likes += [row] if bits[1] < 24 else []
    if moment.published[userid] + 60 <= corp.now():
        own = {"userid": userid, "create_time": moment.published[userid] + 60}
        comments, likes = [*comments, own], [*likes, own]
    return {"comment_list": comments, "like_list": likes}


def cancel_moment_task(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Stop a moment; it is listed no more."""
    moment = _moment(corp, args)
    if moment.creator is not None:
        raise Refusal(41067)
    moment.cancelled = True
    return {}


_P = "externalcontact/"
ENDPOINTS = (
    Endpoint(_P + "add_moment_task", add_moment_task, write=True),
    Endpoint(_P + "get_moment_task_result", get_moment_task_result, "GET"),
    Endpoint(_P + "cancel_moment_task", cancel_moment_task, "ANY", write=True),
    Endpoint(_P + "get_moment_list", get_moment_list, "POST", {"moment_list": []}),
    Endpoint(_P + "get_moment_task", get_moment_task, "POST", {"task_list": []}),
    Endpoint(_P + "get_moment_customer_list", get_moment_customer_list, "POST", {"customer_list": []}),
    Endpoint(_P + "get_moment_send_result", get_moment_send_result, "POST", {"customer_list": []}),
    Endpoint(_P + "get_moment_comments", get_moment_comments, "POST", {"comment_list": []}),
)
