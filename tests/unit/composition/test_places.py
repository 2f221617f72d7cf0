"""A shop does not live on a network drive or in a synced folder; anything uncertain is let through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.composition import lock, places
from desktop.domain.errors import InvalidInputError

MOUNTS = [
    "21 1 8:1 / / rw,relatime shared:1 - overlay overlay rw",
    "22 21 0:40 / /home rw - ext4 /dev/sda2 rw",
    r"23 22 0:41 / /home/li/net\040drive rw - cifs //nas/share rw",
    "24 22 0:42 / /home/li/wsl rw - 9p drvfs rw",
    "25 22 0:43 / /home/li/remote rw - fuse.sshfs nas: rw",
    "broken",
]


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/srv/shop", "overlay"),
        ("/home/li/shop", "ext4"),
        ("/home/li/net drive/shop", "cifs"),
        ("/home/li/net drive2/shop", "ext4"),
        ("/home/li/wsl/shop", "9p"),
        ("/home/li/remote", "fuse.sshfs"),
    ],
)
def test_the_innermost_mount_counts(place: str, kind: str) -> None:
    assert places.file_system(Path(place), MOUNTS) == kind


def test_network_file_systems_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - nfs4 nas:/x rw\n")
    monkeypatch.setattr(places, "MOUNTS", mounts)
    assert places.shared_by(tmp_path / "shop") == "nfs4"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - fuse.unknown x rw\n")
    assert places.shared_by(tmp_path / "shop") is None


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("OneDrive", "OneDrive"),
        ("OneDrive - 小满商贸", "OneDrive"),
        ("Dropbox", "Dropbox"),
        ("我的坚果云", "坚果云"),
        ("Library/Mobile Documents", "iCloud"),
        ("iCloudDrive", "iCloud"),
    ],
)
def test_synced_folders_are_refused_and_nothing_is_made(tmp_path: Path, name: str, by: str) -> None:
    folder = tmp_path / name / "粉掌柜"
    with pytest.raises(InvalidInputError) as told:
        lock.take(folder, lock.WINDOW)
    assert (told.value.code, told.value.params["by"]) == ("folder_shared", by)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["onedrive-backup", "cloudstorage", "shop", "坚果云资料"])
def test_names_that_only_sound_alike_are_fine(tmp_path: Path, name: str) -> None:
    assert places.shared_by(tmp_path / name) is None


def test_a_moved_dropbox_and_a_link_into_it_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / ".dropbox").mkdir()
    (tmp_path / "box").mkdir()
    (tmp_path / ".dropbox" / "info.json").write_text(
        json.dumps({"personal": {"path": str(tmp_path / "box")}})
    )
    (tmp_path / "link").symlink_to(tmp_path / "box")
    assert places.shared_by(tmp_path / "link" / "shop") == "Dropbox"
    (tmp_path / ".dropbox" / "info.json").write_text("[]")
    assert places.shared_by(tmp_path / "box") is None
