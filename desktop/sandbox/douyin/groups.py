"""Fan groups: made, listed, greeted, written to; who asks to join, and the answer."""

from dataclasses import dataclass, field

from desktop.sandbox.douyin.account import DAY, Account, Doc, Endpoint, page
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.content import check_content
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal

CREATE_LIST, MESSAGE = "im.group_fans.create_list", "im.group_message"
_NAMES = ("好吃研究所福利群", "新品试吃1群", "新品试吃2群", "团长专属", "直播间老朋友")
_LIMITS = (0, 1, 3, 5, 9, 12, 15, 17, 20)


@dataclass(slots=True)
class Group:
    """One group of the account."""

    group_id: str
    name: str
    description: str
    avatar_uri: str
    kind: int
    made_at: float
    members: int
    most: int
    entry_limit: list[str] | None = None
    tags: list[str] | None = None
    settings: dict[int, list[Doc]] = field(default_factory=dict)
    received: Doc = field(default_factory=dict)


@dataclass(slots=True)
class Application:
    """Somebody asks to join."""

    apply_id: str
    group_id: str
    user_id: str
    status: int  # 1 open, 2 agreed, 3 refused
    made_at: float


@dataclass(slots=True)
class Sent:
    """A message in a group or conversation."""

    msg_id: str
    place: str  # group_id, or conversation_short_id
    at: float
    content: Doc
    scene: str = ""
    to_user_id: str = ""
    recalled: bool = False


class Groups:
    """All groups, applications and group messages."""

    def __init__(self, account: Account) -> None:
        self.rows: list[Group] = []
        self.applications: list[Application] = []
        self.sent: list[Sent] = []
        self.made = 0
        for number in range(min(account.size.groups, 500)):
            bits = account.chance.roll(b"dy-group", number)
            row = Group(
                account.sealed(b"dy-group-id", -1 - number),
                _NAMES[number] if number < len(_NAMES) else f"试吃{number}群",
                "" if bits[0] < 40 else "每周三上新,群里先尝",
                f"aweme-im/{bits[1:9].hex()}",
                2 if bits[9] < 200 else 5,
                account.origin - (number + 1) * 11 * DAY,
                bits[10] + 60,
                500 if bits[9] < 200 else 50_000,
                None if bits[11] < 90 else ["关注群主满7天"],
                None if bits[12] < 128 else ["吃货"],
            )
            self.rows.append(row)
        for number in range(min(24, account.size.fans) if self.rows else 0):
            bits = account.chance.roll(b"dy-apply", number)
            self.applications.append(
                Application(
                    account.sealed(b"dy-apply-id", -1 - number),
                    self.rows[bits[0] % len(self.rows)].group_id,
                    account.fan_id(number * 3 % account.size.fans),
                    1 if bits[1] < 150 else 2 + bits[2] % 2,
                    account.origin - (24 - number) * 5400,
                )
            )

    def find(self, group_id: str) -> Group:
        """The group with this id; 28001007 for another account's."""
        row = next((row for row in self.rows if row.group_id == group_id), None)
        if row is None:
            raise Refusal(28001007, "群不存在")
        return row


def create(account: Account, args: Arguments) -> Doc:
    """A new group; it costs one of the quota."""
    groups = account.shelf(Groups)
    name, text, avatar = args.text("group_name"), args.text("description"), args.text("avatar_uri")
    if len(name) > 20:
        raise Refusal(28001007, "group_name过长")
    for switch in (
        "allow_invite",
        "live_auto_sync",
        "item_auto_sync",
        "open_audit_switch",
        "show_at_profile",
    ):
        args.number(switch, 0, 0, 1)
    args.number("active_fans", 0, 0, 1)
    if args.number("fans_limit", 0) not in _LIMITS or args.number("relation_type", 0) not in (
        0,
        1,
        7,
        30,
        60,
    ):
        raise Refusal(28001007, "入群门槛不合法")
    kind = args.number("group_type", 2)
    if kind not in (2, 5):
        raise Refusal(28001007, "group_type不合法")
    if groups.made >= account.settings.group_quota:
        raise Refusal(28003017)
    groups.made += 1
    received = {key: value for key, value in args.values.items() if key not in ("open_id", "access_token")}
    row = Group(account.fresh(b"dy-group-id"), name, text, avatar, kind, account.seconds(), 1, 500)
    row.most, row.received = (500 if kind == 2 else 50_000), received
    groups.rows.append(row)
    return {"group_id": row.group_id}


def listing(account: Account, args: Arguments) -> Doc:
    """All groups at once."""
    return {
        "group_list": [
            {
                "group_id": row.group_id,
                "group_name": row.name,
                "description": row.description,
                "avatar_uri": row.avatar_uri,
                "group_type": row.kind,
                "status": "Normal",
                "entry_limit": row.entry_limit,
                "exist_num": row.members,
                "max_num": row.most,
                "tags": row.tags,
            }
            for row in account.shelf(Groups).rows
            if account.visible(row.made_at)
        ]
    }


def left(account: Account, args: Arguments) -> Doc:
    """How many groups may still be made."""
    return {"left_count": account.settings.group_quota - account.shelf(Groups).made}


def pending(account: Account, args: Arguments) -> Doc:
    """Applications still open; decided ones leave gaps in the page."""
    rows = account.shelf(Groups).applications
    if not account.settings.short_audit_pages:
        rows = [row for row in rows if row.status == 1]
    found = page(
        [{"row": row} for row in rows], args.number("cursor", 0, 0), args.number("count", None, 1, 50)
    )
    unit = 1 if account.settings.audit_times_in_seconds else 1000
    found["list"] = [
        {
            "apply_id": row.apply_id,
            "group_id": row.group_id,
            "user_id": row.user_id,
            "apply_status": row.status,
            "create_time": int(row.made_at) * unit,
        }
        for row in (slot["row"] for slot in found["list"])
        if row.status == 1
    ]
    return {"apply_list": found}


def decide(account: Account, args: Arguments) -> Doc:
    """Let somebody in (2) or refuse (3); once."""
    groups = account.shelf(Groups)
    wanted, status = args.text("apply_id"), args.number("status")
    row = next((row for row in groups.applications if row.apply_id == wanted), None)
    if row is None or status not in (2, 3):
        raise Refusal(28001007)
    if row.status != 1:
        raise Refusal(28001007, "申请已处理")
    row.status = status
    if status == 2:
        groups.find(row.group_id).members += 1
    return {"success": True}


def setting_set(account: Account, args: Arguments) -> Doc:
    """Welcome (1) or announcement (2) of a group."""
    row, kind = (
        account.shelf(Groups).find(args.text("group_id")),
        args.number("group_setting_type", None, 1, 2),
    )
    messages = args.rows("msg_list")
    if not messages:
        raise Refusal(28001007, "msg_list不能为空")
    for message in messages:
        check_content(account, message, {1, 10, 11})
    row.settings[kind] = messages
    return {}


def setting_disable(account: Account, args: Arguments) -> Doc:
    """Take welcome or announcement away; one that is not set stays away."""
    row, kind = (
        account.shelf(Groups).find(args.text("group_id")),
        args.number("group_setting_type", None, 1, 2),
    )
    row.settings.pop(kind, None)
    return {}


def send(account: Account, args: Arguments) -> Doc:
    """A message into a group."""
    groups = account.shelf(Groups)
    row = groups.find(args.optional("group_id") or args.text("group_token"))
    content = args.part("content")
    if content is None:
        raise Refusal(28001007, "content不能为空")
    check_content(account, content.values, {0, 1, 2, 3, 8, 10})
    account.spend("group", account.settings.group_messages_per_day)
    message = Sent(account.fresh(b"dy-msg"), row.group_id, account.seconds(), content.values)
    groups.sent.append(message)
    return {"msg_id": message.msg_id}


ENDPOINTS = (
    Endpoint("im/group/fans/create/", create, "POST", Form.TOP, scope=CREATE_LIST, write=True),
    Endpoint("im/group/fans/list/", listing, "GET", Form.TOP, scope=CREATE_LIST),
    Endpoint("im/group/count/", left, "GET", Form.TOP, scope=CREATE_LIST),
    Endpoint("im/group/enter/audit/get/", pending, "GET", Form.TOP, scope=CREATE_LIST),
    Endpoint("im/group/enter/audit/set/", decide, "POST", Form.TOP, scope=CREATE_LIST, write=True),
    Endpoint("im/group/setting/set/", setting_set, "POST", Form.C, scope=CREATE_LIST, write=True),
    Endpoint("im/group/setting/disable/", setting_disable, "POST", Form.C, scope=CREATE_LIST, write=True),
    Endpoint("im/send/msg/group/", send, "POST", Form.TOP, scope=MESSAGE, write=True),
)
