"""Run as a script: has the program loaded, and does one sweep for each line of JSON it is told.

A process of its own, with one thread between sweeps, so that it can fork; the program's modules are
loaded once, and a point costs what its work does.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.crash.power import lost
from tests.crash.sweep import swept


def main() -> None:
    """`{"do": "sweep" | "power", ...arguments}` in, the document of what was found out."""
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        order = json.loads(line)
        do = order.pop("do")
        try:
            told = (swept if do == "sweep" else lost)(**order)
        except Exception:  # noqa: BLE001  the test that asked shows it
            told = {"broke": traceback.format_exc()}
        print(json.dumps(told, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
