"""Up to a million customers, each computed from its number on demand; changes are kept as an overlay."""

import base64
import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.chance import Chance, long_word, word
from desktop.sandbox.world import names
from desktop.sandbox.world.staff import Staff, owner_table

DAY = 86_400
SPREAD_DAYS = 730
PREFIXES = ("wm", "wo")  # a WeChat user, a WeCom user of another corp
SLOTS = 64  # places for relations per customer in a position
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
    rule_tag_ids: list[str] = field(default_factory=list)
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
        self,
        chance: Chance,
        origin: int,
        count: int,
        staff: list[Staff],
        tag_ids: list[str],
        rule_tag_ids: list[str],
    ) -> None:
        self.chance = chance
        self.origin = origin
        self.count = count
        self.staff = staff
        self._tag_ids = tag_ids
        self._rule_tag_ids = rule_tag_ids
        self._seeded = count
        self._owners = owner_table(staff)
        self._owner_cache = array("I")
        self._with_customers = sorted(set(self._owners))
        self._relations: dict[int, dict[str, Relation]] = {}
        self._profiles: dict[int, dict[str, Any]] = {}
        self._keys = {kind: chance.roll(kind, -1)[:32] for kind in (b"fan-id", b"stranger", b"unionid")}
        self._mask = long_word(chance.roll(b"fan-mask", 0), 0) << 8 | 0x5A

    # ids ----------------------------------------------------------------------------------------------
    def external_userid(self, index: int) -> str:
        """The opaque 32-character id of customer `index`."""
        return self._encode(PREFIXES[self._owner_code(index) >> 31], b"fan-id", index)

    def stranger_id(self, number: int) -> str:
        """The id of somebody in a group who is no customer of anybody."""
        return self._encode("wm", b"stranger", number)

    def index_of(self, external_userid: str) -> int | None:
        """The customer's number, or None for an id this corp never gave out."""
        index = self._decode(external_userid[2:10])
        if index is None or len(external_userid) != 32:
            return None
        return index if self.external_userid(index) == external_userid else None

    def _encode(self, prefix: str, kind: bytes, index: int, length: int = 32) -> str:
        head = base64.urlsafe_b64encode((index ^ self._mask).to_bytes(6, "big"))
        mac = hashlib.blake2b(head, key=self._keys[kind], digest_size=18).digest()
        return (prefix + (head + base64.urlsafe_b64encode(mac)).decode())[:length]

    def _decode(self, head: str) -> int | None:
        try:
            index = int.from_bytes(base64.urlsafe_b64decode(head), "big") ^ self._mask
        except (ValueError, TypeError):
            return None
        return index if 0 <= index < self.count else None

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
        changed = self._profiles.get(index, {})
        if "unionid" in changed:
            return str(changed["unionid"]) or None
        return self._unionid(index, self.chance.roll(b"fan", index))

    def _unionid(self, index: int, bits: bytes) -> str | None:
        if self._is_wecom(bits) or bits[11] > 170:
            return None
        return self._encode("o", b"unionid", index, 28)

    def profile(self, index: int) -> dict[str, Any]:
        """The platform's `external_contact` object."""
        bits = self.chance.roll(b"fan", index)
        wecom = self._is_wecom(bits)
        has_avatar = bits[12] % 100 >= names.EMPTY_AVATAR_SHARE
        answer: dict[str, Any] = {
            "external_userid": self.external_userid(index),
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
    def _seeded_owners(self, index: int) -> tuple[str, ...]:
        code = self._owner_code(index)
        first, second = code >> 16 & 0x7FFF, code & 0xFFFF
        if second:
            return self.staff[first].userid, self.staff[second - 1].userid
        return (self.staff[first].userid,)

    def _owner_code(self, index: int) -> int:
        """Bit 31: a customer on WeCom; then the first owner, then the second owner + 1, 15 and 16 bits.

        Remembered for all up to the highest number asked for by `followed`.
        """
        known = self._owner_cache
        return known[index] if index < len(known) else self._draw_owners(index)

    def _draw_owners(self, index: int) -> int:
        bits = self.chance.roll(b"owner", index)
        first = self._owners[word(bits, 0) % 1024]
        second = 0
        if bits[2] < 16 and len(self._with_customers) > 1:
            others = [position for position in self._with_customers if position != first]
            second = others[bits[3] % len(others)] + 1
        wecom = self._is_wecom(self.chance.roll(b"fan", index))
        return wecom << 31 | first << 16 | second

    def _know_all_owners(self) -> None:
        known = self._owner_cache
        known.extend(self._draw_owners(index) for index in range(len(known), self._seeded))

    def relations(self, index: int) -> dict[str, Relation]:
        """Userid -> relation, ended ones included."""
        changed = self._relations.get(index)
        if changed is not None:
            return changed
        return {
            userid: self._seeded_relation(index, userid, position)
            for position, userid in enumerate(self._seeded_owners(index))
        }

    def live(self, index: int, userid: str) -> Relation | None:
        """The relation unless it never was or the staff ended it."""
        relation = self.relations(index).get(userid)
        return None if relation is None or relation.gone else relation

    def reachable(self, index: int, userid: str) -> bool:
        """True when this member of staff follows the customer and was not deleted by him."""
        changed = self._relations.get(index)
        if changed is not None:
            relation = changed.get(userid)
            return relation is not None and not relation.gone and not relation.one_way
        owners = self._seeded_owners(index)
        return userid in owners and not self._seeded_one_way(self._follow_bits(index, owners.index(userid)))

    def _follow_bits(self, index: int, position: int) -> bytes:
        return self.chance.roll(b"follow", index * 4 + position)

    @staticmethod
    def _seeded_one_way(bits: bytes) -> bool:
        return bits[8] < 13

    def touch(self, index: int) -> dict[str, Relation]:
        """Relations of a customer that the caller is about to change; the change is kept."""
        return self._relations.setdefault(index, self.relations(index))

    def _seeded_relation(self, index: int, userid: str, position: int) -> Relation:
        bits = self._follow_bits(index, position)
        age = long_word(bits, 0) % (SPREAD_DAYS * DAY)
        age = age * (256 + bits[4]) // 512  # newer customers are somewhat more frequent
        relation = Relation(
            userid=userid,
            createtime=self.origin - age,
            add_way=_WAYS[bits[5] % len(_WAYS)],
            state=_STATES[bits[6] % len(_STATES)],
            description=_NOTES[bits[7] % len(_NOTES)],
            oper_userid=userid,
            one_way=self._seeded_one_way(bits),
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
        if bits[31] < 8:
            relation.rule_tag_ids = [self._rule_tag_ids[bits[32] % len(self._rule_tag_ids)]]
        if bits[28] < 30:
            relation.personal_tags = [_PERSONAL[bits[29] % len(_PERSONAL)]]
        if relation.add_way == 10:
            relation.channels = {"nickname": "好吃研究所", "source": bits[30] % 4}
        return relation

    def _candidates(self, start: int, userids: set[str]) -> Iterator[int]:
        """Numbers from `start` on that may belong to these staff: everybody, or only changed ones."""
        seeded = {self.staff[position].userid for position in self._with_customers}
        if userids & seeded:
            yield from range(start, self.count)
        else:
            yield from sorted(index for index in self._relations if index >= start)

    def scan(self, start: int, userids: set[str]) -> Iterator[tuple[int, Relation]]:
        """Live relations of the given staff in customer order, from number `start` on."""
        for index in self._candidates(start, userids):
            changed = self._relations.get(index)
            if changed is None:
                for position, userid in enumerate(self._seeded_owners(index)):
                    if userid in userids:
                        yield index, self._seeded_relation(index, userid, position)
            else:
                for userid, relation in changed.items():
                    if userid in userids and not relation.gone:
                        yield index, relation

    def window(
        self, userids: set[str], start: int, size: int
    ) -> tuple[list[tuple[int, Relation]], int | None]:
        """`size` live relations from a position on, and the position after them (None at the end).

        A position is the customer's number times SLOTS plus the place among that customer's relations, so
        that a page costs the same anywhere.
        """
        first, skip = divmod(start, SLOTS)
        rows: list[tuple[int, Relation]] = []
        last, slot = -1, 0
        for index, relation in self.scan(first, userids):
            slot = slot + 1 if index == last else 0
            last = index
            if index == first and slot < skip:
                continue
            if len(rows) == size:
                return rows, index * SLOTS + slot
            rows.append((index, relation))
        return rows, None

    def followed(self, userids: set[str]) -> Iterator[tuple[int, str]]:
        """(customer, staff) of every live relation; much quicker than a scan, without the details."""
        if userids & {self.staff[position].userid for position in self._with_customers}:
            self._know_all_owners()
        for index in self._candidates(0, userids):
            changed = self._relations.get(index)
            if changed is None:
                for userid in self._seeded_owners(index):
                    if userid in userids:
                        yield index, userid
            else:
                for userid, relation in changed.items():
                    if userid in userids and not relation.gone:
                        yield index, userid

    def ids_of(self, userid: str) -> list[str]:
        """External ids of everybody this member of staff follows."""
        return [self.external_userid(index) for index, _ in self.followed({userid})]

    def index_of_unionid(self, unionid: str) -> int | None:
        """The customer with this unionid; a seeded one is read off the id itself."""
        changed = (index for index, row in self._profiles.items() if row.get("unionid") == unionid)
        index = next(changed, None)
        if index is None:
            index = self._decode(unionid[1:9])
        return index if index is not None and self.unionid(index) == unionid else None

    def newcomers(self) -> Iterator[tuple[int, Relation]]:
        """Live relations of everybody who came after the seeded beginning."""
        for index in range(self._seeded, self.count):
            for relation in self._relations[index].values():
                if not relation.gone:
                    yield index, relation

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
