"""The examples in docs/sandbox.md work, and nothing that can be scripted is missing there."""

import json
import pathlib
import re

from tests.sandbox_process import ROOT
from tests.unit.sandbox.conftest import Raw

TEXT = pathlib.Path(ROOT, "docs", "sandbox.md").read_text("utf-8")


def test_every_fault_has_an_example_that_is_taken(raw: Raw) -> None:
    examples = [json.loads(found) for found in re.findall(r'`(\{"kind": .*?\})`', TEXT)]
    for example in examples:
        ids = raw.process.control("faults", example)["ids"]
        assert len(ids) == 1
    assert {example["kind"] for example in examples} == set(raw.process.control("help")["faults"])


def test_every_switch_act_and_route_is_named(raw: Raw) -> None:
    for name in [*raw.process.settings(), *raw.process.control("acts")["acts"]]:
        assert f"`{name}`" in TEXT, name
    for route in raw.process.control("help")["routes"]:
        verb, path = route.split()
        if not path.startswith(("/wecom/", "/wechat/", "/douyin/", "/doudian/")):
            assert f"{verb} {path}" in TEXT, route


def test_steps_of_the_example_are_known_acts(raw: Raw) -> None:
    block = re.search(r'```json\n(\{"steps".*?)\n```', TEXT, re.DOTALL)
    assert block is not None
    known = set(raw.process.control("acts")["acts"])
    assert {step["do"] for step in json.loads(block.group(1))["steps"]} <= known
