"""People seen from another platform: the same nickname, name and phone under the same number."""

from dataclasses import dataclass

from desktop.sandbox.chance import Chance, long_word, word
from desktop.sandbox.world import names

_PLACES = (
    ("浙江省", "杭州市", "西湖区", "文新街道"),
    ("上海市", "上海市", "浦东新区", "张江镇"),
    ("广东省", "深圳市", "南山区", "粤海街道"),
    ("四川省", "成都市", "武侯区", "桂溪街道"),
    ("江苏省", "苏州市", "吴中区", "长桥街道"),
    ("湖北省", "武汉市", "洪山区", "关山街道"),
    ("内蒙古自治区", "呼和浩特市", "赛罕区", "大学西路街道"),
)


@dataclass(frozen=True, slots=True)
class Shopper:
    """One person, whichever platform asks."""

    index: int
    nickname: str
    name: str
    phone: str
    place: tuple[str, str, str, str]  # province, city, town, street
    door: str
    avatar: str


class Shoppers:
    """Persons by number: number 7 here is customer number 7 of the corp."""

    def __init__(self, chance: Chance, count: int) -> None:
        self._chance = chance
        self.count = count

    def person(self, index: int) -> Shopper:
        """Compute a person; nothing is stored."""
        bits = self._chance.roll(b"fan", index)
        follow = self._chance.roll(b"follow", index * 4)
        home = self._chance.roll(b"home", index)
        return Shopper(
            index=index,
            nickname=names.nickname(bits),
            name=names.real_name(follow, 10),
            phone=f"13{word(follow, 15) % 10}{long_word(follow, 17) % 10**8:08d}",
            place=_PLACES[home[0] % len(_PLACES)],
            door=f"{home[1] % 90 + 1}号{home[2] % 30 + 1}栋{word(home, 3) % 2000 + 101}室",
            avatar=""
            if bits[11] % 100 < names.EMPTY_AVATAR_SHARE
            else f"https://p3.douyinpic.com/aweme/100x100/{bits[13:25].hex()}.jpeg",
        )
