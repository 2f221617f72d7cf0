"""Customer groups with members, join scenes, admins and day-by-day activity."""

from dataclasses import dataclass, field

from desktop.sandbox.chance import Chance, long_word, word
from desktop.sandbox.world.people import DAY, People

_NAMES = (
    "好吃研究所·福利1群",
    "好吃研究所·福利2群",
    "",
    "坚果控试吃群🥜",
    "宝妈囤货群",
    "写字楼下午茶拼单",
    "KOC 共创小组",
    "周五秒杀·老客群",
)
_NOTICES = ("", "每周五晚 8 点秒杀,先到先得", "本群只发福利,退群自由\n客服:小满")


@dataclass(slots=True)
class Member:
    """One member; `index` is the customer's number, None for staff and strangers."""

    userid: str
    kind: int  # 1 staff, 2 external
    join_time: int
    join_scene: int
    name: str
    index: int | None = None
    invitor: str | None = None
    nickname: str = ""
    unionid: str | None = None
    state: str | None = None


@dataclass(slots=True)
class Group:
    """One customer group."""

    number: int
    chat_id: str
    name: str
    owner: str
    create_time: int
    notice: str
    status: int = 0
    admins: list[str] = field(default_factory=list)
    version: int = 1
    members: list[Member] = field(default_factory=list)
    dismissed: bool = False


class Groups:
    """All customer groups in order of creation."""

    def __init__(self, chance: Chance, people: People, count: int) -> None:
        self._chance = chance
        self._people = people
        self.rows: list[Group] = [self._make(number) for number in range(count)]
        self._by_id = {group.chat_id: group for group in self.rows}

    def get(self, chat_id: str) -> Group | None:
        """The group with its members filled in, or None."""
        group = self._by_id.get(chat_id)
        if group is not None and not group.members and not group.dismissed:
            group.members = self._members(group)
        return group

    def add(self, name: str, owner: str, at: int, notice: str = "") -> Group:
        """A group that a member of staff opens now; the owner is its first member."""
        number = len(self.rows)
        group = Group(number, self._chance.ident("wr", b"chat", number), name, owner, at, notice)
        group.members = [Member(owner, 1, at, 1, self._staff_name(owner))]
        self.rows.append(group)
        self._by_id[group.chat_id] = group
        return group

    def _make(self, number: int) -> Group:
        bits = self._chance.roll(b"group", number)
        staff = self._people.staff
        base = _NAMES[number % len(_NAMES)]
        name = base if number < len(_NAMES) else f"{base or '福利'}{number + 1}"
        return Group(
            number=number,
            chat_id=self._chance.ident("wr", b"chat", number),
            name=name,
            owner=staff[bits[0] % len(staff)].userid,
            create_time=self._people.origin - (30 + word(bits, 1) % 600) * DAY,
            notice=_NOTICES[bits[3] % len(_NOTICES)],
            admins=[staff[bits[4] % len(staff)].userid] if bits[5] & 1 else [],
            version=1 + bits[6],
        )

    def _members(self, group: Group) -> list[Member]:
        bits = self._chance.roll(b"group", group.number)
        origin, people = self._people.origin, self._people
        rows = [Member(group.owner, 1, group.create_time, 1, self._staff_name(group.owner))]
        rows += [
            Member(person.userid, 1, group.create_time, 1, person.name, invitor=group.owner)
            for person in people.staff[:2]
            if person.userid != group.owner
        ]
        seen: set[int] = set()
        for seat in range(20 + word(bits, 8) % 160):
            draw = self._chance.roll(b"member", group.number * 1000 + seat)
            joined = min(
                group.create_time + long_word(draw, 0) % max(1, origin - group.create_time), origin
            )
            scene = (1, 2, 3)[draw[4] % 3]
            invitor = group.owner if scene == 1 and draw[5] < 150 else None
            state = "join-qr-1" if scene == 3 and draw[6] < 128 else None
            index = long_word(draw, 8) % people.count if people.count and draw[7] < 210 else None
            if index is None:
                userid = people.stranger_id(group.number * 1000 + seat)
                rows.append(Member(userid, 2, joined, scene, f"群友{seat}", None, invitor, state=state))
            elif index not in seen:
                seen.add(index)
                nickname = "今日接龙 1 份" if draw[12] < 20 else ""
                unionid = people.unionid(index)
                rows.append(
                    Member(
                        people.external_userid(index), 2, joined, scene, people.name(index), index, invitor,
                        nickname, unionid, state,
                    )
                )  # fmt: skip
        return rows

    def _staff_name(self, userid: str) -> str:
        return next((person.name for person in self._people.staff if person.userid == userid), userid)

    def day(self, group: Group, day_start: int) -> dict[str, int]:
        """The platform's statistics of one group for the day that begins at `day_start` (seconds)."""
        members = self.get(group.chat_id)
        rows = members.members if members is not None else []
        if day_start + DAY <= group.create_time or group.dismissed:
            return dict.fromkeys(STAT_FIELDS, 0)
        bits = self._chance.roll(b"group-day", group.number * 100_000 + day_start // DAY)
        present = sum(1 for row in rows if row.join_time < day_start + DAY)
        new = sum(1 for row in rows if day_start <= row.join_time < day_start + DAY)
        talking = min(present, bits[0] % 12)
        messages = talking * (1 + bits[1] % 9)
        return {
            "new_chat_cnt": int(day_start <= group.create_time < day_start + DAY),
            "chat_total": 1,
            "chat_has_msg": int(messages > 0),
            "new_member_cnt": new,
            "member_total": present,
            "member_has_msg": talking,
            "msg_total": messages,
            "migrate_trainee_chat_cnt": 0,
        }


STAT_FIELDS = (
    "new_chat_cnt", "chat_total", "chat_has_msg", "new_member_cnt",
    "member_total", "member_has_msg", "msg_total", "migrate_trainee_chat_cnt",
)  # fmt: skip
