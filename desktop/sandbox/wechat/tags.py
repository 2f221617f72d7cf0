"""Tags of the account: create, list, rename, delete, and who bears them."""

from typing import Any

from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments
from desktop.sandbox.wechat.errors import Refusal
from desktop.sandbox.world.followers import STAR_TAG

MOST_TAGS = 100
LONGEST_NAME_BYTES = 30
MOST_PER_FOLLOWER = 20
MOST_MEMBERS = 50
MOST_FANS_TO_DELETE = 100_000
FIRST_OWN_TAG = 100


def _name(account: Account, args: Arguments, own: int = -1) -> str:
    name = args.optional_text("name")
    if not name.strip():
        raise Refusal(45157)
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise Refusal(45158)
    if any(known == name and ident != own for ident, known in account.followers.tag_names.items()):
        raise Refusal(45157)
    return name


def create(account: Account, args: Arguments) -> dict[str, Any]:
    """A new tag; at most 100 beside the platform's own."""
    name = _name(account, args.part("tag", missing=40035))
    if sum(1 for ident in account.followers.tag_names if ident >= FIRST_OWN_TAG) >= MOST_TAGS:
        raise Refusal(45056)
    return {"tag": {"id": account.followers.new_tag(name), "name": name}}


def listing(account: Account, args: Arguments) -> dict[str, Any]:
    """All tags with the number of present followers that bear them."""
    counts = account.followers.tag_counts()
    return {
        "tags": [
            {"id": ident, "name": name, "count": counts[ident]}
            for ident, name in sorted(account.followers.tag_names.items())
        ]
    }


def _own_tag(account: Account, args: Arguments) -> int:
    ident = args.number("id")
    if 0 <= ident <= STAR_TAG:
        raise Refusal(45058)
    return require_tag(account, ident)


def require_tag(account: Account, ident: int) -> int:
    """A tag that exists; 45159 otherwise."""
    if ident not in account.followers.tag_names:
        raise Refusal(45159)
    return ident


def update(account: Account, args: Arguments) -> dict[str, Any]:
    """Rename a tag."""
    part = args.part("tag", missing=40035)
    ident = _own_tag(account, part)
    account.followers.tag_names[ident] = _name(account, part, own=ident)
    return {}


def delete(account: Account, args: Arguments) -> dict[str, Any]:
    """Delete a tag that no more than 100,000 followers bear."""
    ident = _own_tag(account, args.part("tag", missing=40035))
    if account.followers.tag_counts()[ident] > MOST_FANS_TO_DELETE:
        raise Refusal(45057)
    del account.followers.tag_names[ident]
    return {}


def members(account: Account, args: Arguments) -> dict[str, Any]:
    """A page of openids that bear a tag."""
    ident = require_tag(account, args.number("tagid"))
    first = account.start_after(args.optional_text("next_openid"))
    page: list[int] = []
    for number in account.followers.tagged(ident, first):
        page.append(number)
        if len(page) == account.settings.page_size:
            break
    return account.openids_page(page)


def _members(account: Account, args: Arguments) -> tuple[int, list[int]]:
    ident = require_tag(account, args.number("tagid"))
    openids = args.texts("openid_list")
    if not 1 <= len(openids) <= MOST_MEMBERS:
        raise Refusal(40032)
    if not all(len(openid) == 28 for openid in openids):
        raise Refusal(40003)
    return ident, [account.follower(openid, unknown=49003) for openid in openids]


def batchtagging(account: Account, args: Arguments) -> dict[str, Any]:
    """Tag up to 50 followers; one bad openid and nobody is tagged."""
    ident, numbers = _members(account, args)
    if not all(account.followers.follows(number) for number in numbers):
        raise Refusal(40003)
    for number in numbers:
        held = account.followers.tags_of(number)
        if ident not in held and len(held) >= MOST_PER_FOLLOWER:
            raise Refusal(45059)
    for number in numbers:
        row = account.followers.touch(number)
        if ident not in row.tags:
            row.tags.append(ident)
    return {}


def batchuntagging(account: Account, args: Arguments) -> dict[str, Any]:
    """Take a tag from up to 50 followers."""
    ident, numbers = _members(account, args)
    for number in numbers:
        row = account.followers.touch(number)
        row.tags = [tag for tag in row.tags if tag != ident]
    return {}


def getidlist(account: Account, args: Arguments) -> dict[str, Any]:
    """The tags of one follower."""
    return {"tagid_list": account.followers.tags_of(account.follower(args.text("openid", missing=40003)))}


_C = "cgi-bin/"
ENDPOINTS = (
    Endpoint(_C + "tags/create", create, write=True, bare=True),
    Endpoint(_C + "tags/get", listing, "GET", bare=True),
    Endpoint(_C + "tags/update", update, write=True),
    Endpoint(_C + "tags/delete", delete, write=True),
    Endpoint(_C + "user/tag/get", members, "ANY", bare=True),
    Endpoint(_C + "tags/members/batchtagging", batchtagging, write=True),
    Endpoint(_C + "tags/members/batchuntagging", batchuntagging, write=True),
    Endpoint(_C + "tags/getidlist", getidlist, bare=True),
)
