"""Official account: every documented field is answered with its type, and no field beside them."""

import datetime
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess
from tests.unit.sandbox.recorder import documented, found, is_of
from tests.unit.sandbox.wechat_client import MP4, PNG, Mp, whole

TABLE = documented(pathlib.Path(__file__).with_name("wechat_fields.txt"))
CHINA = datetime.timezone(datetime.timedelta(hours=8))


class RecordingMp(Mp):
    """Keeps the good answers per path; a refusal fails the test at once."""

    def __init__(self, process: SandboxProcess) -> None:
        super().__init__(process)
        self.answers: dict[str, list[dict[str, Any]]] = {}

    def _keep(self, path: str, answer: dict[str, Any]) -> dict[str, Any]:
        assert answer.get("errcode", 0) == 0, (path, answer)
        self.answers.setdefault(whole(path), []).append(answer)
        return answer

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._keep(path, super().get(path, **query))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._keep(path, super().post(path, **body))

    def upload(self, path: str, data: bytes, name: str = "p.png", **query: Any) -> dict[str, Any]:
        return self._keep(path, super().upload(path, data, name, **query))


@pytest.fixture(scope="module")
def answers(shared_sandbox_process: SandboxProcess) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """The answers of one tour through everything."""
    shared_sandbox_process.reset()
    client = RecordingMp(shared_sandbox_process)
    client.process.control("clock", {"set": client.process.control("clock")["origin"] + 6 * 3600})
    client.login()
    people(client)
    articles(client)
    messages(client)
    doors(client)
    figures(client)
    yield client.answers
    client.http.close()


def people(mp: Mp) -> None:
    openids = mp.openids()
    for openid in openids[:20]:
        mp.get("user/info", openid=openid)
    mp.post("user/info/batchget", user_list=[{"openid": openid} for openid in openids[:100]])
    tag = mp.post("tags/create", tag={"name": "广东"})["tag"]["id"]
    mp.get("tags/get")
    mp.post("tags/members/batchtagging", openid_list=openids[:2], tagid=tag)
    mp.post("user/tag/get", tagid=tag)
    mp.post("tags/getidlist", openid=openids[0])
    mp.post("tags/members/getblacklist")


def articles(mp: Mp) -> None:
    mp.post("comment/list", msg_data_id=mp.published()["msg_data_id"], index=0, begin=0, count=49, type=0)
    mp.upload("media/uploadimg", PNG)
    mp.upload("material/add_material", PNG, type="image")
    mp.get("material/get_materialcount")
    media_id = mp.draft(mp.article(pic_crop_235_1="0_0_1_0.5"))
    mp.post("draft/get", media_id=media_id)
    mp.get("draft/count")
    mp.post("draft/batchget", offset=0, count=9, no_content=1)
    mp.post("draft/switch", checkonly=1)
    publish_id = mp.post("freepublish/submit", media_id=media_id)["publish_id"]
    mp.post("freepublish/get", publish_id=publish_id)
    mp.process.advance(30)
    mp.post("freepublish/get", publish_id=publish_id)
    mp.post("freepublish/batchget", offset=0, count=20)


def messages(mp: Mp) -> None:
    picture = mp.upload("media/upload", PNG, type="image")["media_id"]
    video = mp.upload("media/upload", MP4, "v.mp4", type="video")["media_id"]
    mp.post("media/uploadvideo", media_id=video, title="开箱", description="坚果")
    mp.post("media/uploadnews", articles=[mp.article()])
    news = {"msgtype": "mpnews", "mpnews": {"media_id": mp.draft()}}
    sent = mp.post("message/mass/sendall", filter={"is_to_all": True}, **news)
    mp.post("message/mass/get", msg_id=sent["msg_id"])
    openids = mp.openids()[:3]
    mp.post("message/mass/send", touser=openids, msgtype="image", images={"media_ids": [picture]})
    mp.post("message/mass/preview", touser=openids[0], msgtype="image", image={"media_id": picture})
    mp.get("message/mass/speed/get")


def doors(mp: Mp) -> None:
    mp.get("get_current_selfmenu_info")
    leaves = [
        {"type": "view", "name": "店", "url": "https://e.invalid/"},
        {"type": "media_id", "name": "图", "media_id": mp.thumb()},
    ]
    buttons = [{"type": "click", "name": "上新", "key": "new"}, {"name": "更多", "sub_button": leaves}]
    mp.post("menu/create", button=buttons)
    mp.post("menu/addconditional", button=buttons[:1], matchrule={"tag_id": "100"})
    mp.get("menu/get")
    mp.get("get_current_selfmenu_info")
    mp.get("get_current_autoreply_info")
    scene = {"scene": {"scene_str": "koc"}}
    mp.post("qrcode/create", action_name="QR_STR_SCENE", action_info=scene, expire_seconds=60)
    mp.post("openapi/quota/get", cgi_path="/cgi-bin/draft/add")
    mp.get("get_api_domain_ip")
    mp.get("getcallbackip")
    mp.post("customservice/kfaccount/add", kf_account="a@fanshop", nickname="小满")
    mp.post("customservice/kfaccount/inviteworker", kf_account="a@fanshop", invite_wx="wx1")
    mp.get("cgi-bin/customservice/getkflist")


def yesterday(mp: Mp) -> datetime.date:
    now = mp.process.control("clock")["now"]
    return datetime.datetime.fromtimestamp(now, CHINA).date() - datetime.timedelta(days=1)


def figures(mp: Mp) -> None:
    last = yesterday(mp)
    week = {"begin_date": str(last - datetime.timedelta(days=6)), "end_date": str(last)}
    names = (
        "getusersummary",
        "getusercumulate",
        "getupstreammsg",
        "getupstreammsgdist",
        "getinterfacesummary",
    )
    for name in names:
        mp.post("datacube/" + name, **week)
    mp.post("datacube/getarticleread", begin_date=str(last), end_date=str(last))
    for row in mp.process.control("wechat/world")["publications"]:
        day = str(datetime.datetime.fromtimestamp(row["at"], CHINA).date())
        if day <= str(last):
            mp.post("datacube/getarticletotaldetail", begin_date=day, end_date=day)


@pytest.mark.parametrize("path", sorted(TABLE))
def test_documented_fields(answers: dict[str, list[dict[str, Any]]], path: str) -> None:
    assert path in answers, "the tour did not come by"
    for field, kind in TABLE[path]:
        values = [value for answer in answers[path] for value in found(answer, field)]
        assert values or kind.endswith("?"), f"{field} was never seen"
        odd = [value for value in values if not is_of(value, kind)]
        assert not odd, f"{field} should be {kind}: {odd[:3]}"
    beside = {name for answer in answers[path] for name in leaves_of(answer)} - {"errcode", "errmsg"}
    assert beside <= {field for field, _ in TABLE[path]}


def leaves_of(node: Any, path: str = "") -> Iterator[str]:
    """Dotted names of everything that is neither a list nor an object."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves_of(value, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for value in node:
            yield from leaves_of(value, path + "[]")
    else:
        yield path


@pytest.mark.parametrize(
    ("name", "first", "last", "code"),
    [
        ("getusersummary", -6, 0, 0),
        ("getusersummary", -7, 0, 61501),
        ("getusersummary", 0, 1, 61501),
        ("getusersummary", 0, -1, 61501),
        ("getuserread", -2, 0, 0),
        ("getuserread", -3, 0, 61501),
        ("getarticlesummary", 0, 0, 0),
        ("getarticlesummary", -1, 0, 61501),
        ("getbizsummary", -29, 0, 0),
    ],
)
def test_spans(mp: Mp, name: str, first: int, last: int, code: int) -> None:
    mp.process.control("clock", {"set": mp.process.control("clock")["origin"] + 6 * 3600})
    mp.login()
    day = yesterday(mp)
    window = [str(day + datetime.timedelta(days=shift)) for shift in (first, last)]
    answer = mp.post("datacube/" + name, begin_date=window[0], end_date=window[1])
    assert answer.get("errcode", 0) == code


def test_figures_are_ready_at_eight(mp: Mp) -> None:
    midnight = mp.process.control("clock")["origin"] + 16 * 3600
    mp.process.control("clock", {"set": midnight + 7 * 3600})
    mp.login()
    day = str(yesterday(mp))
    asked = {"begin_date": day, "end_date": day}
    assert mp.post("datacube/getusercumulate", **asked)["errcode"] == 61503
    mp.process.advance(3600)
    assert len(mp.post("datacube/getusercumulate", **asked)["list"]) == 1
    assert mp.post("datacube/getusercumulate", begin_date="2026/1/1", end_date=day)["errcode"] == 61500
    old = {"begin_date": "2014-11-30", "end_date": "2014-11-30"}
    assert mp.post("datacube/getusercumulate", **old)["errcode"] == 61501


def test_menus(mp: Mp) -> None:
    assert mp.get("menu/get")["errcode"] == 46003  # the console's menu is not told
    shown = mp.get("get_current_selfmenu_info")["selfmenu_info"]["button"]
    assert isinstance(shown[1]["sub_button"]["list"], list)
    rule = {"tag_id": "100"}
    one = [{"type": "click", "name": "上新", "key": "new"}]
    assert mp.post("menu/addconditional", button=one, matchrule=rule)["errcode"] == 65303
    thumb = mp.thumb()
    assert (
        mp.post("menu/create", button=[{"type": "media_id", "name": "图", "media_id": thumb}])["errcode"]
        == 0
    )
    assert mp.post("material/del_material", media_id=thumb)["errcode"] == 48005
    seen = mp.get("get_current_selfmenu_info")["selfmenu_info"]["button"][0]
    assert (seen["type"], seen["value"]) == ("img", thumb)
    ident = mp.post("menu/addconditional", button=one, matchrule=rule)["menuid"]
    bearer = mp.post("user/tag/get", tagid=100)["data"]["openid"][0]
    assert mp.post("menu/trymatch", user_id=bearer)["button"][0]["key"] == "new"
    assert mp.post("menu/addconditional", button=one, matchrule={})["errcode"] == 65304
    assert mp.post("menu/delconditional", menuid=ident)["errcode"] == 0
    assert mp.post("menu/delconditional", menuid=ident)["errcode"] == 65301
    assert mp.get("menu/delete")["errcode"] == 0
    assert mp.get("menu/get")["errcode"] == 46003
    assert mp.get("get_current_selfmenu_info")["is_menu_open"] == 0
    assert mp.post("material/del_material", media_id=thumb)["errcode"] == 0


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([{"type": "click", "name": "a", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "六个汉字太长", "key": "k"}], 40018),
        ([{"type": "click", "name": "a", "key": "k" * 129}], 40019),
        ([{"type": "poem", "name": "a"}], 40015),
        ([{"type": "view", "name": "a", "url": "ftp://e.invalid"}], 40055),
        ([{"type": "view", "name": "a", "url": "https://e.invalid/" + "a" * 1024}], 40020),
        ([{"name": "a", "sub_button": [{"type": "click", "name": "b", "key": "k"}] * 6}], 40023),
        ([{"type": "media_id", "name": "a", "media_id": "x"}], 40007),
        ([{"type": "article_id", "name": "a", "article_id": "x"}], 53600),
        ([{"type": "miniprogram", "name": "a", "url": "https://e.invalid", "appid": "wx9"}], 45064),
    ],
)
def test_menus_that_are_refused(mp: Mp, buttons: list[dict[str, Any]], code: int) -> None:
    assert mp.post("menu/create", button=buttons)["errcode"] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action_name": "QR_CODE", "action_info": {"scene": {"scene_id": 1}}}, 40053),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}}, 40053),
        ({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}}, 40053),
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "a" * 65}}}, 40053),
        (
            {
                "action_name": "QR_SCENE",
                "action_info": {"scene": {"scene_id": 1}},
                "expire_seconds": 2_592_001,
            },
            40053,
        ),
    ],
)
def test_codes_that_are_refused(mp: Mp, body: dict[str, Any], code: int) -> None:
    assert mp.post("qrcode/create", **body)["errcode"] == code


def test_a_permanent_code_stays_the_same(mp: Mp) -> None:
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "koc"}}}
    first, second = mp.post("qrcode/create", **body), mp.post("qrcode/create", **body)
    assert first == second
    assert "expire_seconds" not in first
