"""Up to a million customers, each computed from its number on demand; changes are kept as an overlay."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.chance import Chance, long_word, word
from desktop.sandbox.world import names
from desktop.sandbox.world.staff import Staff, owner_table

DAY = 86_400
SPREAD_DAYS = 730
_WAYS = (
    1,
    1,
    1,
    1,
    2,
    3,
    4,
    4,
    6,
    10,
    16,
    16,
    0,
    24,
    202,
    201,
    9,
    99,
    777,
)  # 99 and 777 are not in any table
_STATES = ("", "", "", "dm2024", "parcel-card", "live_0801", "门店扫码", "koc-01")
_NOTES = ("", "", "", "爱吃坚果", "不吃辣,给孩子买", "团长,可带 30 单", "公司下午茶采购\n每月两次")
_PERSONAL = ("老客", "好说话", "要发票")
_CORPS = (("腾讯", "腾讯科技(深圳)有限公司"), ("好想来食品", "好想来食品(杭州)有限公司"), ("青禾广告", ""))


@dataclass(slots=True)
class Relation:
    """What one member of staff keeps about one customer."""

    userid: str
    createtime: int
    remark: str = ""
    description: str = ""
    remark_corp_name: str = ""
    remark_mobiles: list[str] = field(default_factory=list)
    tag_ids: list[str] = field(default_factory=list)
    personal_tags: list[str] = field(default_factory=list)
    oper_userid: str = ""
    add_way: int = 0
    state: str = ""
    channels: dict[str, Any] | None = None
    one_way: bool = False  # the customer deleted the staff: still listed, sends fail
    gone: bool = False  # the staff deleted the customer: 84061


class People:
    """All customers of the corp by number 0..count-1."""

    def __init__(
        self, chance: Chance, origin: int, count: int, staff: list[Staff], tag_ids: list[str]
    ) -> None:
        self.chance = chance
        self.origin = origin
        self.count = count
        self.staff = staff
        self._tag_ids = tag_ids
        self._owners = owner_table(staff)
        self._with_customers = sorted(set(self._owners))
        self._relations: dict[int, dict[str, Relation]] = {}
        self._profiles: dict[int, dict[str, Any]] = {}
        self._keys = {kind: chance.roll(kind, -1)[:32] for kind in (b"fan-id", b"stranger")}
        self._mask = long_word(chance.roll(b"fan-mask", 0), 0) << 8 | 0x5A

    # ids ----------------------------------------------------------------------------------------------
    def external_userid(self, index: int) -> str:
        """The opaque 32-character id of customer `index`."""
        return self._external_userid(index, self.chance.roll(b"fan", index))

    def _external_userid(self, index: int, bits: bytes) -> str:
        return self._encode("wo" if self._is_wecom(bits) else "wm", b"fan-id", index)

    def stranger_id(self, number: int) -> str:
        """The id of somebody in a group who is no customer of anybody."""
        return self._encode("wm", b"stranger", number)

    def index_of(self, external_userid: str) -> int | None:
        """The customer's number, or None for an id this corp never gave out."""
        try:
            head = base64.urlsafe_b64decode(external_userid[2:10])
        except (ValueError, TypeError):
            return None
        index = int.from_bytes(head, "big") ^ self._mask
        if len(external_userid) != 32 or not 0 <= index < self.count:
            return None
        return index if self.external_userid(index) == external_userid else None

    def _encode(self, prefix: str, kind: bytes, index: int) -> str:
        head = base64.urlsafe_b64encode((index ^ self._mask).to_bytes(6, "big"))
        mac = hashlib.blake2b(head, key=self._keys[kind], digest_size=18).digest()
        return prefix + (head + base64.urlsafe_b64encode(mac)).decode()[:30]

    @staticmethod
    def _is_wecom(bits: bytes) -> bool:
        return bits[10] < 16

    # profile ------------------------------------------------------------------------------------------
    def name(self, index: int) -> str:
        """The customer's present nickname."""
        changed = self._profiles.get(index)
        return (
            str(changed["name"])
            if changed and "name" in changed
            else names.nickname(self.chance.roll(b"fan", index))
        )

    def unionid(self, index: int) -> str | None:
        """The unionid of about two thirds of the WeChat customers."""
        return self._unionid(index, self.chance.roll(b"fan", index))

    def _unionid(self, index: int, bits: bytes) -> str | None:
        if self._is_wecom(bits) or bits[11] > 170:
            return None
        return self.chance.ident("o", b"unionid", index, 28)

    def profile(self, index: int) -> dict[str, Any]:
        """The platform's `external_contact` object."""
        bits = self.chance.roll(b"fan", index)
        wecom = self._is_wecom(bits)
        has_avatar = bits[12] % 100 >= names.EMPTY_AVATAR_SHARE
        answer: dict[str, Any] = {
            "external_userid": self._external_userid(index, bits),
            "name": names.nickname(bits),
            "type": 2 if wecom else 1,
            "avatar": f"https://wx.qlogo.cn/mmhead/{bits[13:25].hex()}/0" if has_avatar else "",
            "gender": bits[25] % 3,
        }
        if wecom:
            short, full = _CORPS[bits[26] % len(_CORPS)]
            answer |= {
                "position": "采购",
                "corp_name": short,
                "corp_full_name": full,
                "name": names.real_name(bits, 2),
            }
            answer["external_profile"] = {
                "external_attr": [{"type": 0, "name": "文本名称", "text": {"value": "文本"}}]
            }
        else:
            unionid = self._unionid(index, bits)
            if unionid is not None:
                answer["unionid"] = unionid
        answer |= self._profiles.get(index, {})
        return answer

    def change_profile(self, index: int, changes: dict[str, Any]) -> None:
        """Overwrite profile fields (the customer renamed himself, changed the avatar)."""
        self._profiles.setdefault(index, {}).update(changes)

    # relations ----------------------------------------------------------------------------------------
    def _seeded_owners(self, bits: bytes) -> tuple[str, ...]:
        first = self._owners[word(bits, 0) % 1024]
        if bits[2] < 16 and len(self._with_customers) > 1:
            others = [position for position in self._with_customers if position != first]
            return self.staff[first].userid, self.staff[others[bits[3] % len(others)]].userid
        return (self.staff[first].userid,)

    def relations(self, index: int) -> dict[str, Relation]:
        """Userid -> relation, ended ones included."""
        changed = self._relations.get(index)
        if changed is not None:
            return changed
        bits = self.chance.roll(b"owner", index)
        return {
            userid: self._seeded_relation(index, userid, position)
            for position, userid in enumerate(self._seeded_owners(bits))
        }

    def live(self, index: int, userid: str) -> Relation | None:
        """The relation unless it never was or the staff ended it."""
        relation = self.relations(index).get(userid)
        return None if relation is None or relation.gone else relation

    def touch(self, index: int) -> dict[str, Relation]:
        """Relations of a customer that the caller is about to change; the change is kept."""
        return self._relations.setdefault(index, self.relations(index))

    def _seeded_relation(self, index: int, userid: str, position: int) -> Relation:
        bits = self.chance.roll(b"follow", index * 4 + position)
        age = long_word(bits, 0) % (SPREAD_DAYS * DAY)
        age = age * (256 + bits[4]) // 512  # newer customers are somewhat more frequent
        relation = Relation(
            userid=userid,
            createtime=self.origin - age,
            add_way=_WAYS[bits[5] % len(_WAYS)],
            state=_STATES[bits[6] % len(_STATES)],
            description=_NOTES[bits[7] % len(_NOTES)],
            oper_userid=userid,
            one_way=bits[8] < 13,
        )
        if bits[9] < 77:
            relation.remark = names.real_name(bits, 10) + ("-团长" if bits[9] < 8 else "")
        if bits[14] < 56:
            relation.remark_mobiles = [f"13{word(bits, 15) % 10}{long_word(bits, 17) % 10**8:08d}"]
        if bits[21] < 10:
            relation.remark_corp_name = _CORPS[bits[22] % len(_CORPS)][0]
        relation.tag_ids = sorted(
            {self._tag_ids[b % len(self._tag_ids)] for b in bits[23 : 23 + bits[27] % 5]}
        )
        if bits[28] < 30:
            relation.personal_tags = [_PERSONAL[bits[29] % len(_PERSONAL)]]
        if relation.add_way == 10:
            relation.channels = {"nickname": "好吃研究所", "source": bits[30] % 4}
        return relation

    def scan(self, start: int, userids: set[str]) -> Iterator[tuple[int, Relation]]:
        """Live relations of the given staff in customer order, from number `start` on."""
        known = {self.staff[position].userid for position in self._with_customers}
        if not userids & known and not self._relations:
            return
        for index in range(start, self.count):
            changed = self._relations.get(index)
            if changed is None:
                owners = self._seeded_owners(self.chance.roll(b"owner", index))
                for position, userid in enumerate(owners):
                    if userid in userids:
                        yield index, self._seeded_relation(index, userid, position)
            else:
                for userid, relation in changed.items():
                    if userid in userids and not relation.gone:
                        yield index, relation

    def ids_of(self, userid: str) -> list[str]:
        """External ids of everybody this member of staff follows; quicker than a scan."""
        with_seeded = userid in {self.staff[position].userid for position in self._with_customers}
        found = []
        for index in range(self.count) if with_seeded else self._relations:
            changed = self._relations.get(index)
            if changed is None:
                if userid in self._seeded_owners(self.chance.roll(b"owner", index)):
                    found.append(self.external_userid(index))
            elif userid in changed and not changed[userid].gone:
                found.append(self.external_userid(index))
        return found

    def index_of_unionid(self, unionid: str) -> int | None:
        """Search by unionid; walks the whole world, as nothing is stored."""
        return next((index for index in range(self.count) if self.unionid(index) == unionid), None)

    def add(self, userid: str, at: int, changes: dict[str, Any], **relation: Any) -> int:
        """A new customer of `userid`; returns the number."""
        index = self.count
        self.count += 1
        self._relations[index] = {
            userid: Relation(userid=userid, createtime=at, oper_userid=userid, **relation)
        }
        if changes:
            self.change_profile(index, changes)
        return index
