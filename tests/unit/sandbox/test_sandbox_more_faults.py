"""Faults beyond the wire: statuses with a time to retry, drifted schemas, bodies that are hardly JSON."""

import email.utils
import json
import math
import time
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import Raw

PATH = "externalcontact/batch/get_by_user"
SEND = "externalcontact/add_msg_template"


def page(raw: Raw) -> httpx.Response:
    body = {"userid_list": ["chenhao"], "limit": 5}
    return raw.http.post(PATH, params={"access_token": raw.token}, json=body)


def test_every_known_code_can_be_scripted(raw: Raw) -> None:
    codes = raw.process.control("codes")["codes"]
    assert len(codes) > 120
    assert {"-1", "40014", "41063", "45009", "60020", "84061", "95018"} <= set(codes)
    raw.process.control("faults", {"faults": [{"kind": "errcode", "code": int(code)} for code in codes]})
    for code, text in codes.items():
        answer = page(raw).json()
        assert answer["errcode"] == int(code)
        assert answer["errmsg"].startswith(text)
        assert answer["external_contact_list"] == []
    assert page(raw).json()["errcode"] == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_statuses_before_and_after_executing(raw: Raw, status: int, when: str) -> None:
    raw.process.settings(settle_s=0)
    raw.process.fault("status", SEND, status=status, when=when)
    reply = raw.http.post(
        SEND, params={"access_token": raw.token}, json={"sender": "chenhao", "text": {"content": "x"}}
    )
    assert (reply.status_code, reply.content) == (status, b"")
    assert "retry-after" not in reply.headers
    assert len(raw.process.sent()) == (when == "after")


def test_time_to_retry_in_seconds_and_as_a_date(raw: Raw) -> None:
    raw.process.fault("status", PATH, status=429, retry_after_s=30)
    assert page(raw).headers["retry-after"] == "30"
    raw.process.control("clock", {"stop": True})
    raw.process.fault("status", PATH, status=503, retry_at_s=90)
    reply = page(raw)
    until = email.utils.parsedate_to_datetime(reply.headers["retry-after"])
    assert (until - email.utils.parsedate_to_datetime(reply.headers["date"])).total_seconds() == 90


def test_late_replies(raw: Raw) -> None:
    raw.process.fault("delay", PATH, seconds=0.3)
    begun = time.monotonic()
    assert page(raw).json()["errcode"] == 0
    assert time.monotonic() - begun >= 0.3


def test_refuse_looks_like_a_reset_on_one_path_only(raw: Raw) -> None:
    raw.process.fault("refuse", PATH)
    with pytest.raises(httpx.ReadError):
        page(raw)
    assert raw.get("externalcontact/get_follow_user_list")["errcode"] == 0


def test_renamed_and_retyped_fields(raw: Raw) -> None:
    raw.process.fault("rename_fields", PATH, fields={"external_userid": "external_id"})
    contact = page(raw).json()["external_contact_list"][0]["external_contact"]
    assert "external_userid" not in contact
    assert contact["external_id"].startswith("w")
    raw.process.fault("retype_fields", PATH, fields=["createtime", "name", "tag_id"])
    row = page(raw).json()["external_contact_list"][0]
    assert isinstance(row["follow_info"]["createtime"], str)
    assert isinstance(row["external_contact"]["name"], list)
    assert row["follow_info"]["tag_id"] is None


def test_numbers_that_are_none(raw: Raw) -> None:
    raw.process.fault("nan", PATH)
    assert math.isnan(page(raw).json()["brand_new_number"])
    raw.process.fault("nan", PATH, fields=["createtime"])
    assert b'"createtime":NaN' in page(raw).content


@pytest.mark.parametrize(
    ("kind", "args"), [("cut_json", {}), ("empty_body", {}), ("gbk", {}), ("deep_json", {"depth": 200_000})]
)
def test_bodies_that_are_hardly_json(raw: Raw, kind: str, args: dict[str, Any]) -> None:
    raw.process.fault(kind, PATH, **args)
    reply = page(raw)
    assert reply.status_code == 200
    with pytest.raises((ValueError, RecursionError)):
        json.loads(reply.content)
    assert page(raw).json()["errcode"] == 0


def test_duplicate_keys_after_a_write(raw: Raw) -> None:
    raw.process.settings(settle_s=0)
    raw.process.fault("duplicate_key", SEND, code=-1)
    reply = raw.http.post(
        SEND, params={"access_token": raw.token}, json={"sender": "chenhao", "text": {"content": "x"}}
    )
    assert reply.text.count('"errcode"') == 2
    assert len(raw.process.sent()) == 1


def test_looping_pulls(raw: Raw) -> None:
    kfid = raw.post("kf/account/list")["account_list"][0]["open_kfid"]
    raw.process.fault("endless_cursor", "kf/sync_msg", count=3)
    pulls = [raw.post("kf/sync_msg", open_kfid=kfid) for _ in range(3)]
    assert [row["has_more"] for row in pulls] == [1, 1, 1]
    assert len({row["next_cursor"] for row in pulls}) == 3
    assert all(row["msg_list"] == [] for row in pulls)


def test_debug_calls_and_wrong_secrets_are_counted(raw: Raw) -> None:
    raw.process.control("clock", {"stop": True})
    query = {"debug": "1"}
    codes = [raw.get("externalcontact/get_follow_user_list", **query)["errcode"] for _ in range(6)]
    assert codes == [0] * 5 + [45009]
    raw.process.settings(wrong_secrets_per_hour=2)
    token, raw.token = raw.token, ""
    answers = [raw.get("gettoken", corpid=raw.process.corpid, corpsecret="x")["errcode"] for _ in range(3)]
    assert answers == [40001, 40001, 45009]
    right = {"corpid": raw.process.corpid, "corpsecret": raw.process.corpsecret}
    assert raw.get("gettoken", **right)["errcode"] == 45009
    raw.process.advance(3601)
    assert raw.get("gettoken", **right)["access_token"] == token
