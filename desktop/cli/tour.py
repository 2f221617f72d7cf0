"""Command `tour`: the whole main loop on sample files, with screenshots and a report."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from desktop import late
from desktop.cli.parser import Document, Opens, Subcommands, add_command


def register(subcommands: Subcommands) -> None:
    """Declare the commands of this area."""
    tour = add_command(
        subcommands, "tour", _tour, opens=Opens.OWN_LOOP, help_text="run the whole loop on sample files"
    )
    tour.add_argument("--out", type=Path, required=True, help="a new folder for the report and pictures")


def _tour(args: argparse.Namespace) -> Document:
    """Offscreen wherever it runs: the pictures are the same with and without a display."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    late.load_qt()
    run = importlib.import_module("desktop.app.tour.run")  # late: commands start without loading Qt
    report: Document = run.run_tour(args.out, language=args.language, tell=_teller(args.json))
    return report if args.json else {"report": str(Path(report["out"]) / "report.md")}


def _teller(is_json: bool) -> Callable[[str], None]:
    """Lines go to standard output; beside a JSON document, to standard error."""
    stream = sys.stderr if is_json else sys.stdout
    return lambda line: print(line, file=stream, flush=True)
