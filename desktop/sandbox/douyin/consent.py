"""The authorisation page as a browser sees it: shows the code and leads back to the application."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from desktop.sandbox.calls import Answer, Call
from desktop.sandbox.douyin.access import Access
from desktop.sandbox.douyin.account import Account
from desktop.sandbox.douyin.errors import TEXTS

PATH = "platform/oauth/connect/"
_PAGE = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>抖音授权</title>{refresh}</head>
<body><h1>授权成功</h1><p>账号:{account}</p><p>授权码:<code id="code">{code}</code></p>{link}</body></html>"""


def authorisation_page(account: Account, call: Call) -> Answer:
    """GET /platform/oauth/connect/: the owner agrees at once."""
    query = call.query
    code = _wrong(account, query)
    if code:
        text = f"<!DOCTYPE html><html><body><h1>{code}</h1><p>{escape(TEXTS[code])}</p></body></html>"
        return Answer(body=text.encode(), headers=_HTML)
    given = account.shelf(Access).authorise(_scopes(query))
    back = _with(query.get("redirect_uri", ""), {"code": given, "state": query.get("state", "")})
    if back and account.settings.redirect_at_once:
        return Answer(body=b"", status=302, headers={"location": back}, executed=True)
    page = _PAGE.format(
        refresh=f'<meta http-equiv="refresh" content="1;url={escape(back)}">' if back else "",
        account=escape(account.nickname),
        code=escape(given),
        link=f'<p><a href="{escape(back)}">返回应用</a></p>' if back else "",
    )
    return Answer(body=page.encode(), headers=_HTML, executed=True)


_HTML = {"content-type": "text/html; charset=utf-8"}


def _wrong(account: Account, query: dict[str, str]) -> int:
    if not query.get("client_key") or not query.get("scope") or query.get("response_type") != "code":
        return 10005
    if query["client_key"] != account.client_key:
        return 10003
    hosts = account.settings.redirect_hosts
    target = urlsplit(query.get("redirect_uri", ""))
    if query.get("redirect_uri") and target.scheme not in ("http", "https"):
        return 10006
    return 10006 if hosts and target.hostname not in hosts else 0


def _scopes(query: dict[str, str]) -> tuple[str, ...]:
    """Asked scopes, and of the optional ones those that are ticked (`scope,1`)."""
    asked = [row.strip() for row in query["scope"].split(",") if row.strip()]
    words = [row.strip() for row in query.get("optionalScope", "").split(",") if row.strip()]
    ticked = [name for name, tick in zip(words[::2], words[1::2], strict=False) if tick == "1"]
    return tuple(dict.fromkeys([*asked, *ticked]))


def _with(address: str, more: dict[str, str]) -> str:
    if not address:
        return ""
    parts = urlsplit(address)
    query = parse_qsl(parts.query, True) + list(more.items())
    return urlunsplit(parts._replace(query=urlencode(query)))
