"""Folders in which a shop must not live: network drives, and folders that a program copies elsewhere.

SQLite's locks do not hold across computers, and a program that copies the file while it is written
makes a torn copy. Only what is certain is refused; an unknown file system is let through.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from desktop.domain.errors import InvalidInputError

MOUNTS = Path("/proc/self/mountinfo")
NETWORK_TYPES = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ceph",
        "davfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.davfs2",
    }
)
# The names that the programs themselves give their folders; Windows and macOS ignore the case.
SYNC_FOLDERS = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "iclouddrive": "iCloud",
    "google drive": "Google Drive",
    "nutstore": "坚果云",
    "nutstore files": "坚果云",
    "我的坚果云": "坚果云",
    "坚果云": "坚果云",
    "baidusyncdisk": "百度网盘",
    "wpsdrive": "WPS 云盘",
}
IN_LIBRARY = {"mobile documents": "iCloud", "cloudstorage": "OneDrive / Dropbox / Google Drive"}  # macOS
_REMOTE_DRIVE = 4  # GetDriveTypeW


def refuse_shared(folder: Path) -> None:
    """Raise InvalidInputError('folder_shared', path, by) where other computers write to `folder`."""
    found = shared_by(folder)
    if found is not None:
        raise InvalidInputError("folder_shared", path=str(folder), by=found)


def shared_by(folder: Path) -> str | None:
    """What shares the folder with other computers: a file system or a program; None for a local one."""
    place = Path(os.path.realpath(folder))
    return _sync_program(place) or _network(place)


def _sync_program(place: Path) -> str | None:
    for part in (place, *place.parents):
        name = part.name.casefold()
        if name in SYNC_FOLDERS:
            return SYNC_FOLDERS[name]
        if name in IN_LIBRARY and part.parent.name.casefold() == "library":
            return IN_LIBRARY[name]
        if name.startswith("onedrive - "):  # "OneDrive - Company"
            return "OneDrive"
    roots = [
        (os.environ.get(name), "OneDrive")
        for name in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
    ]
    roots += [(path, "Dropbox") for path in _dropbox_folders()]
    return next((by for path, by in roots if path and place.is_relative_to(os.path.realpath(path))), None)


def _dropbox_folders() -> list[str]:
    """Where Dropbox says it keeps its files."""
    homes = [
        Path.home() / ".dropbox",
        *(Path(os.environ[n]) / "Dropbox" for n in ("APPDATA", "LOCALAPPDATA") if n in os.environ),
    ]
    found = []
    for home in homes:
        try:
            said = json.loads((home / "info.json").read_text(encoding="utf-8"))
            found += [str(account["path"]) for account in said.values()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def _network(place: Path) -> str | None:
    if sys.platform == "win32":
        return _windows_network(place)
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    kind = file_system(place, lines)
    return kind if kind in NETWORK_TYPES else None


def file_system(place: Path, mounts: list[str]) -> str:
    """The type of the file system that holds `place`, from lines of mountinfo; '' when none does."""
    longest, kind = -1, ""
    for line in mounts:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        if len(point) >= longest and place.is_relative_to(point):  # of two on one point, the later counts
            longest, kind = len(point), after.split(" ")[0]
    return kind


if sys.platform == "win32":
    import ctypes

    def _windows_network(place: Path) -> str | None:
        if place.drive.startswith("\\\\"):
            return place.drive
        remote = ctypes.windll.kernel32.GetDriveTypeW(f"{place.drive}\\") == _REMOTE_DRIVE
        return place.drive if remote else None

else:

    def _windows_network(place: Path) -> str | None:
        return None
