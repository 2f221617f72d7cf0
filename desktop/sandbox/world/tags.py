"""Corp tag groups and tags: the seeded ones and those added, renamed or deleted later."""

from dataclasses import dataclass, field

from desktop.sandbox.chance import Chance
from desktop.sandbox.world.people import DAY

_SEEDED = (
    ("意向", ("高意向", "中意向", "低意向")),
    ("品类", ("坚果", "肉脯", "糕点", "果干", "辣条", "低糖")),
    ("来源", ("门店", "包裹卡", "直播间", "朋友推荐")),
    ("消费", ("百元内", "百元到五百", "五百以上")),
    ("身份", ("团长", "宝妈", "上班族")),
)
_RULE_TAGS = (("门店规则组", "老客召回"), ("门店规则组", "新客首单"))


@dataclass(slots=True)
class Tag:
    """One corp tag."""

    id: str
    name: str
    create_time: int
    order: int
    by_app: str = ""  # the app that made it; empty for the admin console
    deleted: bool = False


@dataclass(slots=True)
class TagGroup:
    """A tag group; it goes with its last tag."""

    id: str
    name: str
    create_time: int
    order: int
    tags: list[Tag] = field(default_factory=list)
    by_app: str = ""  # the app that made it; empty for the admin console
    deleted: bool = False


class Tags:
    """Every corp tag of the corp, deleted ones kept so that they can still be asked for by id."""

    def __init__(self, chance: Chance, origin: int) -> None:
        self._chance = chance
        self._made = 0
        self.groups: list[TagGroup] = []
        for position, (name, tags) in enumerate(_SEEDED):
            group = self.new_group(name, origin - (700 - position) * DAY, 100 - position)
            for order, tag in enumerate(tags):
                self.new_tag(group, tag, group.create_time, 50 - order)
        self.seeded_ids = [tag.id for group in self.groups for tag in group.tags]
        self.rule_names = {
            chance.ident("st", b"rule-tag", number): names for number, names in enumerate(_RULE_TAGS)
        }  # tags of rule groups: customers bear them, the listing of corp tags does not have them

    def _ident(self) -> str:
        self._made += 1
        return self._chance.ident("et", b"tag", self._made)

    def new_group(self, name: str, at: int, order: int, by_app: str = "") -> TagGroup:
        """Append an empty group."""
        group = TagGroup(self._ident(), name, at, order, by_app=by_app)
        self.groups.append(group)
        return group

    def new_tag(self, group: TagGroup, name: str, at: int, order: int, by_app: str = "") -> Tag:
        """Append a tag to a group."""
        tag = Tag(self._ident(), name, at, order, by_app)
        group.tags.append(tag)
        return tag

    def find_group(self, ident: str) -> TagGroup | None:
        """The group with this id, deleted or not."""
        return next((group for group in self.groups if group.id == ident), None)

    def find_tag(self, ident: str) -> tuple[TagGroup, Tag] | None:
        """The tag with this id and its group, deleted or not."""
        return next(((group, tag) for group in self.groups for tag in group.tags if tag.id == ident), None)

    def live_names(self) -> dict[str, tuple[str, str]]:
        """Tag id -> (group name, tag name) of the tags that exist now."""
        return {
            tag.id: (group.name, tag.name)
            for group in self.groups
            if not group.deleted
            for tag in group.tags
            if not tag.deleted
        }

    def count(self) -> int:
        """Tags that exist now."""
        return len(self.live_names())
