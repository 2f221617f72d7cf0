"""One window a data folder: a second start hands its files to the first and leaves.

The shop's lock keeps data safe; this only saves the operator a riddle. Everything that arrives is
checked, for any program of the same user may speak to the socket.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

MAX_BYTES = 64_000
MAX_FILES = 50
ANSWER = b"here\n"
WAIT_MS = 1_500


def server_name(data_dir: Path) -> str:
    """The same for every start of this user on this folder, whatever its spelling."""
    place = os.path.normcase(os.path.realpath(data_dir))
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""
    return (
        "fankeeper-" + hashlib.sha256(f"{user}\n{place}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
    )


def hand_over(data_dir: Path, files: Sequence[Path] = ()) -> bool:
    """Ask the window that has this folder open to come forward and take the files.

    False when nobody answers within three seconds: no window, or one that hangs.
    """
    line = json.dumps({"files": [str(file.absolute()) for file in files[:MAX_FILES]]}).encode() + b"\n"
    door = QLocalSocket()
    try:
        door.connectToServer(server_name(data_dir))
        if not door.waitForConnected(WAIT_MS):
            return False
        door.write(line)
        heard = b""
        while not heard.endswith(b"\n"):
            if not door.waitForReadyRead(WAIT_MS):
                return False
            heard += bytes(door.readAll().data())
        return heard == ANSWER
    finally:
        door.abort()


class SingleInstance(QObject):
    """The first window's ear. `on_call` gets the files that a second start was given."""

    def __init__(self, data_dir: Path, on_call: Callable[[list[Path]], None]) -> None:
        super().__init__()
        self._on_call = on_call
        self._heard: dict[QLocalSocket, bytes] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        self._name = server_name(data_dir)

    def listen(self) -> bool:
        """Begin to hear. Only for the holder of the folder's lock: a dead window's socket is removed."""
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        """Hear no more."""
        self._server.close()
        for door in list(self._heard):
            door.abort()

    def _accept(self) -> None:
        while (door := self._server.nextPendingConnection()) is not None:
            self._heard[door] = b""
            door.readyRead.connect(lambda door=door: self._read(door))
            door.disconnected.connect(lambda door=door: self._forget(door))
            self._read(door)

    def _read(self, door: QLocalSocket) -> None:
        if door not in self._heard:
            return
        self._heard[door] += bytes(door.readAll().data())
        text = self._heard[door]
        if len(text) > MAX_BYTES:
            door.abort()
        elif text.endswith(b"\n"):
            self._heard[door] = b""
            door.write(ANSWER)
            door.flush()
            self._on_call(files_in(text))

    def _forget(self, door: QLocalSocket) -> None:
        if self._heard.pop(door, None) is not None:
            door.deleteLater()


def files_in(line: bytes) -> list[Path]:
    """The existing files that a message names; none for a message that makes no sense."""
    try:
        said = json.loads(line)
        names = said["files"][:MAX_FILES] if isinstance(said, dict) else []
        return [path for path in map(Path, names) if path.is_absolute() and path.is_file()]
    except (ValueError, KeyError, TypeError, OSError):
        return []
