"""Douyin and the Douyin shop spoken by hand, in the test's own process."""

import hashlib
import hmac
import json
from typing import Any

import httpx

from desktop.sandbox.server import greeting, make_app
from desktop.sandbox.stage import Stage
from desktop.sandbox.world.size import WorldSize

ORIGIN = 1_790_000_000


class Wire:
    """A stage with a stopped clock at the origin, and clients for both platforms."""

    def __init__(self, fans: int = 300) -> None:
        self.stage = Stage(WorldSize(fans=fans, origin=ORIGIN))
        self.stage.clock.set(ORIGIN)
        self.stage.clock.stop()
        said: Any = greeting(self.stage, 1)["platforms"]
        self.douyin: dict[str, str] = said["douyin"]
        self.doudian: dict[str, str] = said["doudian"]
        app = httpx.ASGITransport(app=make_app(self.stage))
        self.http = httpx.AsyncClient(transport=app, base_url="http://127.0.0.1:1")
        self.user = self.client = self.open_id = self.shop_token = ""

    async def control(self, path: str, doc: dict[str, Any] | None = None) -> Any:
        url = f"/__control/{path}"
        reply = await (self.http.get(url) if doc is None else self.http.post(url, json=doc))
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def act(self, do: str, **more: Any) -> Any:
        return await self.control("douyin/world", {"do": do, **more})

    async def oauth(self, path: str, **form: str) -> dict[str, Any]:
        form = {"client_key": self.douyin["client_key"], **form}
        reply = await self.http.post(f"/douyin/oauth/{path}/", data=form)
        return dict(reply.json()["data"])

    async def login(self, code: str = "") -> dict[str, Any]:
        given = await self.oauth(
            "access_token",
            client_secret=self.douyin["client_secret"],
            code=code or self.douyin["code"],
            grant_type="authorization_code",
        )
        self.user, self.open_id = given.get("access_token", ""), given.get("open_id", "")
        return given

    async def client_login(self) -> str:
        body = {
            "client_key": self.douyin["client_key"],
            "client_secret": self.douyin["client_secret"],
            "grant_type": "client_credential",
        }
        reply = await self.http.post("/douyin/oauth/client_token/", json=body)
        self.client = str(reply.json()["data"].get("access_token", ""))
        return self.client

    async def get(self, path: str, token: str = "", **query: Any) -> dict[str, Any]:
        head = {"access-token": token or self.user}
        reply = await self.http.get(
            f"/douyin/{path}", params={"open_id": self.open_id, **query}, headers=head
        )
        assert reply.status_code == 200
        return dict(reply.json())

    async def post(self, path: str, token: str = "", **body: Any) -> dict[str, Any]:
        head, query = {"access-token": token or self.user}, {"open_id": self.open_id}
        reply = await self.http.post(f"/douyin/{path}", params=query, json=body, headers=head)
        assert reply.status_code == 200
        return dict(reply.json())

    async def upload(self, path: str, field: str, token: str = "") -> dict[str, Any]:
        head, files = {"access-token": token or self.user}, {field: ("p.png", b"\x89PNG....")}
        reply = await self.http.post(
            f"/douyin/{path}", params={"open_id": self.open_id}, files=files, headers=head
        )
        return dict(reply.json())

    async def shop(
        self, method: str, how: str = "hmac-sha256", new: bool = True, **params: Any
    ) -> dict[str, Any]:
        body = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return await self.shop_raw(method, body, how=how, new=new)

    async def shop_raw(
        self,
        method: str,
        body: bytes,
        *,
        how: str = "hmac-sha256",
        new: bool = True,
        at: str = "",
        sent: bytes | None = None,
    ) -> dict[str, Any]:
        at = at or str(self.stage.clock.now())
        key, secret = self.doudian["app_key"].encode(), self.doudian["app_secret"].encode()
        base = b"%sapp_key%smethod%sparam_json%stimestamp%sv2%s" % (
            secret, key, method.encode(), body, at.encode(), secret,
        )  # fmt: skip
        sign = (
            hashlib.md5(base).hexdigest() if how == "md5" else hmac.new(secret, base, "sha256").hexdigest()
        )
        query = {
            "method": method, "app_key": key.decode(), "access_token": self.shop_token, "timestamp": at, "v": "2",
            "sign": sign, "sign_method": how,
        }  # fmt: skip
        head = {"content-type": "application/json"} | ({"x-open-no-old-err-code": "1"} if new else {})
        path = f"/doudian/{method.replace('.', '/')}"
        reply = await self.http.post(
            path, params=query, content=body if sent is None else sent, headers=head
        )
        assert reply.status_code == 200
        return dict(reply.json())

    async def shop_login(self) -> dict[str, Any]:
        given = await self.shop(
            "token.create", code="", grant_type="authorization_self", shop_id=self.doudian["shop_id"]
        )
        self.shop_token = given["data"]["access_token"]
        return dict(given["data"])
