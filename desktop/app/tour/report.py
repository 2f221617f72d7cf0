"""What the tour saw: a line a step as it goes, and a report with its pictures at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.domain.errors import AppError


class TourFailedError(AppError):
    """A check of the tour did not hold; params: check."""

    code = "tour_failed"


@dataclass
class Report:
    """Collects steps, checks and pictures. `tell` is given each line as it comes."""

    folder: Path
    words: Callable[..., str]
    tell: Callable[[str], None]
    steps: list[dict[str, Any]] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    def step(self, what: str, /, **figures: Any) -> None:
        """One thing done, with its figures."""
        line = self.words(f"tour.step_{what}", **figures)
        self.steps.append({"step": what, "figures": figures, "line": line})
        self.tell(f"{len(self.steps):>3}  {line}")

    def check(self, what: str, holds: bool) -> None:
        """Something that must be so. Raises TourFailedError where it is not."""
        if not holds:
            raise TourFailedError(check=what)
        self.checks.append(what)

    def document(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return {
            "out": str(self.folder),
            "steps": self.steps,
            "checks": self.checks,
            "pictures": self.pictures,
        }

    def write(self) -> Path:
        """report.json and report.md in the folder; the latter's path."""
        text = json.dumps(self.document(), ensure_ascii=False, indent=2)
        (self.folder / "report.json").write_text(text, encoding="utf-8")
        lines = [f"# {self.words('tour.title')}", ""]
        lines += [f"{place}. {step['line']}" for place, step in enumerate(self.steps, 1)]
        lines += ["", f"## {self.words('tour.pictures')}", ""]
        lines += [f"### {picture}\n\n![{picture}](pictures/{picture})\n" for picture in self.pictures]
        target = self.folder / "report.md"
        target.write_text("\n".join(lines), encoding="utf-8")
        return target
