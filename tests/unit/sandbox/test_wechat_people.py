"""Official account: followers, remarks, tags, the black list, and a million of them."""

import datetime

from desktop.sandbox.chance import Chance
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.wechat.account import Account
from desktop.sandbox.world.size import WorldSize
from tests.unit.sandbox.conftest import Raw
from tests.unit.sandbox.wechat_client import Mp

DAY = 86_400


def everybody(mp: Mp) -> list[str]:
    """Pages until one has no `data`."""
    found: list[str] = []
    following = ""
    while True:
        page = mp.get("user/get", **({"next_openid": following} if following else {}))
        if "data" not in page:
            assert page["count"] == 0
            return found
        assert page["count"] == len(page["data"]["openid"])
        following = page["next_openid"]
        assert following == page["data"]["openid"][-1]
        found += page["data"]["openid"]


def test_pages_are_stable_and_end_without_data(mp: Mp) -> None:
    whole = everybody(mp)
    assert len(whole) == len(set(whole)) == mp.get("user/get")["total"]
    mp.settings(page_size=7)
    assert everybody(mp) == whole
    left = whole[10]
    mp.play("follower_leaves", openid=left)
    new = mp.play("new_followers", count=2, scene="ADD_SCENE_QR_CODE", qr_scene_str="koc-01")["openids"]
    assert everybody(mp) == [openid for openid in whole if openid != left] + new
    mp.play("follower_returns", openid=left)
    assert everybody(mp) == whole + new
    assert mp.get("user/get", next_openid="o" * 28)["errcode"] == 40003


def test_profiles(mp: Mp) -> None:
    openids = mp.openids()
    rows = [
        row
        for at in range(0, len(openids), 100)
        for row in mp.post(
            "user/info/batchget", user_list=[{"openid": openid} for openid in openids[at : at + 100]]
        )["user_info_list"]
    ]
    assert [row["openid"] for row in rows] == openids
    assert all(row["nickname"] == row["headimgurl"] == "" for row in rows)
    assert {row["subscribe_scene"] for row in rows} >= {"ADD_SCENE_QR_CODE", "ADD_SCENE_FROM_THE_FUTURE"}
    assert [row["subscribe_time"] for row in rows] == sorted(row["subscribe_time"] for row in rows)
    assert any(row["remark"] for row in rows)
    assert any(len(row["tagid_list"]) > 1 for row in rows)
    mp.play("follower_leaves", openid=openids[0])
    gone = mp.get("user/info", openid=openids[0], lang="en")
    assert set(gone) == {"subscribe", "openid", "unionid"}
    assert gone["subscribe"] == 0
    mp.settings(bound_to_open_platform=False, old_profile_fields=False)
    row = mp.get("user/info", openid=openids[1])
    assert not {"unionid", "nickname"} & set(row)
    assert mp.post("user/info/batchget", user_list=[{"openid": openids[1]}] * 101)["errcode"] == 40032
    assert mp.post("user/info/batchget", user_list=[{"openid": "o"}])["errcode"] == 40003


def test_some_followers_are_customers(mp: Mp, raw: Raw) -> None:
    rows = [row["external_contact"] for row in raw.everybody()]
    customers = {row["unionid"] for row in rows if "unionid" in row}
    mine = [
        mp.post(
            "user/info/batchget", user_list=[{"openid": openid} for openid in mp.openids()[at : at + 100]]
        )
        for at in (0, 100)
    ]
    unions = [row["unionid"] for page in mine for row in page["user_info_list"]]
    assert len(set(unions)) == len(unions)
    shared = customers & set(unions)
    assert 20 < len(shared) < len(unions) - 20
    assert len(customers - shared) > 10  # customers who do not follow


def test_remarks(mp: Mp) -> None:
    openid = mp.openids()[3]
    assert mp.post("user/info/updateremark", openid=openid, remark="王姐=1+1") == {
        "errcode": 0,
        "errmsg": "ok",
    }
    assert mp.get("user/info", openid=openid)["remark"] == "王姐=1+1"
    assert mp.post("user/info/updateremark", openid=openid, remark="字" * 30)["errcode"] == 40092
    mp.post("user/info/updateremark", openid=openid, remark="")
    assert mp.get("user/info", openid=openid)["remark"] == ""


def test_tags(mp: Mp) -> None:
    made = mp.post("tags/create", tag={"name": "广东"})
    ident = made["tag"]["id"]
    assert made == {"tag": {"id": ident, "name": "广东"}}
    assert mp.post("tags/create", tag={"name": "广东"})["errcode"] == 45157
    assert mp.post("tags/create", tag={"name": "十一个汉字的标签名太长"})["errcode"] == 45158
    assert mp.post("tags/update", tag={"id": ident, "name": "老客"})["errcode"] == 45157
    assert mp.post("tags/update", tag={"id": ident, "name": "华南"})["errcode"] == 0
    assert mp.post("tags/update", tag={"id": 2, "name": "x"})["errcode"] == 45058
    assert mp.post("tags/delete", tag={"id": 0})["errcode"] == 45058
    openids = mp.openids()[:50]
    assert mp.post("tags/members/batchtagging", openid_list=openids, tagid=ident)["errcode"] == 0
    assert mp.post("tags/members/batchtagging", openid_list=openids, tagid=ident)["errcode"] == 0
    assert ident in mp.post("tags/getidlist", openid=openids[0])["tagid_list"]
    page = mp.post("user/tag/get", tagid=ident)
    assert page["data"]["openid"] == openids
    after = mp.post("user/tag/get", tagid=ident, next_openid=page["next_openid"])
    assert after["count"] == 0
    assert "data" not in after
    counts = {row["name"]: row["count"] for row in mp.get("tags/get")["tags"]}
    assert counts["华南"] == 50
    for name, count in counts.items():
        known = next(row["id"] for row in mp.get("tags/get")["tags"] if row["name"] == name)
        assert mp.post("user/tag/get", tagid=known)["count"] == count
    mp.post("tags/members/batchuntagging", openid_list=openids[:20], tagid=ident)
    assert mp.post("user/tag/get", tagid=ident)["count"] == 30
    assert mp.post("tags/delete", tag={"id": ident})["errcode"] == 0
    assert ident not in mp.get("user/info", openid=openids[-1])["tagid_list"]
    assert mp.post("user/tag/get", tagid=ident)["errcode"] == 45159
    assert mp.post("tags/create", tag={"name": "华南"})["tag"]["id"] != ident


def test_tag_limits(mp: Mp) -> None:
    idents = [mp.post("tags/create", tag={"name": f"t{number}"})["tag"]["id"] for number in range(95)]
    assert mp.post("tags/create", tag={"name": "more"})["errcode"] == 45056
    openids = mp.openids()
    assert mp.post("tags/members/batchtagging", openid_list=openids[:51], tagid=100)["errcode"] == 40032
    assert mp.post("tags/members/batchtagging", openid_list=openids[:1], tagid=9999)["errcode"] == 45159
    strange = [openids[0], "oXXXXX" + openids[0][6:]]
    assert mp.post("tags/members/batchtagging", openid_list=strange, tagid=100)["errcode"] == 49003
    assert mp.post("tags/members/batchtagging", openid_list=["short"], tagid=100)["errcode"] == 40003
    for ident in idents[:20]:
        mp.post("tags/members/batchtagging", openid_list=[openids[0]], tagid=ident)
    held = mp.post("tags/getidlist", openid=openids[0])["tagid_list"]
    assert len(held) == 20
    answer = mp.post("tags/members/batchtagging", openid_list=openids[:2], tagid=idents[30])
    assert answer["errcode"] == 45059
    assert idents[30] not in mp.post("tags/getidlist", openid=openids[1])["tagid_list"]  # all or nothing


def test_black_list(mp: Mp) -> None:
    seeded = mp.post("tags/members/getblacklist")
    assert seeded["total"] == seeded["count"] == 3
    openid = mp.openids()[0]
    assert mp.post("tags/members/batchblacklist", openid_list=[openid])["errcode"] == 0
    assert openid in mp.post("tags/members/getblacklist", begin_openid="")["data"]["openid"]
    mp.post("tags/members/batchunblacklist", openid_list=[openid])
    assert mp.post("tags/members/getblacklist")["total"] == 3
    assert mp.post("tags/members/batchblacklist", openid_list=[openid] * 21)["errcode"] == 40032


def test_they_come_and_go_by_themselves(mp: Mp) -> None:
    before = mp.process.control("wechat/world")["ever_followed"]
    mp.settings(life_per_day=50)
    mp.process.advance(2 * DAY)
    mp.login()
    world = mp.process.control("wechat/world")
    assert 20 < world["ever_followed"] - before < 80
    assert len(everybody(mp)) == world["followers"]


def test_daily_figures_agree_with_the_followers(mp: Mp) -> None:
    mp.process.control("clock", {"set": mp.process.control("clock")["origin"] + 12 * 3600})
    mp.login()
    mp.play("new_followers", count=5)
    mp.play("follower_leaves", index=0)
    mp.process.advance(DAY)
    mp.login()
    today = datetime.datetime.fromtimestamp(
        mp.process.control("clock")["now"], datetime.timezone(datetime.timedelta(hours=8))
    ).date()
    window = {
        "begin_date": str(today - datetime.timedelta(days=7)),
        "end_date": str(today - datetime.timedelta(days=1)),
    }
    totals = [row["cumulate_user"] for row in mp.post("datacube/getusercumulate", **window)["list"]]
    assert len(totals) == 7
    assert totals[-1] == mp.get("user/get")["total"]
    moves: dict[str, int] = {}
    for row in mp.post("datacube/getusersummary", **window)["list"]:
        moves[row["ref_date"]] = moves.get(row["ref_date"], 0) + row["new_user"] - row["cancel_user"]
    for at in range(1, 7):
        day = str(today - datetime.timedelta(days=7 - at))
        assert totals[at] - totals[at - 1] == moves.get(day, 0)


def test_a_million_cost_the_same_anywhere() -> None:
    account = Account(WorldSize(fans=1_000_000, origin=1_790_000_000), SandboxClock())
    followers = account.followers
    assert followers.chance.seed == Chance(1).seed
    assert followers.total() == 968_750
    page = followers.window(999_000, 10_000)
    assert 900 < len(page) < 1000
    openid = followers.openid(page[-1])
    assert followers.number_of(openid) == page[-1]
    assert followers.tag_counts()[100] == 125_000
    assert len(followers.seeded_between(1_789_000_000, 1_789_086_400)) in (1369, 1370)
