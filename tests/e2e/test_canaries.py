"""Marked secrets and phone numbers, searched for in every file that a shop's folder holds afterwards."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.e2e import loop
from tests.e2e.command_line import Shop, new_shop, refusal
from tests.sandbox_process import SandboxProcess

WRONG_SECRET = "canary-Zx81SecretThatIsWrong"
PASSWORD = "canary-Pa55word-小满"
PHONES = ("13912345067", "18687654032")
HEAD = "order_id,buyer_id,buyer_name,buyer_phone,paid_at,amount\n"
ENCODINGS = ("utf-8", "utf-16-le", "gb18030")


def files_with(folder: Path, text: str) -> set[str]:
    """Names of the files in which a text stands, in any of a few encodings, packed files unpacked."""
    found = set()
    for file in folder.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            held += gzip.decompress(held) if held.startswith(b"\x1f\x8b") else b""
            if any(text.encode(encoding) in held for encoding in ENCODINGS):
                found.add(file.name)
    return found


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_secrets_and_phones_stand_only_where_they_belong(tmp_path: Path, sandbox: SandboxProcess) -> None:
    shop = new_shop(tmp_path)
    said = [bring_phones(shop), *sign_in_and_fail(shop, sandbox)]
    loop.connect(shop, sandbox)
    token = token_of(sandbox)
    loop.sync(shop, sandbox)
    assert token_of(sandbox) == token  # it is the one the shop was given
    sandbox.fault("html", "externalcontact/groupchat/list", count=0)
    said.append(json.dumps(loop.sync(shop, sandbox)))
    sandbox.clear_faults()
    post = loop.draft(shop, shop.cwd, text=f"电话 {PHONES[0]} 找我")
    shop.finished("post", "confirm", post)
    sandbox.fault("garbage", loop.ADD_TASK)
    said.append(json.dumps(loop.sync(shop, sandbox)))
    said.append(json.dumps(shop.ok("log")))
    shop.ok("backup", "--to", shop.data / "copy.db")
    said.append(shop.log())

    everything = "\n".join(said)
    for secret in (WRONG_SECRET, PASSWORD, sandbox.corpsecret, token):
        assert len(secret) >= 16
        assert files_with(shop.data, secret) == set()
        assert secret not in everything
    for phone in PHONES:
        assert files_with(shop.data, phone) <= {"shop.db", "copy.db"}
        assert phone not in everything
    assert "shop.db" in files_with(shop.data, PHONES[1])  # the search does find
    shop.ok("accounts", "remove", "企业微信")


def bring_phones(shop: Shop) -> str:
    """Orders with phone numbers, some rows of them refused; what the commands said."""
    good = [
        f"{place},b{place},小{place},{phone},2026-05-01 10:00,9.90\n" for place, phone in enumerate(PHONES)
    ]
    bad = f"9,b9,坏行,{PHONES[0]},not a day,9.90\n"
    (shop.cwd / "phones.csv").write_text(HEAD + "".join(good) + bad, encoding="utf-8")
    done = shop.finished("import", "phones.csv", "--source", "generic_orders")
    assert (done.returncode, json.loads(done.stdout)["rejected"]) == (0, 1)
    fans = shop.ok("fans", "--search", PHONES[1][-4:])
    assert fans["total"] == 1
    wrong = shop.finished(
        "import", "phones.csv", "--password-stdin", "--source", "generic_fans", stdin=PASSWORD + "\n"
    )
    return done.stdout + done.stderr + wrong.stdout + wrong.stderr + json.dumps(fans)


def sign_in_and_fail(shop: Shop, sandbox: SandboxProcess) -> list[str]:
    """A wrong secret, and one that is no JSON; what the commands said."""
    given = json.dumps({"corpid": sandbox.corpid, "corpsecret": WRONG_SECRET})
    words = ("accounts", "add", "--platform", "wecom", "--name", "错的", "--base-url")
    shop.ok(*words, sandbox.wecom_base_url, stdin=given)
    refused = shop.finished(*loop.SYNC, stdin=given)
    assert refusal(refused)["code"] == "wecom_secret_wrong"
    unreadable = shop.finished(*words, sandbox.wecom_base_url, stdin=f'"{WRONG_SECRET}')
    assert refusal(unreadable)["code"] == "secrets_unreadable"
    shop.ok("accounts", "remove", "错的")
    return [refused.stderr, unreadable.stderr]


def token_of(sandbox: SandboxProcess) -> str:
    """The token that the platform gives, the same until it dies."""
    import urllib.request

    address = (
        f"{sandbox.wecom_base_url}/cgi-bin/gettoken?corpid={sandbox.corpid}&corpsecret={sandbox.corpsecret}"
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address) as reply:
        return str(json.load(reply)["access_token"])
