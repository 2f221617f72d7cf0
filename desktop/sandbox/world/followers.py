"""Followers of the official account, each computed from its number on demand; changes are an overlay.

Follower n is the same person as WeCom customer n for some n: both then have one unionid.
"""

import base64
import bisect
import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from desktop.sandbox.chance import Chance, long_word
from desktop.sandbox.world import names
from desktop.sandbox.world.people import DAY, People

SPREAD_DAYS = 730
PLACES = 32  # numbers come in blocks of 32; what somebody is seeded with hangs on the place in the block
LEFT_PLACE = 5  # these unfollowed ten days after they came
LEFT_AFTER_S = 10 * DAY
STRANGER_PLACES = frozenset({0, 4, 8, 12, 16, 22, 26, 31})  # followers who are nobody's WeCom customer
REMARK_PLACES = frozenset({1, 17, 23})
STAR_TAG = 2
SEEDED_TAGS: dict[int, tuple[str, frozenset[int]]] = {
    STAR_TAG: ("星标组", frozenset({30})),
    100: ("坚果控", frozenset({2, 3, 10, 11})),
    101: ("老客", frozenset({3, 20, 21})),
    102: ("门店群", frozenset({2})),
    103: ("=HYPERLINK(1)", frozenset({13})),
    104: ("还没用过", frozenset()),
}
SCENES = {
    "ADD_SCENE_SEARCH": 1,
    "ADD_SCENE_PROFILE_CARD": 17,
    "ADD_SCENE_QR_CODE": 30,
    "ADD_SCENE_PROFILE_LINK": 57,
    "ADD_SCENE_PAID": 51,
    "ADD_SCENE_WECHAT_ADVERTISEMENT": 100,
    "ADD_SCENE_REPRINT": 161,
    "ADD_SCENE_LIVESTREAM": 201,
    "ADD_SCENE_CHANNELS": 200,
    "ADD_SCENE_WXA": 149,
    "ADD_SCENE_OTHERS": 0,
    "ADD_SCENE_FROM_THE_FUTURE": 0,  # in no table
}  # how somebody came -> the user_source of the daily figures
_SCENES = tuple(SCENES)
_QR_STRINGS = ("", "parcel-card", "门店扫码", "koc-01")


@dataclass(slots=True)
class Follower:
    """What the account knows about one follower."""

    number: int
    subscribed: bool
    subscribe_time: int
    scene: str
    remark: str = ""
    tags: list[int] = field(default_factory=list)
    qr_scene: int = 0
    qr_scene_str: str = ""
    blacklisted: bool = False
    unionid: str = ""  # given by an act; empty: the computed one


class Followers:
    """Everybody who ever followed, by number 0..count-1; the order never changes."""

    def __init__(self, chance: Chance, origin: int, count: int, people: People) -> None:
        self.chance = chance
        self.origin = origin
        self.count = count
        self.tag_names: dict[int, str] = {ident: name for ident, (name, _) in SEEDED_TAGS.items()}
        self.moves: list[tuple[int, str, str]] = []  # (time, "new" or "cancel", scene) since the beginning
        self._people = people
        self._seeded = count
        self._changed: dict[int, Follower] = {}
        self._newest_tag = max(SEEDED_TAGS)
        self._keys = {kind: chance.roll(kind, -1)[:32] for kind in (b"openid", b"oa-unionid")}
        self._prefix = chance.ident("o", b"oa-prefix", 0, 6)
        self._mask = long_word(chance.roll(b"oa-mask", 0), 0) << 8 | 0xA5
        for number in (9, 41, 73):
            if number < count:
                self.touch(number).blacklisted = True

    # ids ----------------------------------------------------------------------------------------------
    def openid(self, number: int) -> str:
        """The 28-character openid of a follower."""
        return self._prefix + self._encode(b"openid", number, 22)

    def number_of(self, openid: str) -> int | None:
        """The follower's number, or None for an openid of another account."""
        if len(openid) != 28 or not openid.startswith(self._prefix):
            return None
        try:
            number = int.from_bytes(base64.urlsafe_b64decode(openid[6:14]), "big") ^ self._mask
        except (ValueError, TypeError):
            return None
        return number if 0 <= number < self.count and self.openid(number) == openid else None

    def _encode(self, kind: bytes, number: int, length: int) -> str:
        head = base64.urlsafe_b64encode((number ^ self._mask).to_bytes(6, "big"))
        mac = hashlib.blake2b(head, key=self._keys[kind], digest_size=18).digest()
        return (head + base64.urlsafe_b64encode(mac)).decode()[:length]

    def unionid(self, number: int) -> str:
        """The person's unionid: the one WeCom shows too, or that of a person only known here."""
        changed = self._changed.get(number)
        if changed is not None and changed.unionid:
            return changed.unionid
        if number < self._seeded and place(number) not in STRANGER_PLACES:
            shared = self._people.unionid(number)
            if shared is not None:
                return shared
        return "o" + self._encode(b"oa-unionid", number, 27)

    # who follows --------------------------------------------------------------------------------------
    def get(self, number: int) -> Follower:
        """The follower as of now."""
        changed = self._changed.get(number)
        return changed if changed is not None else self._seed(number)

    def touch(self, number: int) -> Follower:
        """A follower that the caller is about to change; the change is kept."""
        return self._changed.setdefault(number, self.get(number))

    def follows(self, number: int) -> bool:
        """True while this one follows."""
        changed = self._changed.get(number)
        return changed.subscribed if changed is not None else place(number) != LEFT_PLACE

    def total(self) -> int:
        """How many follow now."""
        gone = sum(1 for number, row in self._changed.items() if not row.subscribed and self._came(number))
        back = sum(1 for number, row in self._changed.items() if row.subscribed and not self._came(number))
        return self._seeded - _placed(self._seeded, frozenset({LEFT_PLACE})) - gone + back

    def total_at(self, at: int) -> int:
        """How many followed at an earlier time."""
        came = self.seeded_between(0, at).stop
        stayed_until = self.seeded_between(0, at - LEFT_AFTER_S).stop if at < self.origin else self._seeded
        gone = _placed(stayed_until, frozenset({LEFT_PLACE}))
        later = sum(1 if kind == "new" else -1 for when, kind, _ in self.moves if when < at)
        return came - gone + later

    def _came(self, number: int) -> bool:
        return number < self._seeded and place(number) != LEFT_PLACE

    def window(self, first: int, size: int) -> list[int]:
        """Up to `size` numbers of present followers from a number on."""
        found: list[int] = []
        for number in range(first, self.count):
            if self.follows(number):
                found.append(number)
                if len(found) == size:
                    break
        return found

    def everybody(self) -> Iterator[int]:
        """Numbers of all present followers, in order."""
        return (number for number in range(self.count) if self.follows(number))

    def blacklisted(self) -> list[int]:
        """Numbers on the black list, in order."""
        return sorted(number for number, row in self._changed.items() if row.blacklisted)

    def add(self, at: int, scene: str, qr_scene: int = 0, qr_scene_str: str = "", unionid: str = "") -> int:
        """Somebody new follows; returns the number."""
        number = self.count
        self.count += 1
        self._changed[number] = Follower(
            number, True, at, scene, qr_scene=qr_scene, qr_scene_str=qr_scene_str, unionid=unionid
        )
        self.moves.append((at, "new", scene))
        return number

    def leave(self, number: int, at: int) -> None:
        """Somebody unfollows."""
        row = self.touch(number)
        if row.subscribed:
            row.subscribed = False
            self.moves.append((at, "cancel", row.scene))

    def come_back(self, number: int, at: int) -> None:
        """Somebody follows again, under the same openid."""
        row = self.touch(number)
        if not row.subscribed:
            row.subscribed, row.subscribe_time = True, at
            self.moves.append((at, "new", row.scene))

    # tags ---------------------------------------------------------------------------------------------
    def new_tag(self, name: str) -> int:
        """A new tag; ids are never used twice."""
        self._newest_tag += 1
        self.tag_names[self._newest_tag] = name
        return self._newest_tag

    def tags_of(self, number: int) -> list[int]:
        """Ids of a follower's tags that still exist."""
        return [ident for ident in self.get(number).tags if ident in self.tag_names]

    def tag_counts(self) -> Counter[int]:
        """Tag id -> present followers that bear it."""
        counts: Counter[int] = Counter()
        for ident in self.tag_names:
            if ident in SEEDED_TAGS:
                counts[ident] = _placed(self._seeded, SEEDED_TAGS[ident][1])
        for number, row in self._changed.items():
            if number < self._seeded:
                counts.subtract(_seeded_tags(number))
            if row.subscribed:
                counts.update(row.tags)
        return counts

    def tagged(self, ident: int, first: int = 0) -> Iterator[int]:
        """Numbers of present followers with a tag, in order, from a number on."""
        places = SEEDED_TAGS[ident][1] if ident in SEEDED_TAGS else frozenset()
        numbers = range(first, self._seeded) if places else range(0)
        seeded = (n for n in numbers if place(n) in places and n not in self._changed)
        changed = sorted(
            n for n, row in self._changed.items() if n >= first and row.subscribed and ident in row.tags
        )
        return heapq.merge(seeded, changed)

    # the seed -----------------------------------------------------------------------------------------
    def _seed(self, number: int) -> Follower:
        bits = self.chance.roll(b"follower", number)
        scene = self.seeded_scene(number)
        scanned = scene == "ADD_SCENE_QR_CODE"
        text = _QR_STRINGS[bits[1] % len(_QR_STRINGS)] if scanned else ""
        return Follower(
            number=number,
            subscribed=place(number) != LEFT_PLACE,
            subscribe_time=self.seeded_time(number),
            scene=scene,
            remark=names.real_name(bits, 2) if place(number) in REMARK_PLACES else "",
            tags=_seeded_tags(number),
            qr_scene=bits[4] % 9 + 1 if scanned and not text else 0,
            qr_scene_str=text,
        )

    def seeded_scene(self, number: int) -> str:
        """How a seeded follower came."""
        return _SCENES[self.chance.roll(b"follower", number)[0] % len(_SCENES)]

    def seeded_time(self, number: int) -> int:
        """When a seeded follower came; never earlier than the one before."""
        span = SPREAD_DAYS * DAY
        gap = max(1, span // max(1, self._seeded))
        jitter = long_word(self.chance.roll(b"follow-time", number), 0) % gap
        return self.origin - span + number * span // max(1, self._seeded) + jitter - 1

    def seeded_person(self, bits: bytes) -> int:
        """Some seeded follower, from drawn bytes (uses bytes 1..4)."""
        return long_word(bits, 1) % self._seeded

    def seeded_between(self, first: int, end: int) -> range:
        """Numbers of the seeded followers that came in [first, end)."""
        numbers = range(self._seeded)
        low = bisect.bisect_left(numbers, first, key=self.seeded_time)
        return range(low, bisect.bisect_left(numbers, end, lo=low, key=self.seeded_time))

    def seeded_leavers(self, first: int, end: int) -> list[int]:
        """Numbers of the seeded followers that unfollowed in [first, end), the last of them by the origin."""
        if first >= self.origin:
            return []
        until = end - LEFT_AFTER_S if end < self.origin else self.origin
        numbers = self.seeded_between(first - LEFT_AFTER_S, until)
        return [number for number in numbers if place(number) == LEFT_PLACE]


def place(number: int) -> int:
    """The place in the block of 32, turned a little further in every block."""
    return (number + (number >> 5) * 13) % PLACES


def _placed(count: int, places: frozenset[int]) -> int:
    """How many of the numbers below `count` stand at these places."""
    whole = count // PLACES * PLACES
    return whole // PLACES * len(places) + sum(
        1 for number in range(whole, count) if place(number) in places
    )


def _seeded_tags(number: int) -> list[int]:
    at = place(number)
    return [ident for ident, (_, places) in SEEDED_TAGS.items() if at in places]
