"""Pairs of fans that may be one person: what they share is looked for, never every pair with every other.

Everything is read in the order of what is shared, so that memory holds one shared thing at a time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations, groupby
from typing import Any

from desktop.domain.identity import ADDED, MINUTE_MS
from desktop.domain.matching import clues
from desktop.domain.matching.clues import Candidate, Clue, Found, Shares
from desktop.domain.tasks import CancelToken, Progress
from desktop.store.fans.fans import chunks
from desktop.store.fans.living import GONE
from desktop.store.matching import parcels, refusals, texts

CROWD = 5  # a number or an id that more people share names none of them
Pairs = dict[tuple[int, int], list[Found]]

UNIONS = """
SELECT a.fan_id, b.fan_id FROM match_union AS u
    JOIN identity AS a ON a.id = u.identity_id JOIN identity AS b ON b.id = u.other_id
WHERE a.fan_id <> b.fan_id
"""
# A list of the console came in before its account was connected: its customers have the key `added_key` makes.
ANY_LISTED = f"SELECT 1 FROM identity WHERE platform = 'file' AND scope = '{ADDED}' LIMIT 1"
LISTED = f"""
SELECT listed.fan_id, i.fan_id, s.external_id || ' · ' || i.name
FROM follow AS f JOIN identity AS i ON i.id = f.identity_id JOIN staff AS s ON s.id = f.staff_id
JOIN identity AS listed ON listed.platform = 'file' AND listed.scope = '{ADDED}'
    AND listed.external_id = s.external_id || '|' || (f.followed_at / {MINUTE_MS}) || '|' || i.name
WHERE f.followed_at IS NOT NULL AND listed.fan_id <> i.fan_id
"""
# Short codes are counters of a file; each drop has codes of its own.
COUPONS = f"""
SELECT code, json_group_array(DISTINCT fan_id) FROM drop_claim
WHERE code <> '' AND length(code) >= 8 AND fan_id IS NOT NULL
GROUP BY code, drop_id HAVING count(DISTINCT fan_id) BETWEEN 2 AND {CROWD}
"""
# Where a fan's number is from: their key or what staff noted; shown with the fan; only on a parcel.
OWN, SHOWN, SENT = 2, 1, 0
PHONES = f"""
SELECT phone, fan_id, max(whose = {OWN}), max(whose = {SHOWN}), sum(whose = {SENT}) FROM (
    SELECT external_id AS phone, fan_id, {OWN} AS whose FROM identity WHERE platform = 'phone'
    UNION ALL SELECT noted.value, i.fan_id, {OWN} FROM follow AS f JOIN identity AS i ON i.id = f.identity_id
        JOIN json_each(f.mobiles) AS noted
    UNION ALL SELECT phone, id, {SHOWN} FROM fan WHERE phone IS NOT NULL
    UNION ALL SELECT json_extract(receiver, '$.phone'), fan_id, {SENT} FROM "order"
        WHERE fan_id IS NOT NULL AND json_extract(receiver, '$.phone_kind') = 'plain'
    UNION ALL SELECT said.value ->> 0, said.value ->> 1, {OWN} FROM json_each(:noted) AS said
) GROUP BY phone, fan_id ORDER BY phone
"""
WITH_PHONE = (
    "SELECT count(*) FROM \"order\" WHERE fan_id = ? AND json_extract(receiver, '$.phone_kind') = 'plain'"
)
NAMES = """
SELECT id, name FROM fan WHERE id IN ({marks}) AND name <> ''
UNION SELECT fan_id, name FROM identity WHERE fan_id IN ({marks}) AND name <> ''
"""
NAMED = "SELECT name, count(*) FROM fan WHERE name IN (SELECT value FROM json_each(?)) GROUP BY name"
KEYS = "SELECT fan_id, platform, scope, external_id FROM identity WHERE fan_id IN ({marks})"
STEPS = ("told", "phones", "parcels", "against")


def find(conn: Any, progress: Progress, cancel: CancelToken) -> list[Candidate]:
    """All pairs that something proves, most probable first; what the owner refused is left out.

    Raises CancelledByOperatorError.
    """
    people = conn.execute("SELECT count(*) FROM fan").fetchone()[0]
    shares, pairs = Shares(people), Pairs()

    def step(place: int) -> None:
        cancel.check()
        progress(STEPS[place], place, len(STEPS))

    step(0)
    for one, other in conn.execute(UNIONS).fetchall():
        _add(pairs, one, other, clues.sure(Clue.UNION, shares))
    if conn.execute(ANY_LISTED).fetchone():
        for one, other, shown in conn.execute(LISTED).fetchall():
            _add(pairs, one, other, clues.sure(Clue.ADDED, shares, shown))
    told = texts.told(conn)
    for one, other, clue, shown in texts.named(conn, told):
        _add(pairs, one, other, clues.sure(clue, shares, shown))
    for code, fans in conn.execute(COUPONS).fetchall():
        _among(pairs, json.loads(fans), Clue.COUPON, shares, code)
    step(1)
    _phones(conn, texts.phones(told), shares, pairs)
    step(2)
    for one, other, found in parcels.shared(conn, shares, cancel):
        _add(pairs, one, other, found)
    step(3)
    return _judged(conn, shares, pairs)


def _add(pairs: Pairs, one: int, other: int, found: Found) -> None:
    if one != other:
        pairs.setdefault((min(one, other), max(one, other)), []).append(found)


def _among(pairs: Pairs, fans: Sequence[int], clue: Clue, shares: Shares, shown: str) -> None:
    for one, other in combinations(fans, 2):
        _add(pairs, one, other, clues.sure(clue, shares, shown, len(fans)))


def _phones(conn: Any, noted: Iterable[tuple[str, int]], shares: Shares, pairs: Pairs) -> None:
    """People with one number: theirs on both sides, or theirs and the one that parcels of the other go to."""
    rows = conn.execute(PHONES, {"noted": json.dumps(list(noted))})
    for phone, group in groupby(rows, key=lambda row: row[0]):
        own: list[int] = []
        parcels: dict[int, int] = {}
        for _, fan_id, is_own, is_shown, is_sent in group:
            if is_own or (is_shown and not is_sent):
                own.append(fan_id)
            else:
                parcels[fan_id] = is_sent
        if not own or len(own) + len(parcels) > CROWD:
            continue
        sent = [fan_id for fan_id, n in parcels.items() if 2 * n >= _parcels(conn, fan_id)]
        _among(pairs, own, Clue.PHONE, shares, phone)
        for one in own:
            for other in sent:
                _add(pairs, one, other, clues.sure(Clue.PHONE_SENT, shares, phone, len(own) + len(sent)))


def _parcels(conn: Any, fan_id: int) -> int:
    """How many parcels of a fan went to a known number."""
    return int(conn.execute(WITH_PHONE, (fan_id,)).fetchone()[0])


def _judged(conn: Any, shares: Shares, pairs: Pairs) -> list[Candidate]:
    fans = {fan_id for pair in pairs for fan_id in pair}
    for row in conn.execute(GONE).fetchall():
        fans.discard(row[0])
    names, keys = _by_fan(conn, NAMES, fans), _by_fan(conn, KEYS, fans)
    shared = {
        pair: {name for (name,) in names[pair[0]] & names[pair[1]] if len(name) > 1}
        for pair in pairs
        if fans.issuperset(pair)
    }
    wanted = sorted(set().union(*shared.values()))
    named = dict(tuple(row) for row in conn.execute(NAMED, (json.dumps(wanted),)).fetchall())
    refused = refusals.by_pair(conn)
    found = []
    for pair, common in shared.items():
        told = [*pairs[pair], *_differences(keys[pair[0]], keys[pair[1]])]
        told += [clues.nickname(shares, name, named.get(name, 1)) for name in common]
        candidate = clues.candidate(*pair, told, shares)
        if candidate is not None and not candidate.marks <= refused.get(pair, frozenset()):
            found.append(candidate)
    return sorted(found, key=lambda one: (-one.probability, one.fan_id, one.other_id))


def _by_fan(conn: Any, statement: str, fans: Collection[int]) -> defaultdict[int, set[tuple[str, ...]]]:
    found: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
    for marks, portion in chunks(sorted(fans)):
        values = portion * statement.count("{marks}")
        for row in conn.execute(statement.format(marks=marks), values):
            found[row[0]].add(tuple(row)[1:])
    return found


def _differences(mine: set[tuple[str, ...]], theirs: set[tuple[str, ...]]) -> Iterator[Found]:
    """What both have of one kind without having it in common."""
    places = {key[:2] for key in mine} & {key[:2] for key in theirs}
    differ = {key[0] for key in places if not {k for k in mine if k[:2] == key} & theirs}
    if "wechat_union" in differ:
        yield clues.against(Clue.UNIONS_DIFFER)
    if "phone" in differ:
        yield clues.against(Clue.PHONES_DIFFER)
    if differ - {"wechat_union", "phone"}:
        yield clues.against(Clue.IDS_DIFFER)
