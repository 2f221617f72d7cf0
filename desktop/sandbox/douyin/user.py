"""Who the account is, whether somebody follows it, and the figures about its fans."""

from datetime import UTC, datetime

from desktop.sandbox.douyin.account import DAY, Account, Doc, Endpoint
from desktop.sandbox.douyin.aes import cbc_base64
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal

PHONE = "+8613800000000"


def encrypt_mobile(secret: str, phone: str) -> str:
    """Base64 of AES-CBC-PKCS7; the key is the client secret, the vector its first 16 bytes."""
    key = secret.encode()
    return cbc_base64(key, key[:16], phone.encode())


def userinfo(account: Account, args: Arguments) -> Doc:
    """Nickname and picture, with the encrypted phone."""
    return {
        "open_id": account.open_id,
        "union_id": account.union_id,
        "nickname": account.nickname,
        "avatar": account.avatar,
        "gender": 0,
        "city": "杭州",
        "province": "浙江",
        "country": "中国",
        "e_account_role": "EAccountM",
        "encrypt_mobile": encrypt_mobile(account.client_secret, PHONE),
    }


def fans_check(account: Account, args: Arguments) -> Doc:
    """One fan at a time."""
    at = account.followed_at(account.fan_number(args.text("follower_open_id")))
    return {"is_follower": False} if at is None else {"is_follower": True, "follow_time": at}


def _parts(total: int, shares: dict[str, int]) -> list[Doc]:
    return [{"item": item, "value": total * share // 100} for item, share in shares.items()]


def fans_data(account: Account, args: Arguments) -> Doc:
    """Distributions of all fans; an account with at most 100 fans has none."""
    fans = account.size.fans
    if fans <= 100:
        raise Refusal(28001007, "粉丝数不足100")
    return {
        "fans_data": {
            "all_fans_num": fans,
            "gender_distributions": _parts(fans, {"1": 31, "2": 69}),
            "age_distributions": _parts(
                fans, {"1-23": 18, "24-30": 34, "31-40": 31, "41-50": 12, "50-": 5}
            ),
            "geographical_distributions": _parts(fans, {"浙江": 22, "广东": 17, "江苏": 13, "四川": 9}),
            "active_days_distributions": _parts(fans, {"0~4": 12, "5~8": 15, "9~12": 20, "13+": 53}),
            "device_distributions": _parts(fans, {"iPhone": 41, "华为": 27, "vivo": 15, "OPPO": 17}),
            "interest_distributions": _parts(fans, {"美食": 52, "亲子": 24, "生活": 24}),
            "flow_contributions": [
                {"flow": name, "fans_sum": fans * part, "all_sum": fans * part * 3}
                for name, part in (("vv", 40), ("like_cnt", 4), ("comment_cnt", 1), ("share_cnt", 1))
            ],
        }
    }


def fans_ranking(account: Account, args: Arguments) -> Doc:
    """What fans like, where they come from: rank, keyword, value."""
    words = ("坚果", "低糖零食", "办公室零食", "开箱", "团购")
    return {
        "list": [
            {"rank": at, "keyword": word, "hot_value": 9000 - at * 700} for at, word in enumerate(words, 1)
        ]
    }


def fans_by_day(account: Account, args: Arguments) -> Doc:
    """Fans of the last 7, 15 or 30 days, yesterday last."""
    span = args.number("date_type")
    if span not in (7, 15, 30):
        raise Refusal(28001007, "date_type不合法")
    today = account.now() // DAY
    rows = []
    for back in range(span, 0, -1):
        day = today - back
        new = account.chance.roll(b"dy-day", day)[0] % (account.size.fans // 400 + 3)
        date = datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m-%d")
        rows.append({"date": date, "total_fans": account.size.fans - back * 2, "new_fans": new})
    return {"result_list": rows}


def role_check(account: Account, args: Arguments) -> Doc:
    """Whether the account has one of the roles asked for."""
    labels = args.texts("role_labels")
    if not labels:
        raise Refusal(28001007, "role_labels不能为空")
    held = {"AUTH_COMPANY": True, "COMPANY_BAND": True}
    found = {label: held.get(label, False) for label in labels}
    return {"match_result": any(found.values()), "filter_role": found}


ENDPOINTS = (
    Endpoint("oauth/userinfo/", userinfo, "ANY", Form.PLAIN, scope="user_info"),
    Endpoint("fans/check/", fans_check, "GET", scope="fans.check"),
    Endpoint("api/douyin/v1/user/fans_data/", fans_data, "GET", scope="fans.data.bind"),
    Endpoint("fans/data/", fans_data, "GET", scope="fans.data.bind"),
    Endpoint("data/extern/fans/source/", fans_ranking, "GET", scope="data.external.fans_source"),
    Endpoint("data/extern/fans/favourite/", fans_ranking, "GET", scope="data.external.fans_favourite"),
    Endpoint("data/extern/fans/comment/", fans_ranking, "GET"),
    Endpoint("data/external/user/fans/", fans_by_day, "GET", scope="data.external.user"),
    Endpoint("api/douyin/v1/role/check/", role_check, "POST", Form.C, "client", needs_open_id=False),
)
