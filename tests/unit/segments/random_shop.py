"""Random rules and random shops for tests of audiences."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from hypothesis import strategies as st

from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.segments import conditions as kinds
from desktop.domain.segments.facts import AsOf
from tests.fakes import ZONE
from tests.unit import shopfloor

NOW = shopfloor.at("2026-11-20", 15)
DAY = 86_400_000
AS_OF = AsOf(NOW, ZONE)
ITEMS = ("酱香白酒", "Tea 礼盒", "tea 小罐", "挂面")

PHONES = (
    "139{:08d}", "+86 139-{:08d}", " 139{:08d} ", "", "0571{:08d}", "139****{:04d}", "+8 6139{:08d}"
)  # fmt: skip
days = st.none() | st.integers(1, 400)
number = st.integers(0, 5)


@st.composite
def spans(draw: Any, scale: int = 1) -> dict[str, Any]:
    least, most = draw(st.none() | number), draw(st.none() | number)
    if least is None and most is None:
        least = draw(number)
    if least is not None and most is not None and least > most:
        least, most = most, least
    span = {"least": least, "most": most}
    return {k: v * scale for k, v in span.items() if v is not None} | {"days": draw(days)}


def chosen(values: Any, most: int = 3) -> Any:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=most, unique=True)


match = st.sampled_from(kinds.MATCHES)
dates = st.dates(min_value=date(2025, 1, 1), max_value=date(2027, 1, 1))


@st.composite
def dated(draw: Any) -> dict[str, Any]:
    what = draw(st.sampled_from([m.value for m in kinds.Moment]))
    way = draw(st.sampled_from(["within", "not_since", "never", "between"]))
    rule: dict[str, Any] = {"is": "date", "what": what, "way": way}
    if way in ("within", "not_since"):
        rule["days"] = draw(st.integers(1, 400))
    if way == "between":
        first, last = sorted([draw(dates), draw(dates)])
        rule |= {"start": first.isoformat(), "end": last.isoformat()}
    return rule


leaf = st.one_of(
    chosen(Tier).map(lambda v: {"is": "tier", "tiers": [str(t) for t in v]}),
    st.builds(lambda v, m: {"is": "tags", "tags": v, "match": m}, chosen(range(1, 6)), match),
    st.builds(lambda v, m: {"is": "groups", "groups": v, "match": m}, chosen(range(1, 4)), match),
    st.builds(
        lambda v, m: {"is": "platforms", "platforms": v, "match": m},
        chosen(("wecom", "douyin", "youzan", "phone")),
        match,
    ),
    chosen(kinds.CONSENTS).map(lambda v: {"is": "consent", "consents": v}),
    st.booleans().map(lambda v: {"is": "suppressed", "value": v}),
    st.booleans().map(lambda v: {"is": "phone", "value": v}),
    spans().map(lambda s: {"is": "orders", **s}),
    spans(2_000).map(lambda s: {"is": "spend", **s}),
    st.builds(
        lambda s, w: {"is": "bought", "words": w, **s}, spans(), st.sampled_from(["TEA", "酒", "没有"])
    ),
    st.builds(
        lambda s, k: {"is": "interactions", "kinds": [str(x) for x in k], **s},
        spans(),
        st.just([]) | chosen(InteractionKind),
    ),
    spans().map(lambda s: {"is": "reached", **s}),
    chosen(kinds.DOMAINS).map(lambda v: {"is": "source", "domains": v}),
    chosen(kinds.ORIGINS).map(lambda v: {"is": "origin", "origins": v}),
    st.builds(
        lambda w, p, d: {"is": "said", "words": w, "places": p, **({"days": d} if d else {})},
        st.sampled_from(["团购", "VIP", "没有"]),
        chosen(kinds.PLACES, 2),
        days,
    ),
    dated(),
)
random_rules = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


def fill(tx: Any, seed: int, fans: int = 60) -> None:
    """A small shop with everything conditions look at."""
    chance = random.Random(seed)
    groups = [shopfloor.group(tx, f"群{n}") for n in range(3)]
    members = []
    for n in range(fans):
        platform = chance.choice(("wecom", "douyin", "youzan"))
        fan_id = shopfloor.fan(
            tx,
            f"客{n}",
            key=(platform, "s", f"x{n}"),
            phone=f"139{n:08d}" if chance.random() < 0.3 else None,
            seen=NOW - chance.randrange(500 * DAY),
        )
        members.append(fan_id)
        tx.db.execute(
            "UPDATE fan SET tier = ?, marketing = ?, phone = ? WHERE id = ?",
            (
                str(chance.choice(list(Tier))),
                chance.choice(kinds.CONSENTS),
                chance.choice(PHONES).format(n),
                fan_id,
            ),
        )
        for _ in range(chance.choice((0, 0, 1, 2, 5))):
            shopfloor.order(
                tx,
                fan_id,
                NOW - chance.randrange(450 * DAY),
                chance.choice((1_000, 2_000, 5_000)),
                refund=chance.choice((0, 0, 1_000)),
                status=chance.choice(("done", "done", "closed", "paid")),
                items=tuple(chance.sample(ITEMS, chance.randrange(3))),
            )
        for _ in range(chance.choice((0, 1, 3))):
            row = shopfloor.touch(
                tx,
                fan_id,
                str(chance.choice(list(InteractionKind))),
                NOW - chance.randrange(450 * DAY),
                chance.choice((1, 2)),
            )
            tx.db.execute(
                "UPDATE interaction SET domain = ? WHERE id = ?", (chance.choice(kinds.DOMAINS), row)
            )
        if chance.random() < 0.2:
            tx.db.execute(
                "INSERT INTO suppression (fan_id, channel, at) VALUES (?, ?, ?)",
                (fan_id, chance.choice(("", "wecom")), NOW),
            )
        identity = tx.db.execute("SELECT min(id) FROM identity WHERE fan_id = ?", (fan_id,)).fetchone()[0]
        for group_id in chance.sample(groups, chance.randrange(3)):
            tx.db.execute(
                "INSERT INTO group_member (group_id, external_id, kind, identity_id, left_at)"
                " VALUES (?, ?, 'fan', ?, ?)",
                (group_id, f"m{n}", identity, NOW if chance.random() < 0.2 else None),
            )
    for n in range(5):
        shopfloor.tag(tx, f"标签{n}", chance.sample(members, fans // 3))
    tx.db.execute("UPDATE fan SET removed_at = ? WHERE id = ?", (NOW, members[0]))
    tx.db.execute("UPDATE identity SET removed_at = ? WHERE fan_id = ?", (NOW, members[1]))
    account = shopfloor.account(tx)
    speak(tx, random.Random(seed), members, account)
    outbox = tx.db.execute(
        "INSERT INTO outbox (uid, account_id, kind, entity, entity_id, state, payload, payload_sha256, order_key,"
        " not_before, hold_until, confirmed_at, confirmed_by, device_id, updated_at)"
        " VALUES (?, ?, 'wecom.mass_send.single', 'post', 1, 'done', '{}', '', 'k', 0, 0, 0, 'o', 'd', 0)",
        (tx.new_uid(), account),
    ).lastrowid
    for n, fan_id in enumerate(chance.sample(members, fans // 2)):
        identity = tx.db.execute("SELECT max(id) FROM identity WHERE fan_id = ?", (fan_id,)).fetchone()[0]
        tx.db.execute(
            "INSERT INTO delivery (outbox_id, target_kind, target_external_id, identity_id, status, sent_at,"
            " updated_at) VALUES (?, 'fan', ?, ?, ?, ?, 0)",
            (
                outbox,
                f"t{n}",
                identity,
                chance.choice(("sent", "sent", "planned")),
                NOW - chance.randrange(90 * DAY),
            ),
        )


def speak(tx: Any, chance: random.Random, members: list[int], account: int) -> None:
    """Notes, remarks and messages, some with words that rules look for."""
    texts = ("想团购十箱", "vip 老客", "", "问价格")
    desk = tx.db.execute(
        "INSERT INTO desk (account_id, external_id, name) VALUES (?, 'kf1', '客服')", (account,)
    ).lastrowid
    for n, fan_id in enumerate(chance.sample(members, len(members) // 2)):
        tx.db.execute("UPDATE fan SET note = ? WHERE id = ?", (chance.choice(texts), fan_id))
        origin = chance.choice(("sync:a", "import:b", "operator"))
        tx.db.execute("UPDATE identity SET origin = ? WHERE fan_id = ?", (origin, fan_id))
        identity = tx.db.execute("SELECT min(id) FROM identity WHERE fan_id = ?", (fan_id,)).fetchone()[0]
        talk = tx.db.execute(
            "INSERT INTO conversation (uid, desk_id, external_id, identity_id, last_at) VALUES (?, ?, ?, ?, ?)",
            (tx.new_uid(), desk, f"c{n}", identity, NOW),
        ).lastrowid
        for at in range(chance.randrange(3)):
            tx.db.execute(
                "INSERT INTO message (conversation_id, external_id, direction, kind, text, at)"
                " VALUES (?, ?, ?, 'text', ?, ?)",
                (
                    talk,
                    f"m{at}",
                    chance.choice(("in", "out")),
                    chance.choice(texts),
                    NOW - chance.randrange(450 * DAY),
                ),
            )
