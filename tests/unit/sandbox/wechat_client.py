"""An official account client of a few dozen lines, independent of the adapters."""

import json
from typing import Any

import httpx

from tests.sandbox_process import SandboxProcess

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff" + bytes(100)
MP4 = bytes(4) + b"ftypisom" + bytes(100)


class Mp:
    """Speaks the wire format by hand: raw UTF-8, the token in the query."""

    def __init__(self, process: SandboxProcess) -> None:
        self.process = process
        self.words = process.platform("wechat")
        self.http = httpx.Client(base_url=self.words["base_url"] + "/", trust_env=False, timeout=10)
        self.token = ""

    def pair(self, **more: Any) -> dict[str, Any]:
        pair = {"appid": self.words["appid"], "secret": self.words["secret"]}
        return {"grant_type": "client_credential", **pair, **more}

    def stable(self, **more: Any) -> dict[str, Any]:
        return dict(self.http.post("cgi-bin/stable_token", json=self.pair(**more)).json())

    def plain(self, **more: Any) -> dict[str, Any]:
        return dict(self.http.get("cgi-bin/token", params=self.pair(**more)).json())

    def login(self) -> str:
        self.token = str(self.stable()["access_token"])
        return self.token

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        reply = self.http.get(_whole(path), params={"access_token": self.token, **query})
        assert reply.status_code == 200
        return dict(reply.json())

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return dict(self.raw(path, json.dumps(body, ensure_ascii=False).encode()).json())

    def raw(self, path: str, body: bytes) -> httpx.Response:
        reply = self.http.post(_whole(path), params={"access_token": self.token}, content=body)
        assert reply.status_code == 200
        return reply

    def upload(self, path: str, data: bytes, name: str = "p.png", **query: Any) -> dict[str, Any]:
        form = query.pop("form", None)
        reply = self.http.post(
            _whole(path),
            params={"access_token": self.token, **query},
            files={"media": (name, data)},
            data=form,
        )
        return dict(reply.json())

    # what most tests need ------------------------------------------------------------------------
    def settings(self, **values: Any) -> dict[str, Any]:
        return self.process.settings_of("wechat", **values)

    def play(self, do: str, **more: Any) -> dict[str, Any]:
        return self.process.play_on("wechat", do, **more)

    def sent(self) -> dict[str, Any]:
        return dict(self.process.control("wechat/sent"))

    def openids(self) -> list[str]:
        return list(self.get("user/get")["data"]["openid"])

    def thumb(self) -> str:
        page = self.post("material/batchget_material", type="image", offset=0, count=1)
        return str(page["item"][0]["media_id"])

    def article(self, **more: Any) -> dict[str, Any]:
        return {"title": "新品", "content": "<p>好吃</p>", "thumb_media_id": self.thumb(), **more}

    def draft(self, *rows: dict[str, Any]) -> str:
        return str(self.post("draft/add", articles=list(rows) or [self.article()])["media_id"])

    def published(self) -> dict[str, Any]:
        """The newest seeded publication with crowded comments."""
        return dict(self.process.control("wechat/world")["publications"][-1])


def _whole(path: str) -> str:
    roots = ("datacube/", "customservice/", "wxaapi/", "cgi-bin/")
    return path if path.startswith(roots) else "cgi-bin/" + path
