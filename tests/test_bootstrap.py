"""The set-up script: what it asks for, what it makes, what it tells, without installing anything."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from tests.waiting import Stopwatch

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own for the script, with a lock of nothing."""
    venv = tmp_path / ".venv"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    (tmp_path / "requirements.lock").write_text("# nothing\n", encoding="utf-8")
    names = {
        "ROOT": tmp_path,
        "VENV": venv,
        "LOCK": tmp_path / "requirements.lock",
        "STAMP": venv / ".fankeeper-ready",
        "OURS": venv / ".fankeeper-made",
        "PYTHON": python,
    }
    for name, value in names.items():
        monkeypatch.setattr(bootstrap, name, value)
    return tmp_path


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "LINUX", True)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def installs_nothing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the download; the list tells how often it was asked for."""
    asked: list[str] = []
    monkeypatch.setattr(bootstrap, "install", lambda: asked.append("install"))
    return asked


@pytest.mark.slow
def test_an_environment_is_made_once_and_then_left_alone(folder, monkeypatch) -> None:
    asked = installs_nothing(monkeypatch)
    bootstrap.environment()
    bootstrap.environment()
    assert asked == ["install"]
    assert bootstrap.is_ready()
    assert subprocess.run([str(bootstrap.PYTHON), "-c", "pass"], check=False).returncode == 0


def without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments are made as where Debian's ensurepip is missing: quickly."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def test_a_set_up_that_was_cut_off_is_begun_afresh(folder, monkeypatch) -> None:
    without_pip(monkeypatch)

    def cut_off() -> None:
        (bootstrap.VENV / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "install", cut_off)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.environment()
    assert not bootstrap.is_ready()
    asked = installs_nothing(monkeypatch)
    bootstrap.environment()
    assert asked == ["install"]
    assert not (bootstrap.VENV / "half").exists()


def test_another_lock_makes_another_environment(folder, monkeypatch) -> None:
    without_pip(monkeypatch)
    asked = installs_nothing(monkeypatch)
    bootstrap.environment()
    bootstrap.LOCK.write_text("# something else\n", encoding="utf-8")
    assert not bootstrap.is_ready()
    bootstrap.environment()
    assert asked == ["install", "install"]


def test_an_environment_of_somebody_else_is_filled_and_not_removed(folder, monkeypatch) -> None:
    asked = installs_nothing(monkeypatch)
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.symlink_to(sys.executable)
    (bootstrap.VENV / "precious").touch()
    bootstrap.environment()
    assert asked == ["install"]
    assert (bootstrap.VENV / "precious").exists()


def test_missing_system_libraries_are_told_as_one_line_to_paste(monkeypatch) -> None:
    monkeypatch.setattr(bootstrap, "LINUX", True)
    monkeypatch.setattr(bootstrap, "ALWAYS", "libnothing-at-all.so.9 libnothing9")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/usr/bin/apt-get")
    with pytest.raises(bootstrap.Problem) as caught:
        bootstrap.system_libraries()
    pasted = caught.value.english.splitlines()[-1]
    assert re.fullmatch(r"  sudo sh -c 'apt-get update && apt-get install -y \S+ .*libnothing9.*'", pasted)
    assert pasted in caught.value.chinese


def test_without_apt_the_libraries_themselves_are_named(monkeypatch) -> None:
    monkeypatch.setattr(bootstrap, "LINUX", True)
    monkeypatch.setattr(bootstrap, "ALWAYS", "libnothing-at-all.so.9 libnothing9")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.Problem, match=r"libnothing-at-all\.so\.9"):
        bootstrap.system_libraries()


@pytest.mark.parametrize("found", [(3, 9, 2), (3, 14, 0)])
def test_a_python_that_does_not_fit_is_told(monkeypatch, found) -> None:
    monkeypatch.setattr(sys, "version_info", found)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.Problem, match=r"3\.11"):
        bootstrap.check_python()


def test_missing_pip_is_told(folder, monkeypatch) -> None:
    monkeypatch.setattr(
        bootstrap.subprocess, "run", lambda *words, **more: subprocess.CompletedProcess(words, 1, "", "")
    )
    with pytest.raises(bootstrap.Problem, match="python3-pip"):
        bootstrap.pip_command()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("WARNING: Retrying ... NewConnectionError('...: Network is unreachable')", "PIP_INDEX_URL"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "PIP_INDEX_URL"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "full"),
        ("ERROR: No matching distribution found for shiboken6==6.11.3", "glibc"),
        ("ERROR: something new under the sun", "something new under the sun"),
    ],
)
def test_what_stopped_pip_is_told_in_plain_words(line: str, told: str) -> None:
    assert told in bootstrap.pip_problem(["Collecting x\n", line + "\n"]).english


def test_without_a_display_run_takes_the_tour(folder, no_display, monkeypatch, capsys) -> None:
    started: list[list[str]] = []

    def started_instead(program: str, words: list[str], env: dict[str, str]) -> None:
        started.append([*words[1:], env["QT_QPA_PLATFORM"]])
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", started_instead)
    with pytest.raises(SystemExit):
        bootstrap.run([])
    (main, verb, out, where, platform) = started[0]
    assert (main, verb, out, platform) == (str(folder / "main.py"), "tour", "--out", "offscreen")
    assert re.fullmatch(r"tour-\d{8}-\d{6}", Path(where).name)
    assert where in capsys.readouterr().out


def test_arguments_of_run_go_to_the_program(folder, no_display, monkeypatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda program, words, env: started.append(words))
    monkeypatch.setattr(subprocess, "call", lambda words, env: 0)
    bootstrap.run(["fans", "--json"])
    assert started[0][1:] == [str(folder / "main.py"), "fans", "--json"]


def test_children_speak_utf_8(monkeypatch) -> None:
    monkeypatch.setattr(bootstrap, "LINUX", True)
    monkeypatch.setenv("LC_ALL", "C")
    env = bootstrap.child_environment(is_test=False)
    assert (env["LANG"], env.get("LC_ALL")) == ("C.UTF-8", None)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert bootstrap.child_environment(is_test=False)["LC_ALL"] == "zh_CN.UTF-8"


def test_a_failing_check_fails_the_whole_and_says_so_last(monkeypatch, capsys) -> None:
    monkeypatch.setattr(bootstrap, "passes", lambda name, command, env: name != "mypy")
    monkeypatch.setattr(subprocess, "call", lambda words, cwd, env: 0)
    assert bootstrap.test([]) == 1
    assert capsys.readouterr().out.endswith("Not passed: mypy\n")


@pytest.mark.parametrize(
    ("way", "handed_on"),
    [("--quick", ["-m", "not slow"]), ("--deep", ["--deep"]), ("--coverage", bootstrap.COVERAGE)],
)
def test_each_way_of_testing_runs_every_check(monkeypatch, way: str, handed_on: list[str]) -> None:
    checked: list[str] = []
    called: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "passes", lambda name, command, env: not checked.append(name))
    monkeypatch.setattr(subprocess, "call", lambda words, cwd, env: called.append(words) or 0)
    assert bootstrap.test([way]) == 0
    assert checked == ["ruff check", "ruff format", "mypy", "lint-imports"]
    assert called[0][1:] == ["-m", "pytest", *bootstrap.SIDE_BY_SIDE, *handed_on]


def test_named_tests_run_alone_and_in_one_process(monkeypatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda words, cwd, env: called.append(words) or 0)
    assert bootstrap.test(["tests/unit/store", "-k", "outbox", "--deep"]) == 0
    assert called[0][1:] == ["-m", "pytest", "tests/unit/store", "-k", "outbox", "--deep"]


def test_an_unknown_word_shows_the_usage(capsys) -> None:
    assert bootstrap.main(["dance"]) == 2
    assert "bootstrap.py run" in capsys.readouterr().err


def test_the_warm_start_adds_less_than_a_second(folder, monkeypatch) -> None:
    """Everything is there: only looking remains."""
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.symlink_to(sys.executable)
    bootstrap.STAMP.write_text(bootstrap.wanted_stamp(), encoding="ascii")
    watch = Stopwatch()
    bootstrap.set_up()
    assert watch.elapsed_s() < 1.0
