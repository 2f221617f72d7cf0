"""QR doors into the shop: contact ways of staff and join ways of customer groups."""

from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal

DAY = 86_400
MOST_USERS = 100
MOST_WAYS = 500_000
MOST_JOIN_GROUPS = 5
_CHANGEABLE = (
    "remark",
    "skip_verify",
    "style",
    "state",
    "user",
    "party",
    "unionid",
    "mark_source",
)


@dataclass(slots=True)
class Ways:
    """Both kinds by config_id: the fields as they are read back, and when they were made."""

    contact: dict[str, dict[str, Any]] = field(default_factory=dict)
    join: dict[str, dict[str, Any]] = field(default_factory=dict)
    made_at: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def new_id(self, corp: Corp) -> str:
        """A config_id: 32 hex characters."""
        if len(self.contact) + len(self.join) >= MOST_WAYS:
            raise Refusal(41045)
        self.count += 1
        config_id = corp.chance.roll(b"way", self.count).hex()[:32]
        self.made_at[config_id] = corp.now()
        return config_id


def _check_people(corp: Corp, kind: int, args: Arguments) -> tuple[list[str], list[int]]:
    users = [corp.member(userid, unknown=40031).userid for userid in args.texts("user")]
    party = args.values.get("party") or []
    if not isinstance(party, list) or not all(isinstance(row, int) for row in party):
        raise Refusal(40066)
    if len(users) > MOST_USERS:
        raise Refusal(41040)
    if (kind == 1 and len(users) != 1) or (kind == 2 and not users and not party):
        raise Refusal(41042)
    return users, party


def add_contact_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Make a contact way; a QR picture only for scene 2."""
    kind = args.number("type", missing=41037)
    scene = args.number("scene", missing=41039)
    if kind not in (1, 2):
        raise Refusal(41038)
    if scene not in (1, 2):
        raise Refusal(41039)
    if scene == 1 and args.number("style", 1) not in (1, 2, 3):
        raise Refusal(41041)
    users, party = _check_people(corp, kind, args)
    temporary = args.flag("is_temp")
    ways = corp.shelf(Ways)
    row: dict[str, Any] = {
        "type": kind,
        "scene": scene,
        "style": args.number("style", 0),
        "remark": args.optional_text("remark", max_chars=30),
        "skip_verify": args.flag("skip_verify", True),
        "state": args.optional_text("state", max_chars=30),
        "user": users,
        "party": party,
        "is_temp": temporary,
        "mark_source": args.flag("mark_source", True),
    }
    if temporary:
        row["expires_in"], row["chat_expires_in"] = 7 * DAY, DAY
        row["unionid"] = args.optional_text("unionid")
        row["conclusions"] = {}
        row |= _temporary(args)
    config_id = ways.new_id(corp)
    row = {"config_id": config_id, **row}
    if scene == 2:
        row["qr_code"] = f"https://wework.qpic.cn/wwpic/{config_id[:20]}/0"
    ways.contact[config_id] = row
    return {"config_id": config_id} | ({"qr_code": row["qr_code"]} if scene == 2 else {})


def _temporary(args: Arguments) -> dict[str, Any]:
    """Fields that only a temporary way has; a picture in the closing words is read back as an address."""
    fields: dict[str, Any] = {
        name: min(args.number(name), 14 * DAY)
        for name in ("expires_in", "chat_expires_in")
        if args.has(name)
    }
    if args.has("conclusions"):
        words = dict(args.part("conclusions").values)
        if isinstance(words.get("image"), dict) and "media_id" in words["image"]:
            words["image"] = {"pic_url": "https://wework.qpic.cn/wwpic/conclusion/0"}
        fields["conclusions"] = words
    return fields


def _contact(corp: Corp, args: Arguments) -> dict[str, Any]:
    row = corp.shelf(Ways).contact.get(args.text("config_id", missing=41043))
    if row is None:
        raise Refusal(41044)
    return row


def get_contact_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One contact way."""
    return {"contact_way": _contact(corp, args)}


def list_contact_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Ids of lasting contact ways made in a window."""
    ways = corp.shelf(Ways)
    start = args.number("start_time", corp.now() - 90 * DAY)
    end = args.number("end_time", corp.now())
    visible = corp.seconds() - corp.settings.listing_lag_s
    rows = [
        config_id
        for config_id, row in ways.contact.items()
        if not row["is_temp"] and start <= ways.made_at[config_id] <= min(end, visible)
    ]
    page, following = corp.page("ways", rows, args, args.limit(100, 1000))
    return {"contact_way": [{"config_id": config_id} for config_id in page], "next_cursor": following}


def update_contact_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Change fields; user and party overwrite; type, scene and is_temp stay."""
    row = _contact(corp, args)
    args.optional_text("remark", max_chars=30)
    args.optional_text("state", max_chars=30)
    if args.has("user") or args.has("party"):
        _check_people(corp, int(row["type"]), Arguments({"user": row["user"], **args.values}))
    row.update({name: args.values[name] for name in _CHANGEABLE if args.has(name)})
    if row["is_temp"]:
        row.update(_temporary(args))
    return {}


def del_contact_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete a contact way."""
    del corp.shelf(Ways).contact[_contact(corp, args)["config_id"]]
    return {}


def _join_fields(corp: Corp, args: Arguments) -> dict[str, Any]:
    scene = args.number("scene")
    if scene not in (1, 2):
        raise Refusal(40058)
    chats = args.texts("chat_id_list", most=MOST_JOIN_GROUPS, too_many=41091)
    if not chats:
        raise Refusal(40063)
    for chat_id in chats:
        if corp.groups.get(chat_id) is None:
            raise Refusal(86001)
    return {
        "scene": scene,
        "remark": args.optional_text("remark", max_chars=30),
        "auto_create_room": args.number("auto_create_room", 1),
        "room_base_name": args.optional_text("room_base_name", max_chars=40),
        "room_base_id": args.number("room_base_id", 1),
        "chat_id_list": chats,
        "state": args.optional_text("state", max_chars=30),
        "mark_source": args.flag("mark_source", True),
    }


def add_join_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Make a join way; the QR picture comes with get_join_way."""
    fields = _join_fields(corp, args)
    ways = corp.shelf(Ways)
    config_id = ways.new_id(corp)
    qr_code = f"https://wework.qpic.cn/wwpic/{config_id[:20]}/0"
    ways.join[config_id] = {"config_id": config_id, **fields, "qr_code": qr_code}
    return {"config_id": config_id}


def _join(corp: Corp, args: Arguments) -> dict[str, Any]:
    row = corp.shelf(Ways).join.get(args.text("config_id", missing=41043))
    if row is None:
        raise Refusal(41044)
    return row


def get_join_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One join way."""
    return {"join_way": _join(corp, args)}


def update_join_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Overwrite a join way as a whole."""
    _join(corp, args).update(_join_fields(corp, args))
    return {}


def del_join_way(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete a join way."""
    del corp.shelf(Ways).join[_join(corp, args)["config_id"]]
    return {}


_P = "externalcontact/"
ENDPOINTS = (
    Endpoint(_P + "add_contact_way", add_contact_way, write=True),
    Endpoint(_P + "get_contact_way", get_contact_way),
    Endpoint(_P + "list_contact_way", list_contact_way, "POST", {"contact_way": []}),
    Endpoint(_P + "update_contact_way", update_contact_way, write=True),
    Endpoint(_P + "del_contact_way", del_contact_way, write=True),
    Endpoint(_P + "groupchat/add_join_way", add_join_way, write=True),
    Endpoint(_P + "groupchat/get_join_way", get_join_way),
    Endpoint(_P + "groupchat/update_join_way", update_join_way, write=True),
    Endpoint(_P + "groupchat/del_join_way", del_join_way, write=True),
)
