"""The whole program from its start to the first page with data, painted, beside the least Qt can do.

    python -m benchmarks.start --folder DIR [--rounds 5] [--pages fans home] [--before FOLDER_OF_ANOTHER_VERSION]

DIR holds a shop.db, which is copied first (`benchmarks.directory_goals` makes some). CPU seconds of whole
processes, all threads, in turn in one run; compiled modules are kept, as after any first start, and the
day's backup is made beforehand.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import runpy
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parents[1]
LOOK_MS = 10
SETTLE_S = "30"  # for the day's backup and tiers of a large shop
PATIENCE_S = 180  # a shop that another version made newer is not opened, and the window stays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", nargs="+", default=["fans", "home"])
    parser.add_argument("--before", type=Path, action="append", default=[])
    args = parser.parse_args()
    programs = [path.resolve() for path in (*args.before, HERE)]
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="fankeeper-start-") as scratch:
        shop = Path(scratch) / "shop"
        shop.mkdir()
        shutil.copy(args.folder / "shop.db", shop / "shop.db")
        for program in programs:
            _process(program, shop, "home", FANKEEPER_SMOKE_S=SETTLE_S)
        for _ in range(args.rounds):
            found["a bare window", ""].append(_bare())
            for page in args.pages:
                for program in programs:
                    found[f"{page} in front", str(program)].append(_process(program, shop, page))
    bare = statistics.median(run["first_s"] for run in found["a bare window", ""])
    print("| way | program | CPU s, median | least | x bare | MB | own modules run |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for (way, program), runs in found.items():
        first = [run["first_s"] for run in runs]
        middle, memory = statistics.median(first), statistics.median(run["start_mb"] for run in runs)
        ratio, own = f"{middle / bare:.2f}", runs[-1].get("modules", "")
        print(f"| {way} | {program} | {middle:.2f} | {min(first):.2f} | {ratio} | {memory:.0f} | {own} |")


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cache = str(Path(tempfile.gettempdir()) / "fankeeper-benchmark-pycache")
    return {**kept, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": cache, **more}


def _bare() -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.directory_window", "bare"]
    return _said(subprocess.run(words, cwd=HERE, env=_environment(), capture_output=True, check=True))


def _process(program: Path, shop: Path, page: str, **more: str) -> dict[str, Any]:
    words = [sys.executable, str(Path(__file__).resolve()), "--one", str(program), str(shop), page]
    return _said(
        subprocess.run(words, cwd=program, env=_environment(**more), capture_output=True, check=True)
    )


def _said(process: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    lines = process.stdout.decode().splitlines()
    said: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return said


def one(program: str, shop: str, page: str) -> None:
    """Be the program: its main.py, watched from a timer, ended once the page stands there."""
    sys.path[0] = program
    load = importlib.import_module

    def watched(name: str, package: str | None = None) -> ModuleType:
        module = load(name, package)
        if name == "desktop.app.window":
            importlib.import_module = load
            _watch(module, page)
        return module

    if "FANKEEPER_SMOKE_S" not in os.environ:
        importlib.import_module = watched
    sys.argv = [f"{program}/main.py", "--data-dir", shop]
    runpy.run_path(sys.argv[0], run_name="__main__")


def _watch(window: ModuleType, page: str) -> None:
    make, content = window.new_application, importlib.import_module("desktop.app.content")
    show = content.Content.show_shop
    content.Content.show_shop = lambda self, shop, first="": show(self, shop, page)

    def made() -> Any:
        app = make()
        timer = importlib.import_module("PySide6.QtCore").QTimer(app)
        timer.timeout.connect(lambda: _look(app))
        timer.start(LOOK_MS)
        return app

    window.new_application = made


def _look(app: Any) -> None:
    for frame in app.topLevelWidgets():
        shown = getattr(getattr(frame, "content", None), "currentWidget", lambda: None)()
        page = getattr(shown, "page", None)
        if page is None or not page.is_loaded:
            continue
        if hasattr(page, "model") and page.model.row_data(0) is None:
            continue
        frame.repaint()
        spent = time.process_time()
        own = [module for name, module in sys.modules.items() if name.startswith("desktop.")]
        run = sum(type(module) is ModuleType for module in own)
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        memory = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
        print(json.dumps({"first_s": spent, "start_mb": memory, "modules": run}), flush=True)
        os._exit(0)  # what it would still do is not measured


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    else:
        main()
