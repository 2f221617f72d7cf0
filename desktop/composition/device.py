"""Which computer this is: an id kept beside the data, renewed when the folder came from elsewhere."""

from __future__ import annotations

import hashlib
import json
import platform
import uuid
from dataclasses import dataclass
from pathlib import Path

FILE = "device.json"


@dataclass(frozen=True, slots=True)
class Device:
    """`is_new_here`: the folder was made on another computer, or has never been opened."""

    device_id: str
    is_new_here: bool


def recognise(data_dir: Path, *, may_write: bool = True) -> Device:
    """Read the device file of a data folder, or write it; without `may_write` an unknown folder stays so."""
    machine = _fingerprint()
    file = data_dir / FILE
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if isinstance(known, dict) and known.get("machine") == machine and known.get("device_id"):
        return Device(str(known["device_id"]), is_new_here=False)
    device_id = uuid.uuid4().hex
    if not may_write:
        return Device(device_id, is_new_here=True)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(FILE + ".part")
    fresh.write_text(json.dumps({"device_id": device_id, "machine": machine}), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(file)
    return Device(device_id, is_new_here=True)


def _fingerprint() -> str:
    """A hash of what the system says about itself; names no person and no hardware serial."""
    try:
        system_id = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except OSError:
        system_id = f"{uuid.getnode():x}"
    return hashlib.sha256(f"{platform.node()}/{system_id}".encode()).hexdigest()[:32]
