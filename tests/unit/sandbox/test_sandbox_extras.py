"""Albums, word rules, acquisition links, media in parts, ids, another platform beside WeCom."""

from typing import Any

import httpx
import pytest

from desktop.sandbox.calls import Act, Answer, Call, Doc
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.platforms import PLATFORMS
from desktop.sandbox.server import greeting, make_app
from desktop.sandbox.stage import Stage
from desktop.sandbox.world.size import WorldSize
from tests.unit.sandbox.conftest import Raw

E = "externalcontact/"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def test_albums(raw: Raw) -> None:
    album = raw.upload("media/upload_attachment", PNG, media_type="image", attachment_type=2)["media_id"]
    message = raw.upload("media/upload", PNG, type="image")["media_id"]

    def body(**more: Any) -> dict[str, Any]:
        part = {"type": "image", "image": {"media_id": album}}
        return {"description": "坚果", "price": 2990, "attachments": [part], **more}

    add = E + "add_product_album"
    assert raw.post(add, **body(price=0))["errcode"] == 41085
    assert raw.post(add, **body(product_sn="有汉字"))["errcode"] == 41073
    assert raw.post(add, **body(attachments=[]))["errcode"] == 41087
    wrong = [{"type": "image", "image": {"media_id": message}}]
    assert raw.post(add, **body(attachments=wrong))["errcode"] == 41072
    product = raw.post(add, **body(product_sn="sn1"))["product_id"]
    assert (
        raw.post(E + "update_product_album", product_id=product, **body(description="肉脯"))["errcode"] == 0
    )
    assert raw.post(E + "get_product_album", product_id=product)["product"]["description"] == "肉脯"
    (row,) = raw.post(E + "get_product_album_list")["product_list"]
    assert "create_time" not in row
    assert raw.post(E + "delete_product_album", product_id=product)["errcode"] == 0
    assert raw.post(E + "get_product_album", product_id=product)["errcode"] == 41075


def test_word_rules(raw: Raw) -> None:
    good: dict[str, Any] = {
        "rule_name": "返现",
        "word_list": ["返现"],
        "intercept_type": 1,
        "applicable_range": {"user_list": ["chenhao"]},
    }
    add = E + "add_intercept_rule"
    spoilt: list[tuple[dict[str, Any], int]] = [
        ({"word_list": ["长" * 33]}, 41083), ({"rule_name": ""}, 41076), ({"intercept_type": 5}, 41084),
        ({"applicable_range": {}}, 41071), ({"word_list": ["x"] * 301}, 41069),
    ]  # fmt: skip
    for change, code in spoilt:
        assert raw.post(add, **(good | change))["errcode"] == code
    rule_id = raw.post(add, **good)["rule_id"]
    assert isinstance(rule_id, str)
    assert raw.post(add, **good)["errcode"] == 41077
    change = {"add_applicable_range": {"user_list": ["wu_min"]}, "extra_rule": {"semantics_list": [3]}}
    assert raw.post(E + "update_intercept_rule", rule_id=rule_id, **change)["errcode"] == 0
    rule = raw.post(E + "get_intercept_rule", rule_id=rule_id)["rule"]
    assert rule["rule_id"] == int(rule_id)
    assert rule["applicable_range"]["user_list"] == ["chenhao", "wu_min"]
    assert rule["extra_rule"] == {"semantics_list": [3]}
    assert raw.post(E + "del_intercept_rule", rule_id=rule_id)["errcode"] == 0
    assert raw.get(E + "get_intercept_rule_list")["rule_list"] == []


def test_acquisition_links(raw: Raw) -> None:
    base = E + "customer_acquisition"
    assert raw.post(base + "/create_link", link_name="直播")["errcode"] == 40063
    link = raw.post(base + "/create_link", link_name="直播", range={"user_list": ["chenhao"]})["link"]
    raw.post(base + "/update_link", link_id=link["link_id"], link_name="直播间")
    assert raw.post(base + "/get", link_id=link["link_id"])["link"]["link_name"] == "直播间"
    came = raw.process.play("new_customers", count=2, userid="chenhao", state=link["link_id"], add_way=16)
    rows = raw.post(base + "/customer", link_id=link["link_id"])["customer_list"]
    assert [row["external_userid"] for row in rows] == came["external_userids"]
    assert raw.post(base + "_quota")["balance"] == 998
    assert raw.post(base + "/delete_link", link_id=link["link_id"])["errcode"] == 0
    assert raw.post(base + "/list_link")["link_id_list"] == []


def test_media_in_parts(raw: Raw) -> None:
    media_id = raw.upload("media/upload", PNG, type="image")["media_id"]
    query = {"access_token": raw.token, "media_id": media_id}
    part = raw.http.get("media/get", params=query, headers={"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    assert part.headers["content-range"] == f"bytes 1-3/{len(PNG)}"


def test_a_part_with_another_name_does_not_count(raw: Raw) -> None:
    query = {"access_token": raw.token, "type": "image"}
    reply = raw.http.post("media/upload", params=query, files={"file": ("a.png", PNG)})
    assert reply.json()["errcode"] == 44001


def test_ids_of_other_systems(raw: Raw) -> None:
    rows = [row["external_contact"] for row in raw.everybody()]
    known = next(row for row in rows if "unionid" in row)
    found = raw.post(E + "unionid_to_external_userid", unionid=known["unionid"])
    assert found["external_userid"] == known["external_userid"]
    assert raw.post(E + "unionid_to_external_userid", unionid="o" + "x" * 27)["errcode"] == 84061
    raw.process.play("rename_customer", external_userid=known["external_userid"], unionid="oNEW")
    assert raw.post(E + "unionid_to_external_userid", unionid=known["unionid"])["errcode"] == 84061
    assert raw.post(E + "unionid_to_external_userid", unionid="oNEW")["errcode"] == 0
    of_wecom = next(row for row in rows if row["type"] == 2)["external_userid"]
    assert raw.post(E + "convert_to_openid", external_userid=known["external_userid"])["openid"]
    assert raw.post(E + "convert_to_openid", external_userid=of_wecom)["errcode"] == 41056


def test_contact_list_has_everybody_once_per_staff_and_once_per_group(raw: Raw) -> None:
    rows = raw.pages(E + "contact_list", "info_list", limit=50)
    by_staff = [row for row in rows if "follow_userid" in row]
    by_group = [row for row in rows if "chat_id" in row]
    assert len(by_staff) == len(raw.everybody())
    assert len(by_staff) + len(by_group) == len(rows)
    assert {row["is_customer"] for row in by_group} == {True, False}
    assert all(("external_userid" in row) == row["is_customer"] for row in rows)


def test_unassigned_customers_by_page_number(raw: Raw) -> None:
    raw.process.settings(uneven_pages=False)
    raw.process.play("staff_resigns", userid="chenhao")
    whole = raw.pages(E + "get_unassigned_list", "info", page_size=10)
    second = raw.post(E + "get_unassigned_list", page_id=1, page_size=10)
    assert second["info"] == whole[10:20]
    assert second["is_last"] is False
    assert raw.post(E + "get_unassigned_list", page_id=50, page_size=1000)["errcode"] == 40058


class OtherPlatform:
    """The least a platform has to be."""

    name = "elsewhere"

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        self.seed = size.seed
        self.resets = 0

    async def answer(self, call: Call) -> Answer:
        return Answer({"path": call.path, "seed": self.seed}, executed=True)

    def refuse(self, call: Call, code: int, text: str) -> Answer:
        return Answer({"code": code})

    def kill_tokens(self) -> None:
        self.seed = -1

    def credentials(self) -> dict[str, str]:
        return {"app_key": "k"}

    def reset(self) -> None:
        self.resets += 1

    def describe(self) -> Doc:
        return {"resets": self.resets}

    def controls(self) -> dict[tuple[str, str], Act]:
        return {("POST", "/act"): lambda doc: {"did": doc["what"]}}


@pytest.fixture
def two_platforms() -> httpx.AsyncClient:
    stage = Stage(WorldSize(fans=5), makers=[*PLATFORMS, OtherPlatform])
    assert {"wecom", "elsewhere"} <= set(greeting(stage, 1)["platforms"])  # type: ignore[call-overload]
    transport = httpx.ASGITransport(app=make_app(stage))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1")


async def test_another_platform_needs_one_registration(two_platforms: httpx.AsyncClient) -> None:
    async with two_platforms as http:
        reply = await http.get("/elsewhere/v1/orders")
        assert reply.json() == {"path": "v1/orders", "seed": 1}
        assert (await http.get("/wecom/cgi-bin/gettoken")).json()["errcode"] == 41004
        fault = {"kind": "errcode", "code": 7, "platform": "elsewhere"}
        await http.post("/__control/faults", json=fault)
        assert (await http.get("/wecom/cgi-bin/gettoken")).json()["errcode"] == 41004
        assert (await http.get("/elsewhere/v1/orders")).json() == {"code": 7}
        did = await http.post("/__control/elsewhere/act", json={"what": "ship"})
        assert did.json() == {"did": "ship"}
        assert (await http.get("/__control/wecom/settings")).json()["token_life_s"] == 7200
        await http.post("/__control/reset", json={})
        state = (await http.get("/__control/")).json()
        assert state["platforms"]["elsewhere"] == {"resets": 1}
        assert state["fans"] == 5
