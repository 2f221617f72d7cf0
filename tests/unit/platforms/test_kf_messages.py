"""What customer service tells: every kind as words and facts, and nothing that breaks on strange ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.talks import Direction
from desktop.platforms.wecom.kf_messages import MAX_KIND, message

TOP = {"msgid": "m1", "open_kfid": "wk1", "external_userid": "wm1", "send_time": 1_800_000_000}


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text", {"content": "在吗", "menu_id": "7"}, "在吗"),
        ("location", {"name": "西湖", "address": "杭州", "latitude": 30.2}, "西湖 杭州"),
        ("link", {"title": "攻略", "url": "https://a.example"}, "攻略"),
        ("business_card", {"userid": "zhangsan"}, "zhangsan"),
        ("miniprogram", {"title": "点单", "appid": "wx1"}, "点单"),
        ("msgmenu", {"head_content": "选", "list": [{"type": "click", "click": {"content": "退"}}]}, "选\n退"),
        ("channels_shop_order", {"product_titles": "坚果", "order_id": "9"}, "坚果"),
        ("image", {"media_id": "x"}, ""),
        ("hologram", {"depth": 3, "inner": {"a": 1}}, ""),
    ],
)  # fmt: skip
def test_every_kind_is_kept(kind: str, body: dict[str, Any], text: str) -> None:
    record = message({**TOP, "origin": 3, "msgtype": kind, kind: body}, "wk1")
    assert record is not None
    assert (record.kind, record.text, record.direction) == (kind, text, Direction.IN)
    plain = {key: value for key, value in body.items() if not isinstance(value, dict | list)}
    plain.pop("content", None)
    assert dict(record.facts) == plain
    assert (record.person_id, record.at) == ("wm1", 1_800_000_000_000)


def test_ids_of_an_event_are_inside_it_and_codes_are_not_kept() -> None:
    body = {"event_type": "enter_session", "external_userid": "wm2", "welcome_code": "secret"}
    entry = {"msgid": "e1", "send_time": 5, "origin": 4, "msgtype": "event", "event": body}
    record = message(entry, "wk1")
    assert record is not None
    assert (record.person_id, record.kind, record.direction) == ("wm2", "enter_session", Direction.EVENT)
    assert "welcome_code" not in record.facts


def test_staff_on_the_phone() -> None:
    entry = {**TOP, "origin": 5, "servicer_userid": "li", "msgtype": "text", "text": {"content": "好的"}}
    record = message(entry, "wk1")
    assert record is not None
    assert (record.direction, record.staff_id) == (Direction.STAFF, "li")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("msgid", "send_time", "origin", "msgtype", "event", "text", "external_userid", "event_type")


@given(st.dictionaries(st.sampled_from(NAMES), json_values))
def test_nothing_strange_breaks_it(entry: dict[str, Any]) -> None:
    record = message(entry, "wk1")
    if record is not None:
        assert record.external_id
        assert 0 < len(record.kind) <= MAX_KIND
