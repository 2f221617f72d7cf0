"""A saved audience's rule as a condition on the fan table; agrees with `domain.segments.rules.holds`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from desktop.domain.segments import conditions as kinds
from desktop.domain.segments.conditions import Condition, Dated, Moment, Spanned
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.rules import AllOf, AnyOf, Not, Rule
from desktop.store.fans.living import LIVE, ORIGIN

# Asked of everybody: one pass by fan is quicker than by time with a leap for each row.
SALES = 'SELECT fan_id FROM "order" INDEXED BY order_fan WHERE is_sale = 1 AND fan_id IS NOT NULL'
TOUCHES = "SELECT fan_id FROM interaction INDEXED BY interaction_fan WHERE 1"
REACHED = (
    "SELECT i.fan_id FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id"
    " WHERE d.status = 'sent' AND d.sent_at IS NOT NULL"
)
ITEM = (
    'EXISTS (SELECT 1 FROM order_line AS l WHERE l.order_id = "order".id'
    " AND instr(lower(l.item), lower({words})) > 0)"
)
# As `domain.handover.valid_phone` reads a number.
PHONE = (
    "replace(replace(CASE WHEN trim(fan.phone) LIKE '+86%' THEN substr(trim(fan.phone), 4)"
    " ELSE trim(fan.phone) END, ' ', ''), '-', '')"
)
SAID = ("agreed", "refused")  # to marketing, as `fan.marketing` has it; else 'unknown'
MOBILE = "1[3-9]" + "[0-9]" * 9
NOTED = (
    "instr(lower(fan.note), lower({words})) > 0",
    "fan.id IN (SELECT i.fan_id FROM follow AS f JOIN identity AS i ON i.id = f.identity_id"
    " WHERE instr(lower(f.remark), lower({words})) > 0 OR instr(lower(f.description), lower({words})) > 0)",
)
WROTE = (
    "SELECT i.fan_id FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id"
    " JOIN identity AS i ON i.id = c.identity_id"
    " WHERE m.direction = 'in' AND instr(lower(m.text), lower({words})) > 0"
)


class Among(NamedTuple):
    """Fans that a query lists, each once (`fan_id`), or those it does not list."""

    some: str
    is_in: bool = True

    def __str__(self) -> str:
        return f"fan.id {'' if self.is_in else 'NOT '}IN ({self.some})"


@dataclass(slots=True)
class Compiled:
    """SQL being put together: values go in as bound parameters only."""

    as_of: AsOf
    parameters: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """The mark that stands for a value."""
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def bind_all(self, values: Sequence[Any]) -> str:
        """Marks for several values, as IN takes them."""
        return ", ".join(self.bind(str(value) if isinstance(value, str) else value) for value in values)


def compiled(rule: Rule, as_of: AsOf) -> tuple[str, dict[str, Any]]:
    """SQL condition on `fan` (living fans only) and its parameters."""
    made = Compiled(as_of)
    return f"{LIVE} AND {_rule(rule, made)}", made.parameters


def asked(condition: Condition, as_of: AsOf) -> tuple[str | Among, dict[str, Any]]:
    """One condition alone: SQL on `fan`, or the query that lists the fans; and its parameters."""
    made = Compiled(as_of)
    return SQL[type(condition)](condition, made), made.parameters


def _rule(rule: Rule, made: Compiled) -> str:
    if isinstance(rule, AllOf | AnyOf):
        word = " AND " if isinstance(rule, AllOf) else " OR "
        return f"({word.join(_rule(part, made) for part in rule.parts)})" if rule.parts else "0"
    if isinstance(rule, Not):
        return f"NOT {_rule(rule.part, made)}"
    return f"({SQL[type(rule)](rule, made)})"


def _tier(condition: kinds.TierIs, made: Compiled) -> str:
    return f"fan.tier IN ({made.bind_all(condition.tiers)})"


def _tags(condition: kinds.HasTags, made: Compiled) -> Among:
    some = f"SELECT fan_id FROM fan_tag WHERE tag_id IN ({made.bind_all(condition.tags)})"
    return _matched(some, condition.match, "count(*)", len(condition.tags), made)


def _groups(condition: kinds.InGroups, made: Compiled) -> Among:
    some = (
        "SELECT i.fan_id FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id"
        f" WHERE m.left_at IS NULL AND m.group_id IN ({made.bind_all(condition.groups)})"
    )
    return _matched(some, condition.match, "count(DISTINCT m.group_id)", len(condition.groups), made)


def _platforms(condition: kinds.OnPlatforms, made: Compiled) -> Among:
    some = (
        "SELECT fan_id FROM identity WHERE removed_at IS NULL"
        f" AND platform IN ({made.bind_all(condition.platforms)})"
    )
    return _matched(some, condition.match, "count(DISTINCT platform)", len(condition.platforms), made)


def _matched(some: str, match: str, counted: str, wanted: int, made: Compiled) -> Among:
    """Fans with any, all or none of what `some` lists."""
    some += " GROUP BY fan_id"
    if match == "all":
        some += f" HAVING {counted} = {made.bind(wanted)}"
    return Among(some, is_in=match != "none")


def _consent(condition: kinds.ConsentIs, made: Compiled) -> Among:
    """Most were never asked: those who were are listed by an index."""
    is_in = "unknown" not in condition.consents
    listed = [each for each in SAID if (each in condition.consents) == is_in]
    return Among(
        f"SELECT id AS fan_id FROM fan WHERE marketing <> 'unknown' AND marketing IN ({made.bind_all(listed)})",
        is_in=is_in,
    )


def _suppressed(condition: kinds.IsSuppressed, _made: Compiled) -> Among:
    return Among("SELECT fan_id FROM suppression GROUP BY fan_id", is_in=condition.value)


def _phone(condition: kinds.HasPhone, made: Compiled) -> str:
    whole = f"ifnull({PHONE} GLOB {made.bind(MOBILE)}, 0)"
    return whole if condition.value else f"NOT {whole}"


def _orders(condition: kinds.Orders, made: Compiled) -> Among:
    return _spanned(condition, _recent(SALES, "paid_at", condition, made), "count(*)", made)


def _spend(condition: kinds.Spend, made: Compiled) -> Among:
    return _spanned(condition, _recent(SALES, "paid_at", condition, made), "sum(net_cents)", made)


def _bought(condition: kinds.Bought, made: Compiled) -> Among:
    some = f"{SALES} AND {ITEM.format(words=made.bind(condition.words))}"
    return _spanned(condition, _recent(some, "paid_at", condition, made), "count(*)", made)


def _interacted(condition: kinds.Interacted, made: Compiled) -> Among:
    some = TOUCHES
    if condition.kinds:
        some += f" AND kind IN ({made.bind_all(condition.kinds)})"
    return _spanned(condition, _recent(some, "at", condition, made), "sum(quantity)", made)


def _reached(condition: kinds.Reached, made: Compiled) -> Among:
    return _spanned(condition, _recent(REACHED, "d.sent_at", condition, made), "count(*)", made)


def _recent(some: str, column: str, condition: Spanned, made: Compiled) -> str:
    start = made.as_of.since(condition.days)
    return some if start is None else f"{some} AND {column} >= {made.bind(start)}"


def _spanned(condition: Spanned, some: str, number: str, made: Compiled) -> Among:
    """Fans whose number lies in the span; those who are not in `some` at all have the number 0."""
    inside = []
    if condition.least is not None:
        inside.append(f"{number} >= {made.bind(condition.least)}")
    if condition.most is not None:
        inside.append(f"{number} <= {made.bind(condition.most)}")
    wanted = " AND ".join(inside) or "1"
    if condition.within(0):
        return Among(f"{some} GROUP BY fan_id HAVING NOT ({wanted})", is_in=False)
    return Among(f"{some} GROUP BY fan_id HAVING {wanted}")


def _source(condition: kinds.CameFrom, made: Compiled) -> Among:
    return Among(
        f"SELECT fan_id FROM interaction AS i WHERE domain IN ({made.bind_all(condition.domains)})"
        " AND at = (SELECT min(at) FROM interaction WHERE fan_id = i.fan_id) GROUP BY fan_id"
    )


def _origin(condition: kinds.LearntBy, made: Compiled) -> Among:
    origin = ORIGIN.format("")
    return Among(
        f"SELECT fan_id FROM identity WHERE {origin} IN ({made.bind_all(condition.origins)}) GROUP BY fan_id"
    )


def _said(condition: kinds.Said, made: Compiled) -> str:
    words = made.bind(condition.words)
    found = []
    if "note" in condition.places:
        found += [place.format(words=words) for place in NOTED]
    if "message" in condition.places:
        start = made.as_of.since(condition.days)
        since = "" if start is None else f" AND m.at >= {made.bind(start)}"
        found.append(f"fan.id IN ({WROTE.format(words=words)}{since})")
    return " OR ".join(found)


def _dated(condition: Dated, made: Compiled) -> str | Among:
    if condition.what is Moment.FIRST_SEEN:
        return _on_column(condition, "fan.first_seen_at", made)
    is_first = condition.what is Moment.FIRST_ORDER
    some, column = {
        Moment.FIRST_ORDER: (SALES, "paid_at"),
        Moment.LAST_ORDER: (SALES, "paid_at"),
        Moment.LAST_TOUCH: (TOUCHES, "at"),
        Moment.LAST_REACHED: (REACHED, "d.sent_at"),
    }[condition.what]
    if condition.way == "never":
        return Among(f"{some} GROUP BY fan_id", is_in=False)
    number = f"{'min' if is_first else 'max'}({column})"
    first, last = _bounds(condition, made.as_of)
    if condition.way == "not_since":
        return Among(f"{some} GROUP BY fan_id HAVING {number} >= {made.bind(first)}", is_in=False)
    inside = [f"{number} >= {made.bind(first)}"] if first is not None else []
    inside += [f"{number} < {made.bind(last)}"] if last is not None else []
    return Among(f"{some} GROUP BY fan_id HAVING {' AND '.join(inside)}")


def _on_column(condition: Dated, column: str, made: Compiled) -> str:
    first, last = _bounds(condition, made.as_of)
    if condition.way == "never":
        return "0"
    if condition.way == "not_since":
        return f"{column} < {made.bind(first)}"
    inside = [f"{column} >= {made.bind(first)}"] if first is not None else []
    inside += [f"{column} < {made.bind(last)}"] if last is not None else []
    return " AND ".join(inside)


def _bounds(condition: Dated, as_of: AsOf) -> tuple[int | None, int | None]:
    if condition.way == "between":
        return kinds.bounds(condition, as_of)
    return as_of.since(condition.days), None


SQL: Mapping[type[Condition], Callable[[Any, Compiled], str | Among]] = {
    kinds.TierIs: _tier,
    kinds.HasTags: _tags,
    kinds.InGroups: _groups,
    kinds.OnPlatforms: _platforms,
    kinds.ConsentIs: _consent,
    kinds.IsSuppressed: _suppressed,
    kinds.HasPhone: _phone,
    kinds.Orders: _orders,
    kinds.Spend: _spend,
    kinds.Bought: _bought,
    kinds.Interacted: _interacted,
    kinds.Reached: _reached,
    kinds.CameFrom: _source,
    kinds.LearntBy: _origin,
    kinds.Said: _said,
    kinds.Dated: _dated,
}
