"""Search for people: which fans a text means, answered from indexes.

Part of a name (also a platform's name or a staff remark), of pinyin or of initials; a tag; the end of a
phone number from three digits on; a platform's id or an order number, whole or by its last five
characters and more. Case of Latin letters does not matter; % and _ are ordinary characters.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from desktop.store.fans import search_index

GRAM = 3  # characters an index entry holds; of longer texts the pieces are looked up, and then they are compared
MIN_PHONE_DIGITS = 3
MIN_ID_PART = 5  # shorter pieces are the end of very many numbers, and are typed as phone endings
SOME = 2_000  # numbers looked at one by one

TAGGED = "SELECT fan_id FROM fan_tag WHERE tag_id IN (SELECT value FROM json_each(:tagged))"
TAGS = "SELECT id FROM tag WHERE removed_at IS NULL AND name LIKE :part ESCAPE '\\'"
SAME_PHONE = (
    "SELECT id FROM fan WHERE phone IS NOT NULL AND substr(phone, -3) = :digits AND phone LIKE :phone"
)
SAME_ID = (
    "SELECT fan_id FROM identity WHERE platform <> 'phone'"
    " AND substr(external_id, -5) COLLATE NOCASE = :ending AND external_id LIKE :number ESCAPE '\\'"
)
SAME_ORDER = (
    'SELECT fan_id FROM "order" WHERE substr(order_no, -5) COLLATE NOCASE = :ending'
    " AND order_no LIKE :number ESCAPE '\\' AND fan_id IS NOT NULL"
)
INDEXED = "SELECT rowid FROM fan_index WHERE fan_index MATCH {query}"
CALLED = INDEXED.format(query=":called")
CALLED_LONG = (
    "SELECT w.fan_id FROM fan_index AS x JOIN fan_words AS w ON w.fan_id = x.rowid"
    " WHERE x.fan_index MATCH :called AND w.called LIKE :part ESCAPE '\\'"
)
SOUNDS = INDEXED.format(query=":sound")
SOUNDS_LONG = (
    "SELECT w.fan_id FROM fan_index AS x JOIN fan_words AS w ON w.fan_id = x.rowid"
    " WHERE x.fan_index MATCH :sound"
    " AND (w.pinyin LIKE :spelled ESCAPE '\\' OR w.initials LIKE :spelled ESCAPE '\\')"
)

# The same asked of one fan at a time: what a walk along an order asks of each.
IS_CALLED = (
    "EXISTS (SELECT 1 FROM fan_words AS w WHERE w.fan_id = fan.id AND w.called LIKE :part ESCAPE '\\')"
)
IS_SPELLED = "fan.pinyin LIKE :spelled ESCAPE '\\' OR fan.initials LIKE :spelled ESCAPE '\\'"
HAS_PHONE = "coalesce(fan.phone LIKE :phone, 0)"
HAS_ID = (
    "EXISTS (SELECT 1 FROM identity AS i WHERE i.fan_id = fan.id AND i.platform <> 'phone'"
    " AND i.external_id LIKE :number ESCAPE '\\')"
)
HAS_ORDER = (
    "EXISTS (SELECT 1 FROM \"order\" AS o WHERE o.fan_id = fan.id AND o.order_no LIKE :number ESCAPE '\\')"
)
HAS_TAG = (
    "EXISTS (SELECT 1 FROM fan_tag AS x WHERE x.fan_id = fan.id"
    " AND x.tag_id IN (SELECT value FROM json_each(:tagged)))"
)
BY_NUMBER = "SELECT value FROM json_each(:numbered)"


@dataclass(slots=True)
class Search:
    """A text as SQL. `among` are SELECTs of fan ids that index entries give (a fan may come twice);
    `holds` is the same as a condition on one row of fan."""

    among: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> str:
        """One SELECT of the ids of all that are meant."""
        return " UNION ALL ".join(self.among)

    @property
    def holds(self) -> str:
        """Whether a row of fan is meant; for texts that many carry."""
        return "(" + " OR ".join(self.asked) + ")"


def understood(conn: Any, text: str) -> Search | None:
    """What a text asks for, or None when it is blank."""
    wanted = unicodedata.normalize("NFC", text).strip()
    if not wanted:
        return None
    found = Search()
    found.parameters["part"] = f"%{escaped(wanted)}%"
    _name(wanted, found)
    spelled = spelled_form(wanted)
    if spelled:
        _sound(spelled, found)
    _numbers(conn, wanted, found)
    tagged = [row[0] for row in conn.execute(TAGS, found.parameters)]
    if tagged:
        found.among.append(TAGGED)
        found.asked.append(HAS_TAG)
        found.parameters["tagged"] = json.dumps(tagged)
    return found


def _numbers(conn: Any, wanted: str, found: Search) -> None:
    """Phones, ids and orders. Nearly always a handful have the number: then these are named at once."""
    ways: list[tuple[str, str]] = []
    digits = phone_digits(wanted)
    if digits:
        ways.append((SAME_PHONE, HAS_PHONE))
        found.parameters |= {"digits": digits[-3:], "phone": f"%{digits}"}
    if any(ch.isascii() and ch.isalnum() for ch in wanted):  # no id is written without one
        ways += [(SAME_ID, HAS_ID), (SAME_ORDER, HAS_ORDER)]
        number = escaped(wanted)
        found.parameters["number"] = f"%{number}" if len(wanted) >= MIN_ID_PART else number
        found.parameters["ending"] = wanted[-5:]
    named: set[int] = set()
    for among, asked in ways:
        ids = [row[0] for row in conn.execute(f"{among} LIMIT {SOME}", found.parameters)]
        if len(ids) < SOME:
            named.update(ids)
        else:
            found.among.append(among)
            found.asked.append(asked)
    if named:
        found.among.append(BY_NUMBER)
        found.asked.append(f"fan.id IN ({BY_NUMBER})")
        found.parameters["numbered"] = json.dumps(sorted(named))


def _name(wanted: str, found: Search) -> None:
    folded = folded_form(wanted)
    found.asked.append(IS_CALLED)
    found.among.append(CALLED if len(folded) <= GRAM else CALLED_LONG)
    found.parameters["called"] = " AND ".join(map(search_index.called, _pieces(folded)))


def _sound(spelled: str, found: Search) -> None:
    found.asked.append(IS_SPELLED)
    found.parameters["spelled"] = f"%{escaped(spelled)}%"
    found.among.append(SOUNDS if len(spelled) <= GRAM else SOUNDS_LONG)
    found.parameters["sound"] = " AND ".join(map(search_index.sounding, _pieces(spelled)))


def _pieces(text: str) -> list[str]:
    """What the index holds of a text; each sign once is enough."""
    if len(text) <= GRAM:
        return [text]
    starts = [*range(0, len(text) - GRAM, GRAM), len(text) - GRAM]
    return list(dict.fromkeys(text[at : at + GRAM] for at in starts))


def folded_form(text: str) -> str:
    """A to Z as small letters and nothing else changed, as SQLite's lower() and LIKE see it."""
    return re.sub("[A-Z]", lambda letter: letter.group().lower(), text)


def escaped(text: str) -> str:
    """Text with LIKE's own signs made ordinary."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def spelled_form(text: str) -> str:
    """Latin input as pinyin is stored: small letters and digits without blanks; '' for Chinese."""
    joined = re.sub(r"[\s'’]+", "", unicodedata.normalize("NFKC", text)).casefold()
    return joined if joined.isascii() and joined.isalnum() else ""


def phone_digits(text: str) -> str:
    """The digits when the text can be the end of a phone number, else ''."""
    digits = re.sub(r"[\s\-+()]", "", unicodedata.normalize("NFKC", text))
    if not (digits.isascii() and digits.isdigit()) or len(digits) < MIN_PHONE_DIGITS:
        return ""
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    return digits
