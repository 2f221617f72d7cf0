"""The menu at the foot of the account: the default one, those for some followers, the console's."""

import copy
from typing import Any
from urllib.parse import urlsplit

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.wechat.material import Library, require_permanent
from desktop.sandbox.wechat.publish import require_article

KEYED = {
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
}
MOST_BUTTONS, MOST_LEAVES = 3, 5
NAME_BYTES, LEAF_NAME_BYTES = 16, 60
KEY_BYTES, URL_BYTES = 128, 1024
FIRST_MENU_ID = 208_396_938
RULES = ("tag_id", "client_platform_type", "language")
_CONSOLE_TYPES = {"image": "img", "voice": "voice", "video": "video"}
Button = dict[str, Any]


class Menus:
    """The default menu and the conditional ones."""

    def __init__(self) -> None:
        self.default: list[Button] | None = None
        self.menuid = 0
        self.conditional: dict[int, tuple[list[Button], dict[str, str]]] = {}
        self.deleted = False  # the console's menu went with the first deletion


def create(account: Account, args: Arguments) -> dict[str, Any]:
    """Replace the default menu."""
    menus = account.shelf(Menus)
    menus.default = _checked(account, args)
    menus.menuid = account.next_number("menu", FIRST_MENU_ID)
    _hold(account)
    return {}


def _hold(account: Account) -> None:
    menus, library = account.shelf(Menus), account.shelf(Library)
    lists = [menus.default or [], *(buttons for buttons, _ in menus.conditional.values())]
    leaves = [
        leaf for buttons in lists for button in buttons for leaf in button.get("sub_button") or [button]
    ]
    library.in_use = {leaf["media_id"] for leaf in leaves if "media_id" in leaf}


def _checked(account: Account, args: Arguments) -> list[Button]:
    rows = args.rows("button", missing=40016)
    if not 1 <= len(rows) <= MOST_BUTTONS:
        raise Refusal(40016)
    buttons: list[Button] = []
    for row in rows:
        given = Arguments(row)
        name = given.text("name", missing=40018)
        if len(name.encode()) > NAME_BYTES:
            raise Refusal(40018)
        if row.get("sub_button"):
            leaves = given.rows("sub_button", missing=40023)
            if len(leaves) > MOST_LEAVES:
                raise Refusal(40023)
            buttons.append({"name": name, "sub_button": [_leaf(account, leaf, True) for leaf in leaves]})
        else:
            buttons.append(_leaf(account, row, False) | {"sub_button": []})
    return buttons


def _leaf(account: Account, row: dict[str, Any], below: bool) -> Button:
    given = Arguments(row)
    name, kind = given.text("name", missing=40025 if below else 40018), given.optional_text("type")
    if len(name.encode()) > (LEAF_NAME_BYTES if below else NAME_BYTES):
        raise Refusal(40025 if below else 40018)
    leaf: Button = {"type": kind, "name": name}
    if kind in KEYED:
        wrong = 40026 if below else 40019
        return leaf | {"key": _within(given.text("key", missing=wrong), KEY_BYTES, wrong)}
    if kind in ("view", "miniprogram"):
        leaf["url"] = _address(given, 40027 if below else 40020)
        if kind == "miniprogram":
            leaf |= _program(account, given)
        return leaf
    if kind in ("media_id", "view_limited"):
        return leaf | {"media_id": require_permanent(account, given.values.get("media_id")).media_id}
    if kind in ("article_id", "article_view_limited"):
        return leaf | {"article_id": require_article(account, given.values.get("article_id")).article_id}
    raise Refusal(40024 if below else 40015)


def _within(text: str, most: int, wrong: int) -> str:
    if len(text.encode()) > most:
        raise Refusal(wrong)
    return text


def _address(given: Arguments, wrong: int) -> str:
    url = _within(given.text("url", missing=wrong), URL_BYTES, wrong)
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Refusal(40055)
    return url


def _program(account: Account, given: Arguments) -> Button:
    appid = given.text("appid", missing=45064)
    if appid not in account.settings.linked_programs:
        raise Refusal(45064)
    return {"appid": appid, "pagepath": given.text("pagepath", missing=40035)}


def get(account: Account, args: Arguments) -> dict[str, Any]:
    """The menus made by call; the console's is not among them."""
    menus = account.shelf(Menus)
    if menus.default is None:
        raise Refusal(46003)
    answer: dict[str, Any] = {"menu": {"button": menus.default, "menuid": menus.menuid}}
    if menus.conditional:
        answer["conditionalmenu"] = [
            {"button": buttons, "matchrule": rule, "menuid": ident}
            for ident, (buttons, rule) in reversed(menus.conditional.items())
        ]
    return answer


def delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Take every menu away, the conditional ones too."""
    menus = account.shelf(Menus)
    menus.default, menus.deleted = None, True
    menus.conditional.clear()
    _hold(account)
    return {}


def selfmenu(account: Account, args: Arguments) -> dict[str, Any]:
    """What followers see now, with other names: lists inside objects, values instead of ids."""
    menus = account.shelf(Menus)
    buttons = menus.default
    if buttons is None and account.settings.console_menu and not menus.deleted:
        buttons = _console_menu()
    if buttons is None:
        return {"is_menu_open": 0, "selfmenu_info": {"button": []}}
    return {"is_menu_open": 1, "selfmenu_info": {"button": [_seen(account, row) for row in buttons]}}


def _console_menu() -> list[Button]:
    return [
        {"type": "view", "name": "进店逛逛", "url": "https://shop.example.com/", "sub_button": []},
        {
            "name": "找我们",
            "sub_button": [
                {"type": "text", "name": "营业时间", "value": "每天 9:00-21:00"},
                {"type": "view", "name": "地图", "url": "https://map.example.com/"},
            ],
        },
    ]


def _seen(account: Account, row: Button) -> Button:
    if row.get("sub_button"):
        return {
            "name": row["name"],
            "sub_button": {"list": [_seen(account, leaf) for leaf in row["sub_button"]]},
        }
    seen = {name: value for name, value in row.items() if name != "sub_button"}
    if "media_id" in seen:
        ident = seen.pop("media_id")
        medium = account.shelf(Library).permanent.get(ident)
        return seen | {"type": _CONSOLE_TYPES.get(medium.kind if medium else "", "news"), "value": ident}
    return seen


def addconditional(account: Account, args: Arguments) -> dict[str, Any]:
    """One more menu for the followers that a rule fits."""
    menus = account.shelf(Menus)
    if menus.default is None:
        raise Refusal(65303)
    buttons = _checked(account, args)
    given = args.part("matchrule", missing=65304)
    rule = {name: str(given.values[name]) for name in RULES if given.values.get(name) not in (None, "")}
    if not rule:
        raise Refusal(65304)
    ident = account.next_number("menu", FIRST_MENU_ID)
    menus.conditional[ident] = (buttons, rule)
    _hold(account)
    return {"menuid": str(ident)}


def delconditional(account: Account, args: Arguments) -> dict[str, Any]:
    """Take one conditional menu away."""
    ident = args.ident("menuid", missing=65301)
    held = account.shelf(Menus).conditional
    if not ident.isdigit() or held.pop(int(ident), None) is None:
        raise Refusal(65301)
    _hold(account)
    return {}


def trymatch(account: Account, args: Arguments) -> dict[str, Any]:
    """The menu that one follower sees; the newest rule that fits wins."""
    menus = account.shelf(Menus)
    number = account.follower(args.text("user_id", missing=40003))
    if menus.default is None:
        raise Refusal(46003)
    tags = {str(ident) for ident in account.followers.tags_of(number)}
    for buttons, rule in reversed(menus.conditional.values()):
        if set(rule) == {"tag_id"} and rule["tag_id"] in tags:
            return {"button": copy.deepcopy(buttons)}
    return {"button": menus.default}


def autoreply(account: Account, args: Arguments) -> dict[str, Any]:
    """The automatic answers set in the console; nothing can change them."""
    news = {
        "title": "怎么进团购群",
        "author": "掌柜",
        "digest": "三步进群",
        "show_cover": 1,
        "cover_url": "http://mmbiz.qpic.cn/mmbiz_jpg/cover/0",
        "content_url": "http://mp.weixin.qq.com/s?__biz=MzI1NjA=&mid=100000001&idx=1",
        "source_url": "",
    }
    rule = {
        "rule_name": "进群",
        "create_time": account.origin - 40 * 86_400,
        "reply_mode": "random_one",
        "keyword_list_info": [
            {"type": "text", "match_mode": "contain", "content": "进群"},
            {"type": "text", "match_mode": "equal", "content": "团购"},
        ],
        "reply_list_info": [
            {"type": "text", "content": "加店长微信,备注“进群”"},
            {"type": "news", "content": "", "news_info": {"list": [news]}},
        ],
    }
    return {
        "is_add_friend_reply_open": 1,
        "is_autoreply_open": 1,
        "add_friend_autoreply_info": {"type": "text", "content": "欢迎来小店!"},
        "message_default_autoreply_info": {"type": "text", "content": "掌柜看到会回"},
        "keyword_autoreply_info": {"list": [rule]},
    }


_C = "cgi-bin/"
ENDPOINTS = (
    Endpoint(_C + "menu/create", create, write=True),
    Endpoint(_C + "menu/get", get, "GET", bare=True),
    Endpoint(_C + "menu/delete", delete, "GET", write=True),
    Endpoint(_C + "get_current_selfmenu_info", selfmenu, "GET", bare=True),
    Endpoint(_C + "menu/addconditional", addconditional, write=True, bare=True, needs="verified"),
    Endpoint(_C + "menu/delconditional", delconditional, write=True, needs="verified"),
    Endpoint(_C + "menu/trymatch", trymatch, bare=True, needs="verified"),
    Endpoint(_C + "get_current_autoreply_info", autoreply, "GET", bare=True),
)
