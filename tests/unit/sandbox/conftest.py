"""A WeCom client of a dozen lines, independent of the adapters."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.sandbox_process import SandboxProcess
from tests.unit.sandbox.wechat_client import Mp


class Raw:
    """Speaks the wire format by hand: JSON without a content type, the token in the query."""

    def __init__(self, process: SandboxProcess) -> None:
        self.process = process
        self.http = httpx.Client(base_url=process.wecom_base_url + "/cgi-bin/", trust_env=False, timeout=10)
        self.token = ""

    def login(self) -> str:
        self.token = self.get("gettoken", corpid=self.process.corpid, corpsecret=self.process.corpsecret)[
            "access_token"
        ]
        return self.token

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        if self.token:
            query.setdefault("access_token", self.token)
        return dict(self.http.get(path, params=query).json())

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        reply = self.http.post(path, params={"access_token": self.token}, content=json.dumps(body).encode())
        assert reply.status_code == 200
        return dict(reply.json())

    def upload(self, path: str, data: bytes, name: str = "p.png", **query: Any) -> dict[str, Any]:
        query["access_token"] = self.token
        return dict(self.http.post(path, params=query, files={"media": (name, data)}).json())

    def pages(self, path: str, rows: str, **body: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        for _ in range(10_000):
            page = self.post(path, cursor=cursor, **body)
            assert page["errcode"] == 0, page
            found += page[rows]
            cursor = page["next_cursor"]
            if not cursor:
                return found
        raise AssertionError("endless listing")

    def staff(self) -> list[str]:
        return list(self.get("externalcontact/get_follow_user_list")["follow_user"])

    def everybody(self) -> list[dict[str, Any]]:
        return self.pages(
            "externalcontact/batch/get_by_user",
            "external_contact_list",
            userid_list=self.staff(),
            limit=100,
        )


@pytest.fixture
def raw(shared_sandbox: SandboxProcess) -> Iterator[Raw]:
    client = Raw(shared_sandbox)
    client.login()
    yield client
    client.http.close()


@pytest.fixture
def mp(shared_sandbox: SandboxProcess) -> Iterator[Mp]:
    client = Mp(shared_sandbox)
    client.login()
    yield client
    client.http.close()


def key(row: dict[str, Any]) -> tuple[str, str]:
    """Customer and staff of one batch row."""
    return row["external_contact"]["external_userid"], row["follow_info"]["userid"]
