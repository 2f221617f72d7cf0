"""A shop that goes on by itself: customers write, come, go and rename, staff remark, tag and send."""

from collections.abc import Callable
from typing import Any

from desktop.sandbox.chance import long_word, word
from desktop.sandbox.wecom import acts_desk, acts_groups, acts_people, acts_posts
from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.world import names

DAY = 86_400
Doc = dict[str, Any]
_QUESTIONS = ("还有货吗", "快递到哪了", "有没有低糖的", "能开发票吗", "什么时候上新")
_STATES = ("parcel-card", "live_0801", "门店扫码", "koc-01")


class Life:
    """Which run of ticks is the present one; an earlier run ends when the speed changes."""

    def __init__(self) -> None:
        self.run = 0


def begin(corp: Corp) -> None:
    """Start the ticks at the present speed, or end them at speed 0.

    Tick k lies at the origin plus k steps, so that the same seed, origin and speed give the same life
    whenever it is looked at.
    """
    book = corp.shelf(Life)
    book.run += 1
    speed = corp.settings.life_per_day
    if speed > 0:
        number = int((corp.seconds() - corp.origin) * speed / DAY) + 1
        _book(corp, book.run, number, DAY / speed)


def _book(corp: Corp, run: int, number: int, step: float) -> None:
    def tick() -> None:
        if corp.shelf(Life).run == run:
            happen(corp, number)
            _book(corp, run, number + 1, step)

    corp.later(corp.origin + number * step, tick)


def happen(corp: Corp, number: int) -> str:
    """Let the thing with this number happen; returns its name, or nothing when it found nobody."""
    bits = corp.chance.roll(b"life", number)
    at = word(bits, 0) % _TOTAL
    for weight, act, draw in _MENU:
        if at < weight:
            try:
                act(corp, draw(corp, bits))
            except LookupError:
                return ""
            return act.__name__
        at -= weight
    return ""


def _customer(corp: Corp, bits: bytes) -> Doc:
    if not corp.people.count:
        raise LookupError("no customers")
    return {"index": long_word(bits, 2) % corp.people.count}


def _friend(corp: Corp, bits: bytes) -> Doc:
    who = _customer(corp, bits)
    rows = [row for row in corp.people.relations(who["index"]).values() if not row.gone]
    if not rows:
        raise LookupError("nobody's customer")
    return who | {"userid": rows[bits[6] % len(rows)].userid}


def _question(corp: Corp, bits: bytes) -> Doc:
    return _customer(corp, bits) | {"content": _QUESTIONS[bits[6] % len(_QUESTIONS)]}


def _arrival(corp: Corp, bits: bytes) -> Doc:
    staff = [person.userid for person in corp.visible_staff()]
    state = {"state": _STATES[bits[7] % len(_STATES)]} if bits[8] < 128 else {}
    return {"userid": staff[bits[6] % len(staff)], "name": names.nickname(bits[8:]), "add_way": 1} | state


def _group(corp: Corp, bits: bytes) -> Doc:
    alive = [row.number for row in corp.groups.rows if not row.dismissed]
    if not alive:
        raise LookupError("no groups")
    return {"group": alive[bits[7] % len(alive)]}


def _comer(corp: Corp, bits: bytes) -> Doc:
    return _group(corp, bits) | _customer(corp, bits) | {"join_scene": 1 + bits[8] % 3}


def _leaver(corp: Corp, bits: bytes) -> Doc:
    doc = _group(corp, bits)
    members = [row.userid for row in acts_groups.named_group(corp, doc).members if row.kind == 2]
    if not members:
        raise LookupError("empty group")
    return doc | {"member": members[word(bits, 8) % len(members)]}


def _new_name(corp: Corp, bits: bytes) -> Doc:
    return _customer(corp, bits) | {"name": names.nickname(bits[8:])}


def _remark(corp: Corp, bits: bytes) -> Doc:
    return _friend(corp, bits) | {"remark": names.real_name(bits, 8)}


def _mark(corp: Corp, bits: bytes) -> Doc:
    live = sorted(corp.tags.live_names())
    return _friend(corp, bits) | {"add": [live[bits[8] % len(live)]] if live else []}


def _group_name(corp: Corp, bits: bytes) -> Doc:
    return _group(corp, bits) | {"name": f"{names.nickname(bits[8:])}的群"}


def _sender(corp: Corp, bits: bytes) -> Doc:
    staff = [person.userid for person in corp.visible_staff()]
    return {"userid": staff[bits[6] % len(staff)], "most": 50}


_MENU: tuple[tuple[int, Callable[[Corp, Doc], Doc], Callable[[Corp, bytes], Doc]], ...] = (
    (34, acts_desk.customer_asks, _question),
    (18, acts_people.customer_arrives, _arrival),
    (12, acts_groups.join_group, _comer),
    (8, acts_groups.leave_group, _leaver),
    (6, acts_people.customer_deletes_staff, _friend),
    (2, acts_people.customer_comes_back, _friend),
    (3, acts_people.staff_deletes_customer, _friend),
    (5, acts_people.rename_customer, _new_name),
    (5, acts_people.staff_remarks, _remark),
    (4, acts_people.staff_tags, _mark),
    (1, acts_groups.rename_group, _group_name),
    (1, acts_posts.staff_sends, _sender),
    (1, acts_posts.staff_publishes_moment, _sender),
)
_TOTAL = sum(weight for weight, _, _ in _MENU)
