"""No request makes the sandbox itself fail: whatever is sent, an envelope comes back."""

import itertools
import json
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

from tests.sandbox_process import ROOT, running_sandbox
from tests.unit.sandbox.conftest import Raw

FIELD_NAMES = """
userid external_userid userid_list cursor limit chat_id chat_type sender text attachments msgid tag
name group_name group_id tag_id id add_tag remove_tag start_time end_time type scene user party
config_id chat_id_list state moment_id jobid visible_range open_kfid touser msgtype code
external_userid_list owner_filter day_begin_time handover_userid takeover_userid welcome_code
template_id image new_owner tag_filter service_state servicer_userid token offset page_size media_id
department_id_list order remark remark_mobiles conclusions status_filter userid_list order_by
day_end_time unionid need_name
"""
NASTY: tuple[Any, ...] = (
    None,
    "",
    "x",
    7,
    -1,
    10**30,
    1.5,
    True,
    [],
    [None],
    [7],
    ["x"],
    {},
    {"content": 5},
    [{}],
)


def paths(raw: Raw) -> list[tuple[str, str]]:
    return [tuple(row) for row in raw.process.control("endpoints")["endpoints"]]


@pytest.mark.parametrize("value", NASTY, ids=repr)
def test_every_call_answers_nonsense_with_an_envelope(raw: Raw, value: Any) -> None:
    body = dict.fromkeys(FIELD_NAMES.split(), value)
    for path, verb in paths(raw):
        if verb == "GET":
            answer = raw.get(path, **{name: str(value) for name in ("userid", "external_userid", "jobid")})
        else:
            answer = raw.post(path, **body)
        assert isinstance(answer["errcode"], int), path
        assert isinstance(answer["errmsg"], str), path


def test_every_call_answers_missing_parameters(raw: Raw) -> None:
    for path, verb in paths(raw):
        answer = raw.get(path) if verb == "GET" else raw.post(path)
        assert isinstance(answer["errcode"], int), path


def test_right_ids_with_wrong_company(raw: Raw) -> None:
    """Valid ids in every id field, one field spoilt at a time."""
    staff, external = "chenhao", raw.process.control("world?index=1")["external_contact"]["external_userid"]
    chat_id = raw.process.control("world?group=0")["group"]["chat_id"]
    good: dict[str, Any] = {
        "userid": staff,
        "external_userid": external,
        "userid_list": [staff],
        "chat_id": chat_id,
        "limit": 5,
        "sender": staff,
        "text": {"content": "x"},
        "chat_type": "single",
        "chat_id_list": [chat_id],
        "handover_userid": staff,
        "takeover_userid": "wu_min",
        "new_owner": "wu_min",
        "type": 1,
        "scene": 2,
        "user": [staff],
        "start_time": 1,
        "end_time": 2,
        "tag": [{"name": "x"}],
        "group_name": "x",
    }
    spoilers = itertools.cycle((None, "x", 7, [], {}, [7]))
    for (path, verb), name in itertools.product(paths(raw), good):
        if verb == "POST":
            assert isinstance(raw.post(path, **(good | {name: next(spoilers)}))["errcode"], int), (
                path,
                name,
            )


@pytest.mark.parametrize(
    "doc", [{}, {"index": 0}, {"index": -1}, {"index": "x"}, {"group": "no"}, {"userid": 7}]
)
def test_acts_take_nonsense_or_refuse_it(raw: Raw, doc: dict[str, Any]) -> None:
    for act in raw.process.control("acts")["acts"]:
        reply = httpx.post(
            raw.process.greeting["control"] + "/world", json={"do": act, **doc}, trust_env=False
        )
        assert reply.status_code in (200, 400), (act, reply.text)
        assert isinstance(reply.json(), dict)
        assert "externalcontact/list" in str(raw.process.control("endpoints"))


def test_it_ends_with_its_parent() -> None:
    starter = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'desktop.sandbox', '--with-parent'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline(), flush=True)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", starter], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    )
    base_url = json.loads(done.stdout)["base_url"]
    for _ in range(50):
        try:
            httpx.get(base_url, trust_env=False)
        except httpx.TransportError:
            return
        time.sleep(0.1)
    raise AssertionError("still there five seconds later")


def test_it_ends_at_once_with_calls_in_the_air(raw: Raw) -> None:
    with running_sandbox() as process:
        process.fault("hang", "gettoken", seconds=600)
        with pytest.raises(httpx.TimeoutException):
            httpx.get(process.wecom_base_url + "/cgi-bin/gettoken", timeout=0.2, trust_env=False)
        process.process.terminate()
        assert process.process.wait(5) == 0


def test_a_taken_port_is_told(raw: Raw) -> None:
    port = raw.process.base_url.rpartition(":")[2]
    command = [sys.executable, "-m", "desktop.sandbox", "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert done.stderr.startswith(f"cannot listen on port {port}")
    assert "Traceback" not in done.stderr
