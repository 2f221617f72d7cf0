"""Official account: tokens, white list, envelope, limits and permissions."""

import json

import pytest

from tests.unit.sandbox.wechat_client import Mp

DAY = 86_400


def works(mp: Mp, token: str) -> int:
    mp.token = token
    return int(mp.get("tags/get").get("errcode", 0))


def test_plain_tokens_replace_each_other(mp: Mp) -> None:
    first, second = mp.plain(), mp.plain()
    assert first["expires_in"] == second["expires_in"] == 7200
    assert first["access_token"] != second["access_token"]
    assert "errcode" not in first
    assert works(mp, first["access_token"]) == 0
    mp.process.advance(301)
    assert works(mp, first["access_token"]) == 40001
    assert works(mp, second["access_token"]) == 0
    mp.process.advance(7200)
    assert works(mp, second["access_token"]) == 42001


def test_stable_tokens_stay_renew_and_are_apart(mp: Mp) -> None:
    first = mp.stable()
    assert mp.stable()["access_token"] == first["access_token"]
    mp.plain()
    mp.plain()
    mp.process.advance(6000)
    assert works(mp, first["access_token"]) == 0
    held = mp.stable()
    assert held["access_token"] == first["access_token"]
    assert 300 <= held["expires_in"] <= 1200
    mp.process.advance(950)
    second = mp.stable()
    assert second["access_token"] != first["access_token"]
    assert works(mp, first["access_token"]) == works(mp, second["access_token"]) == 0
    mp.process.advance(260)
    assert works(mp, first["access_token"]) == 42001


def test_force_refresh_kills_and_is_rationed(mp: Mp) -> None:
    now = float(mp.process.control("clock")["now"])
    mp.process.advance(
        -(now + 8 * 3_600) % 86_400 + 60
    )  # a new day in Beijing: the ration is one of the day
    first = mp.stable()["access_token"]
    forced = mp.stable(force_refresh=True)["access_token"]
    assert works(mp, first) == 40001
    assert mp.stable(force_refresh=True)["access_token"] == forced  # within 30 seconds nothing happens
    for _ in range(19):
        mp.process.advance(31)
        assert "access_token" in mp.stable(force_refresh=True)
    mp.process.advance(31)
    assert mp.stable(force_refresh=True)["errcode"] == 45009
    assert "access_token" in mp.stable()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
        ({"appid": "wxother"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "0" * 32}, 40001),
        ({"secret": "short"}, 40125),
    ],
)
def test_bad_credentials(mp: Mp, given: dict[str, str], code: int) -> None:
    assert mp.plain(**given)["errcode"] == code
    assert mp.stable(**given)["errcode"] == code


def test_the_token_counts_in_the_query_only(mp: Mp) -> None:
    reply = mp.http.post(
        "cgi-bin/tags/get", headers={"authorization": "Bearer " + mp.token}, json={"access_token": mp.token}
    )
    assert reply.json()["errcode"] == 41001
    assert mp.http.get("cgi-bin/tags/get", params={"access_token": "x"}).json()["errcode"] == 40014
    assert works(mp, "x" * 157) == 40001


def test_white_list(mp: Mp) -> None:
    mp.settings(ip_listed=False, caller_ip="8.149.1.2")
    for answer in (mp.get("tags/get"), mp.plain(), mp.stable()):
        assert answer["errcode"] == 40164
        assert answer["errmsg"].startswith(
            "invalid ip 8.149.1.2 ipv6 ::ffff:8.149.1.2, not in whitelist rid: "
        )
    mp.settings(ip_listed=True, ip_gate_code=89503)
    assert mp.stable()["errcode"] == 89503
    assert "tags" in mp.get("tags/get")


def test_envelope(mp: Mp) -> None:
    refused = mp.get("user/info", openid="nobody")
    assert refused["errcode"] == 40003
    rid = refused["errmsg"].partition(" rid: ")[2]
    assert [len(part) for part in rid.split("-")] == [8, 8, 8]
    request = mp.post("openapi/rid/get", rid=rid)["request"]
    assert json.loads(request["response_body"]) == refused
    assert "openid=nobody" in request["request_url"]
    assert mp.post("openapi/rid/get", rid="unknown")["errcode"] == 40035
    assert mp.get("no/such/call")["errcode"] == 40066
    assert mp.http.get("somewhere/else").status_code == 404
    assert mp.get("draft/add")["errcode"] == 43002
    assert mp.post("draft/count")["errcode"] == 43001
    assert mp.raw("draft/get", b"").json()["errcode"] == 44002
    assert mp.raw("draft/get", b"{").json()["errcode"] == 47001
    assert mp.raw("draft/get", "{'é'}".encode("latin-1")).json()["errcode"] == 47002


def test_content_types(mp: Mp) -> None:
    def kinds() -> set[str]:
        replies = [mp.http.get("cgi-bin/tags/get"), mp.http.get("cgi-bin/user/get")]
        return {reply.headers["content-type"] for reply in replies}

    assert kinds() == {"text/plain", "application/json; encoding=utf-8"}
    mp.settings(content_type="plain")
    assert kinds() == {"text/plain"}
    mp.settings(content_type="json")
    assert kinds() == {"application/json; encoding=utf-8"}


def test_escapes_stay_as_they_are_written(mp: Mp) -> None:
    escaped = json.dumps({"articles": [mp.article(title="新品\\u1")]}).encode()
    media_id = mp.raw("draft/add", escaped).json()["media_id"]
    item = mp.post("draft/get", media_id=media_id)["news_item"][0]
    assert item["title"] == r"\u65b0\u54c1\u1"
    menu = json.dumps({"button": [{"type": "click", "name": "菜", "key": "k"}]}).encode()
    assert mp.raw("menu/create", menu).json()["errcode"] == 40033
    mp.settings(unicode_escapes="refuse")
    assert mp.raw("draft/add", escaped).json()["errcode"] == 40033


def test_daily_limits_are_told_cleared_and_end_at_midnight_in_china(mp: Mp) -> None:
    mp.settings(daily_limits={"draft/count": 3})
    for _ in range(3):
        mp.get("draft/count")
    assert mp.get("draft/count")["errcode"] == 45009
    quota = mp.post("openapi/quota/get", cgi_path="/cgi-bin/draft/count")["quota"]
    assert quota == {"daily_limit": 3, "used": 3, "remain": 0}
    assert mp.post("openapi/quota/clear", cgi_path="/cgi-bin/draft/count")["errcode"] == 0
    assert "total_count" in mp.get("draft/count")
    mp.get("draft/count")
    mp.get("draft/count")
    assert mp.get("draft/count")["errcode"] == 45009
    mp.process.advance(DAY)
    mp.login()
    assert "total_count" in mp.get("draft/count")


def test_everything_is_cleared_ten_times_a_month(mp: Mp) -> None:
    mp.settings(daily_limits={"cgi-bin/stable_token": 1})
    assert mp.stable()["errcode"] == 45009
    words = {"appid": mp.words["appid"], "appsecret": mp.words["secret"]}
    assert mp.http.post("cgi-bin/clear_quota/v2", params=words).json()["errcode"] == 0
    assert "access_token" in mp.stable()
    assert mp.http.post("cgi-bin/clear_quota/v2", json=words).json()["errcode"] == 0
    assert mp.post("clear_quota", appid="wxother")["errcode"] == 40013
    codes = [mp.post("clear_quota", appid=words["appid"])["errcode"] for _ in range(9)]
    assert codes == [0] * 8 + [48006]


@pytest.mark.parametrize(
    ("kind", "certification", "codes"),
    [
        ("service", "verified", {}),
        ("subscription", "verified", {"template": 48001, "remark": 48001}),
        ("service", "none", {"mass": 48001, "publish": 48001, "custom": 48001, "template": 48001}),
        ("service", "expired", {"draft": 48001, "mass": 48001, "publish": 48001}),
        ("test", "none", {"mass": 45028}),
    ],
)
def test_permissions(mp: Mp, kind: str, certification: str, codes: dict[str, int]) -> None:
    openid, media_id = mp.openids()[0], mp.draft()
    mp.settings(account_type=kind, certification=certification)
    answers = {
        "draft": mp.get("draft/count"),
        "mass": mp.post(
            "message/mass/sendall",
            filter={"is_to_all": True},
            msgtype="mpnews",
            mpnews={"media_id": media_id},
        ),
        "publish": mp.post("freepublish/batchget", offset=0, count=1),
        "custom": mp.post("message/custom/typing", touser=openid, command="CancelTyping"),
        "template": mp.get("template/get_all_private_template"),
        "remark": mp.post("user/info/updateremark", openid=openid, remark="老客"),
    }
    for name, code in codes.items():
        assert answers[name].get("errcode") == code, name
    if not codes:
        assert all(answer.get("errcode", 0) == 0 for answer in answers.values())


def test_one_call_can_be_forbidden(mp: Mp) -> None:
    mp.settings(forbidden=["draft/add"])
    assert mp.post("draft/add", articles=[])["errcode"] == 48001
    assert "total_count" in mp.get("draft/count")
