"""Customer-service figures per day, the offer of a personal contact, and what the corp is qualified for."""

from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.kf_desk import Account, account
from desktop.sandbox.wecom.statistics import day_start

DAY = 86_400
FIRST_DAY = 1_646_928_000  # 2022-03-11 in China; there are no figures before


def get_corp_statistic(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Figures of an account per day."""
    row = account(corp, args.text("open_kfid"))
    return {
        "statistic_list": [
            {"stat_time": day, "statistic": _counts(row, day, "") | _robot(row, day)}
            for day in _days(corp, args)
        ]
    }


def get_servicer_statistic(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Figures of one servicer per day; shares are left out on days without a session."""
    row = account(corp, args.text("open_kfid"))
    userid = corp.member(args.text("servicer_userid", missing=41009)).userid
    return {
        "statistic_list": [
            {"stat_time": day, "statistic": _of_servicer(row, day, userid)} for day in _days(corp, args)
        ]
    }


def _days(corp: Corp, args: Arguments) -> list[int]:
    start, end = day_start(args.number("start_time")), day_start(args.number("end_time"))
    today = day_start(corp.now())
    if end < start or end - start > 31 * DAY or start < today - 180 * DAY:
        raise Refusal(40058)
    return [day for day in range(start, end + 1, DAY) if FIRST_DAY <= day < today]


def _counts(row: Account, day: int, userid: str) -> dict[str, Any]:
    of_day = [one for one in row.messages if day <= one["send_time"] < day + DAY]
    served = {one["external_userid"] for one in of_day if one.get("servicer_userid") == userid}
    asked = [
        one for one in of_day if one["origin"] == 3 and (not userid or one["external_userid"] in served)
    ]
    people = {one["external_userid"] for one in asked}
    return {
        "session_cnt": len(people),
        "customer_cnt": len(people),
        "customer_msg_cnt": len(asked),
        "upgrade_service_customer_cnt": 0,
    }


def _robot(row: Account, day: int) -> dict[str, Any]:
    refused = [
        one
        for one in row.messages
        if one["msgtype"] == "event" and one["event"].get("reject_switch") == 1
        and day <= one["send_time"] < day + DAY
    ]  # fmt: skip
    return {
        "ai_session_reply_cnt": 0,
        "ai_transfer_rate": 0,
        "ai_knowledge_hit_rate": 0,
        "msg_rejected_customer_cnt": len(refused),
    }


def _of_servicer(row: Account, day: int, userid: str) -> dict[str, Any]:
    figures = _counts(row, day, userid)
    if figures["session_cnt"]:
        figures |= {"reply_rate": 1.0, "first_reply_average_sec": 600}
    figures |= {"satisfaction_investgate_cnt": 0}  # spelled so by the platform
    return figures | dict.fromkeys(
        (
            "upgrade_service_member_invite_cnt",
            "upgrade_service_member_customer_cnt",
            "upgrade_service_groupchat_invite_cnt",
            "upgrade_service_groupchat_customer_cnt",
        ),
        0,
    )


def get_upgrade_service_config(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Whom and which groups a customer may be recommended."""
    return {
        "member_range": {
            "userid_list": [person.userid for person in corp.visible_staff()],
            "department_id_list": [],
        },
        "groupchat_range": {"chat_id_list": [row.chat_id for row in corp.groups.rows if not row.dismissed]},
    }


def upgrade_service(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Recommend a member of staff (type 1) or a group (type 2) to a customer."""
    account(corp, args.text("open_kfid"), write=True)
    corp.customer(args.text("external_userid", missing=41035))
    kind = args.number("type")
    if kind == 1:
        corp.member(args.part("member").text("userid", missing=41009))
    elif kind == 2:
        if corp.groups.get(args.part("groupchat").text("chat_id")) is None:
            raise Refusal(86001)
    else:
        raise Refusal(40058)
    return {}


def cancel_upgrade_service(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Take the recommendation back."""
    account(corp, args.text("open_kfid"), write=True)
    corp.customer(args.text("external_userid", missing=41035))
    return {}


def get_corp_qualification(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Whether a video channel is bound."""
    return {"wechat_channels_binding": corp.settings.corp_verified}


ENDPOINTS = (
    Endpoint("kf/get_corp_statistic", get_corp_statistic, "POST", {"statistic_list": []}),
    Endpoint("kf/get_servicer_statistic", get_servicer_statistic, "POST", {"statistic_list": []}),
    Endpoint("kf/customer/get_upgrade_service_config", get_upgrade_service_config, "GET"),
    Endpoint("kf/customer/upgrade_service", upgrade_service, write=True),
    Endpoint("kf/customer/cancel_upgrade_service", cancel_upgrade_service, write=True),
    Endpoint("kf/get_corp_qualification", get_corp_qualification, "GET"),
)
