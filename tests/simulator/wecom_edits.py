"""The part of the small WeCom that keeps tags, notes about customers, ways in and welcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulator.shop_world import Way
from tests.simulator.world import Effect, Fields

if TYPE_CHECKING:
    from tests.simulator.wecom import WeCom

MARK = "%NICKNAME%"
WELCOME = "externalcontact/group_welcome_template/"
CONTACT_FIELDS = ("remark", "skip_verify", "user")
JOIN_FIELDS = ("remark", "auto_create_room", "chat_id_list", "room_base_name", "room_base_id")


class Edits:
    """Answers requests about what staff and shop arrange at the platform."""

    def __init__(self, wecom: WeCom) -> None:
        self._wecom, self._corp = wecom, wecom.corp
        self.paths: dict[str, Callable[[Fields], Fields]] = {
            "externalcontact/get_corp_tag_list": self._tags,
            "externalcontact/add_corp_tag": self._add_tag,
            "externalcontact/edit_corp_tag": self._edit_tag,
            "externalcontact/del_corp_tag": self._delete_tag,
            "externalcontact/mark_tag": self._mark,
            "externalcontact/remark": self._remark,
            "externalcontact/get": self._customer,
            "externalcontact/add_contact_way": lambda asked: self._add_way("contact", asked),
            "externalcontact/update_contact_way": lambda asked: self._edit_way("contact", asked),
            "externalcontact/del_contact_way": self._delete_way,
            "externalcontact/get_contact_way": lambda asked: self._way("contact_way", asked),
            "externalcontact/list_contact_way": self._ways,
            "externalcontact/groupchat/add_join_way": lambda asked: self._add_way("join", asked),
            "externalcontact/groupchat/update_join_way": lambda asked: self._edit_way("join", asked),
            "externalcontact/groupchat/del_join_way": self._delete_way,
            "externalcontact/groupchat/get_join_way": lambda asked: self._way("join_way", asked),
            WELCOME + "add": self._add_welcome,
            WELCOME + "edit": self._edit_welcome,
            WELCOME + "del": self._delete_welcome,
            WELCOME + "get": self._welcome,
        }

    def _did(self, said: str, platform_id: str = "", once: tuple[tuple[str, str], ...] = ()) -> None:
        self._wecom.executed(Effect(said, platform_id, once))

    # -- tags

    def _tags(self, asked: Fields) -> Fields:
        groups = [
            {
                "group_id": group_id,
                "group_name": group,
                "tag": [
                    {"id": tag, "name": name, "order": 0}
                    for tag, name in self._corp.tags.items()
                    if self._corp.group_of[tag] == group_id
                ],
            }
            for group_id, group in self._corp.tag_groups.items()
        ]
        return {"tag_group": groups}

    def _add_tag(self, asked: Fields) -> Fields:
        corp, name = self._corp, asked["tag"][0]["name"]
        named = [key for key, group in corp.tag_groups.items() if group == asked.get("group_name")]
        group_id = asked.get("group_id") or (named[0] if named else "")
        if asked.get("group_id") and group_id not in corp.tag_groups:
            return self._wecom.refusal(40068)
        if any(corp.tags[tag] == name for tag, group in corp.group_of.items() if group == group_id):
            if self._wecom.chance.random() < 0.5:
                return self._wecom.refusal(40071)
            self._did(f"tag {name} was there")
            return {"tag_group": {"group_id": group_id, "tag": []}}
        number = self._wecom.number()
        if not group_id:
            group_id = f"eg{number}"
            corp.tag_groups[group_id] = asked["group_name"]
        corp.tags[f"et{number}"], corp.group_of[f"et{number}"] = name, group_id
        self._did(f"tag et{number} {name}", f"et{number}")
        told = {"id": f"et{number}", "name": name, "order": 0}
        return {"tag_group": {"group_id": group_id, "group_name": corp.tag_groups[group_id], "tag": [told]}}

    def _edit_tag(self, asked: Fields) -> Fields:
        corp, tag = self._corp, asked["id"]
        if tag not in corp.tags:
            return self._wecom.refusal(40068)
        peers = [one for one, group in corp.group_of.items() if group == corp.group_of[tag] and one != tag]
        if any(corp.tags[one] == asked["name"] for one in peers):
            return self._wecom.refusal(40071)
        corp.tags[tag] = asked["name"]
        self._did(f"tag {tag} is {asked['name']}")
        return {}

    def _delete_tag(self, asked: Fields) -> Fields:
        corp = self._corp
        if any(tag not in corp.tags for tag in asked["tag_id"]):
            return self._wecom.refusal(40068)
        for tag in asked["tag_id"]:
            del corp.tags[tag]
            group_id = corp.group_of.pop(tag)
            if group_id not in corp.group_of.values():
                del corp.tag_groups[group_id]
            for follow in corp.follows.values():
                follow.tags = [one for one in follow.tags if one != tag]
        self._did(f"tags {asked['tag_id']} are gone")
        return {}

    # -- customers

    def _mark(self, asked: Fields) -> Fields:
        follow = self._corp.follows.get((asked["userid"], asked["external_userid"]))
        if follow is None:
            return self._wecom.refusal(84061)
        if any(tag not in self._corp.tags for tag in (*asked["add_tag"], *asked["remove_tag"])):
            return self._wecom.refusal(40068)
        follow.tags = sorted((set(follow.tags) | set(asked["add_tag"])) - set(asked["remove_tag"]))
        self._did(f"{asked['external_userid']} has {follow.tags}")
        return {}

    def _remark(self, asked: Fields) -> Fields:
        follow = self._corp.follows.get((asked["userid"], asked["external_userid"]))
        if follow is None:
            return self._wecom.refusal(84061)
        follow.remark, follow.description = asked["remark"], asked["description"]
        follow.mobiles = [one for one in asked["remark_mobiles"] if one]
        self._did(f"{asked['external_userid']} is {follow.remark}")
        return {}

    def _customer(self, asked: Fields) -> Fields:
        who = asked["external_userid"]
        entries = [
            {
                "userid": staff,
                "remark": follow.remark,
                "description": follow.description,
                "remark_mobiles": follow.mobiles,
                "createtime": follow.created_s,
                "tags": [{"tag_id": tag, "tag_name": self._corp.tags[tag]} for tag in follow.tags],
            }
            for (staff, one), follow in self._corp.follows.items()
            if one == who
        ]
        if not entries:
            return self._wecom.refusal(84061)
        contact = {"external_userid": who, "name": self._corp.names[who], "type": 1}
        return {"external_contact": contact, "follow_user": entries, "next_cursor": ""}

    # -- ways in

    def _add_way(self, kind: str, asked: Fields) -> Fields:
        number = self._wecom.number()
        names = CONTACT_FIELDS if kind == "contact" else JOIN_FIELDS
        shown = self._wecom.line.true_ms() + self._wecom.moods.lag_ms
        fields = {name: asked[name] for name in names if name in asked}
        self._corp.ways[f"cfg{number}"] = Way(kind, fields, asked["state"], shown)
        self._did(f"way cfg{number} {asked['remark']}", f"cfg{number}", (("way", asked["state"]),))
        code = {"qr_code": f"https://wework.qpic.cn/{number}"} if kind == "contact" else {}
        return {"config_id": f"cfg{number}"} | code

    def _edit_way(self, kind: str, asked: Fields) -> Fields:
        way = self._corp.ways.get(asked["config_id"])
        if way is None:
            return self._wecom.refusal(41044)
        names = CONTACT_FIELDS if kind == "contact" else JOIN_FIELDS
        way.fields = {name: asked[name] for name in names if name in asked}
        way.state = asked.get("state", way.state)
        self._did(f"way {asked['config_id']} is {asked['remark']}")
        return {}

    def _delete_way(self, asked: Fields) -> Fields:
        if self._corp.ways.pop(asked["config_id"], None) is None:
            return self._wecom.refusal(41044)
        self._did(f"way {asked['config_id']} is gone")
        return {}

    def _way(self, name: str, asked: Fields) -> Fields:
        way = self._corp.ways.get(asked["config_id"])
        if way is None:
            return self._wecom.refusal(41044)
        code = f"https://wework.qpic.cn/{asked['config_id'][3:]}"
        return {name: {"config_id": asked["config_id"], "state": way.state, "qr_code": code} | way.fields}

    def _ways(self, asked: Fields) -> Fields:
        now = self._wecom.line.true_ms()
        rows: list[Any] = [
            {"config_id": key}
            for key, way in self._corp.ways.items()
            if way.kind == "contact" and way.shown_ms <= now
        ]
        page, cursor = self._wecom.steady_page("ways", rows, asked)
        return {"contact_way": page, "next_cursor": cursor}

    # -- welcomes

    def _add_welcome(self, asked: Fields) -> Fields:
        key = f"welcome{self._wecom.number()}"
        self._corp.welcomes[key] = (asked["text"]["content"], "image" in asked)
        self._did(f"{key} {asked['text']['content']}", key, (("welcome", asked["text"]["content"]),))
        return {"template_id": key}

    def _edit_welcome(self, asked: Fields) -> Fields:
        if asked["template_id"] not in self._corp.welcomes:
            return self._wecom.refusal(41058)
        self._corp.welcomes[asked["template_id"]] = (asked["text"]["content"], "image" in asked)
        self._did(f"{asked['template_id']} is {asked['text']['content']}")
        return {}

    def _delete_welcome(self, asked: Fields) -> Fields:
        if self._corp.welcomes.pop(asked["template_id"], None) is None:
            return self._wecom.refusal(41058)
        self._did(f"{asked['template_id']} is gone")
        return {}

    def _welcome(self, asked: Fields) -> Fields:
        found = self._corp.welcomes.get(asked["template_id"])
        if found is None:
            return self._wecom.refusal(41058)
        return {"text": {"content": found[0]}} | ({"image": {"media_id": "m"}} if found[1] else {})
