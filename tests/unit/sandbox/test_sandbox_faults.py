"""Each scripted fault gives the client the symptom it is named after."""

import asyncio
import contextlib
import time
from typing import Any

import httpx
import pytest

from tests.sandbox_process import ControlRefused, SandboxProcess
from tests.unit.sandbox.conftest import Raw

PATH = "externalcontact/get_follow_user_list"
SEND = "externalcontact/add_msg_template"


def call(raw: Raw, timeout: float = 5.0) -> httpx.Response:
    return raw.http.get(PATH, params={"access_token": raw.token}, timeout=timeout)


@pytest.mark.parametrize(
    ("kind", "args", "symptom"),
    [
        ("reset", {}, httpx.ReadError),
        ("close", {}, httpx.RemoteProtocolError),
        ("half_body", {}, httpx.RemoteProtocolError),
        ("wrong_length", {}, httpx.RemoteProtocolError),
        ("garbage", {}, httpx.RemoteProtocolError),
        ("endless_headers", {"pause": 0.0}, httpx.RemoteProtocolError),
        ("hang", {"seconds": 5}, httpx.ReadTimeout),
        ("slow_drip", {}, httpx.ReadTimeout),
    ],
)
def test_wire_faults(raw: Raw, kind: str, args: dict[str, Any], symptom: type[Exception]) -> None:
    raw.process.fault(kind, PATH, **args)
    with pytest.raises(symptom):
        call(raw, timeout=0.4)
    assert call(raw).json()["errcode"] == 0  # one call only


@pytest.mark.parametrize(
    "kind", ["reset", "close", "half_body", "hang", "garbage", "status", "html", "errcode"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_write_is_executed_or_not_as_scripted(raw: Raw, kind: str, when: str) -> None:
    raw.process.settings(settle_s=0)
    raw.process.fault(kind, SEND, when=when, seconds=2, code=-1)
    external = raw.everybody()[0]["external_contact"]["external_userid"]
    body = {"external_userid": [external], "text": {"content": "你好"}}
    with contextlib.suppress(httpx.TransportError):
        raw.http.post(SEND, params={"access_token": raw.token}, json=body, timeout=0.4)
    executed = when == "after" or kind == "half_body"  # half a body needs a whole one
    assert len(raw.process.sent()) == int(executed)
    assert raw.process.calls(SEND)[-1]["executed"] is executed


def test_refused_connections(raw: Raw) -> None:
    raw.process.control("listen", {"refuse_s": 0.5})
    with pytest.raises(httpx.ConnectError):
        httpx.get(raw.process.base_url, trust_env=False)
    time.sleep(0.8)
    assert httpx.get(raw.process.base_url + "/nothing", trust_env=False).status_code == 404


def test_http_statuses_with_headers(raw: Raw) -> None:
    raw.process.fault("status", PATH, status=429, headers={"retry-after": "7"}, body="slow down")
    reply = call(raw)
    assert (reply.status_code, reply.headers["retry-after"], reply.text) == (429, "7", "slow down")
    raw.process.fault("status", PATH, status=302, headers={"location": "https://example.invalid/"})
    assert call(raw).status_code == 302


def test_bodies(raw: Raw) -> None:
    raw.process.fault("html", PATH)
    assert call(raw).text.startswith("<!DOCTYPE html>")
    raw.process.fault("body", PATH, body='{"errcode":"0"}')
    assert call(raw).json() == {"errcode": "0"}
    raw.process.fault("gzip_bomb", PATH, megabytes=2)
    assert len(call(raw).content) == 2_000_000
    raw.process.fault("duplicate_key", PATH, code=45009)
    assert call(raw).text.count('"errcode"') == 2
    raw.process.fault("errmsg", PATH, errmsg="ok. Warning: wrong json format.")
    assert "wrong json" in call(raw).json()["errmsg"]


def test_error_code_and_token_death_hit_the_scripted_call_only(raw: Raw) -> None:
    raw.process.fault("errcode", PATH, code=45009, nth=2)
    assert [call(raw).json()["errcode"] for _ in range(3)] == [0, 45009, 0]
    raw.process.fault("token_death", "*", nth=3)
    assert [call(raw).json()["errcode"] for _ in range(4)] == [0, 0, 40014, 40014]


def test_for_ever_until_removed(raw: Raw) -> None:
    raw.process.fault("errcode", PATH, code=-1, count=0)
    assert [call(raw).json()["errcode"] for _ in range(3)] == [-1, -1, -1]
    raw.process.clear_faults()
    assert call(raw).json()["errcode"] == 0


def test_matching_by_body(raw: Raw) -> None:
    raw.process.fault("errcode", "externalcontact/groupchat/*", code=-1, body_contains='"limit": 7')
    assert raw.post("externalcontact/groupchat/list", limit=6)["errcode"] == 0
    assert raw.post("externalcontact/groupchat/list", limit=7)["errcode"] == -1


def test_spoilt_listings(raw: Raw) -> None:
    path = "externalcontact/batch/get_by_user"

    def page() -> dict[str, Any]:
        return raw.post(path, userid_list=raw.staff(), limit=30)

    good = page()
    ids = [row["external_contact"]["external_userid"] for row in good["external_contact_list"]]

    def spoilt(kind: str, **args: Any) -> list[str]:
        raw.process.fault(kind, path, **args)
        return [row["external_contact"]["external_userid"] for row in page()["external_contact_list"]]

    assert spoilt("reorder") == ids[::-1]
    assert spoilt("duplicates") == ids + ids[:3]
    assert len(spoilt("vanish", every=3)) == 20
    assert spoilt("vanish_all") == []
    raw.process.fault("looping_cursor", path, count=2)
    assert page()["next_cursor"] == page()["next_cursor"] != ""
    raw.process.fault("endless_cursor", path, count=2)
    assert page()["next_cursor"] != page()["next_cursor"]
    raw.process.fault("drift", path)
    drifted = page()["external_contact_list"][0]
    assert drifted["external_contact"]["type"] == 987
    assert "brand_new_field" in drifted["follow_info"]
    raw.process.fault("string_numbers", path)
    assert isinstance(page()["external_contact_list"][0]["follow_info"]["createtime"], str)
    raw.process.fault("missing_fields", path, fields=["name", "follow_info"])
    bare = page()["external_contact_list"][0]
    assert set(bare) == {"external_contact"}
    assert "name" not in bare["external_contact"]
    assert page() == good


def test_frequency_block_lasts_as_long_as_the_window(raw: Raw) -> None:
    raw.process.control("clock", {"stop": True})
    raw.process.settings(calls_per_minute=3)
    assert [call(raw).json()["errcode"] for _ in range(5)] == [0, 0, 0, 45009, 45009]
    raw.process.advance(59)
    assert call(raw).json()["errcode"] == 45009
    raw.process.advance(2)
    assert call(raw).json()["errcode"] == 0


async def test_concurrency_is_counted(shared_sandbox: SandboxProcess) -> None:
    raw = Raw(shared_sandbox)
    raw.login()
    raw.http.close()
    shared_sandbox.settings(latency_s=0.2, max_in_flight=2)
    url = shared_sandbox.wecom_base_url + "/cgi-bin/externalcontact/list"
    async with httpx.AsyncClient(trust_env=False) as http:
        query = {"access_token": raw.token, "userid": "chenhao"}
        replies = await asyncio.gather(*(http.get(url, params=query) for _ in range(5)))
    assert sorted(reply.json()["errcode"] for reply in replies) == [0, 0, 45033, 45033, 45033]


def test_bad_scripts_are_told(raw: Raw) -> None:
    with pytest.raises(ControlRefused, match="unknown kind"):
        raw.process.fault("earthquake")
    with pytest.raises(ControlRefused, match="unknown settings"):
        raw.process.settings(nonsense=1)
