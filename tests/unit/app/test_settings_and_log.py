"""Settings are whole or default; the log tells what happened and nobody's secret."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from desktop.app import config, logs
from desktop.app.config import AppSettings, SettingsFile

TOKEN = "qw3RT7canary-SECRET_0099aabb"
PHONE = "13912345678"


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path)
    file.change(language="en", text_scale=125, operator="小满", reduced_motion=True)
    assert config.load(tmp_path) == AppSettings(
        language="en", text_scale=125, operator="小满", reduced_motion=True
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [config.FILE]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"language": "xx", "text_scale": true}', "\x00"])
def test_a_damaged_file_means_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / config.FILE).write_text(text)
    assert config.load(tmp_path) == AppSettings()


def test_one_wrong_value_does_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / config.FILE).write_text('{"theme": "dark", "text_scale": 7, "operator": 5, "later": 1}')
    assert config.load(tmp_path) == AppSettings(theme="dark")


def test_a_crash_while_saving_leaves_the_old_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.save(tmp_path, AppSettings(theme="dark"))

    def breaks(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", breaks)
    with pytest.raises(OSError, match="No space"):
        config.save(tmp_path, AppSettings(theme="light"))
    assert config.load(tmp_path).theme == "dark"
    assert [path.name for path in tmp_path.iterdir()] == [config.FILE]


def test_a_full_disk_costs_only_the_memory_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log
) -> None:
    file = SettingsFile(tmp_path / "file")
    (tmp_path / "file").write_text("in the way")
    expected_log("settings not saved")
    assert file.change(theme="dark").theme == "dark"
    assert file.now.theme == "dark"


def written(tmp_path: Path, emit) -> str:
    with logs.logging_to(tmp_path):
        emit(logging.getLogger("desktop.canary"))
    return (tmp_path / logs.FOLDER / logs.FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://qyapi.weixin.qq.com/cgi-bin/user/list?access_token={TOKEN}&id=1",
        f"GET /gettoken?corpid=ww1&corpsecret={TOKEN}",
        f"{{'corpid': 'ww1', 'corpsecret': '{TOKEN}'}}",
        f'{{"access_token": "{TOKEN}", "expires_in": 7200}}',
        f"Authorization: Bearer {TOKEN}",
        f"access_token%3D{TOKEN}",
        f"app_secret = {TOKEN}",
        f"('corpsecret', '{TOKEN}')",
    ],
)
def test_secrets_are_masked_wherever_they_stand(tmp_path: Path, text: str) -> None:
    def emit(log: logging.Logger) -> None:
        log.info(text)
        log.info("request %s done", text)

    said = written(tmp_path, emit)
    assert TOKEN not in said
    assert "request" in said


@pytest.mark.parametrize(
    "text", [PHONE, "+86 139 1234 5678", "8613912345678", "139-1234-5678", f"电话{PHONE}。"]
)
def test_phones_are_masked(tmp_path: Path, text: str) -> None:
    said = written(tmp_path, lambda log: log.info("row: %s", text))
    assert "12345678" not in said.replace(" ", "").replace("-", "")
    assert "1**********" in said


def test_tracebacks_are_masked_too(tmp_path: Path, expected_log) -> None:
    expected_log("failed")

    def emit(log: logging.Logger) -> None:
        try:
            raise ValueError(f"buyer {PHONE} token={TOKEN}")
        except ValueError:
            log.exception("failed")

    said = written(tmp_path, emit)
    assert "ValueError" in said
    assert PHONE not in said
    assert TOKEN not in said


def test_ids_and_times_stay_readable() -> None:
    assert logs.masked("order 6925310023456789012 at 1763800000000") == (
        "order 6925310023456789012 at 1763800000000"
    )


def test_no_folder_is_made_for_the_log_alone(tmp_path: Path) -> None:
    with logs.logging_to(tmp_path / "nowhere"):
        logging.getLogger("desktop.canary").info("hello")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_the_log_is_for_the_owner_only(tmp_path: Path) -> None:
    written(tmp_path, lambda log: log.info("hello"))
    assert stat.S_IMODE((tmp_path / logs.FOLDER / logs.FILE).stat().st_mode) == 0o600


def test_the_log_turns_over_and_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2_000)
    written(tmp_path, lambda log: [log.info("x" * 100) for _ in range(200)])
    files = list((tmp_path / logs.FOLDER).iterdir())
    assert len(files) == logs.KEPT + 1
    assert all(file.stat().st_size <= 2_200 for file in files)
