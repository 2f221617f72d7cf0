"""What is said before and after one person is erased or a platform's data is purged, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop.domain.erasures import ErasurePlan, ErasureResult, PurgePlan, PurgeResult
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import has, language, t

JOINT = {"zh_CN": "、", "en": ", "}
SHOWN = 4  # files and places that are named


def plan_lines(plan: ErasurePlan, formats: Formats) -> list[str]:
    """What would go, what stays, and what is the owner's to deal with."""
    named = {table: n for table, n in plan.rows.items() if has(f"erase.table.{table}")}
    rows = [t(f"erase.table.{table}", n=formats.count(n)) for table, n in named.items()]
    lines = [t("erase.rows", what=JOINT[language()].join(rows))] if rows else []
    if plan.kept_orders:
        lines.append(t("erase.orders", n=plan.kept_orders))
    if plan.waiting:
        lines.append(t("erase.waiting", n=plan.waiting))
    if plan.exports:
        lines.append(t("erase.exports", n=len(plan.exports), files=_names(plan.exports)))
    if plan.others:
        lines.append(t("erase.named", n=len(plan.others), files=_names(plan.others)))
    return [*lines, *_owners((), plan.proofs), t("erase.platforms")]


def result_lines(result: ErasureResult, formats: Formats) -> list[str]:
    """What was done, and what the search through every byte found."""
    size = t("erase.megabytes", n=formats.count(max(1, result.bytes // 1_000_000)))
    found = {"files": formats.count(result.searched), "size": size}
    lines = [t("erase.clean", **found) if result.is_clean else t("erase.not_clean", **found)]
    kinds = {
        trace: JOINT[language()].join(t(f"erase.kind.{kind}") for kind in trace.kinds)
        for trace in result.traces
    }
    rows = sum(trace.rows for trace in result.traces)
    if rows:
        lines.append(t("erase.trace_rows", n=formats.count(rows)))
    files = [trace for trace in result.traces if not trace.rows]
    lines += [t("erase.trace_file", file=trace.where, kinds=kinds[trace]) for trace in files[:SHOWN]]
    if result.shared:
        lines.append(t("erase.shared", n=result.shared))
    lines += _files(result.deleted, result.fresh_backup, result.failed, log_held=result.log_held)
    return [*lines, *_owners(result.left, result.proofs), t("erase.platforms")]


def purge_lines(plan: PurgePlan, formats: Formats) -> list[str]:
    """What came from a platform, and who stays."""
    lines = [t("purge.people", n=plan.people)] if plan.people else []
    if plan.staying:
        lines.append(t("purge.staying", n=plan.staying))
    if plan.orders:
        lines.append(t("purge.orders", n=plan.orders, money=formats.money(plan.cents)))
    if plan.groups:
        lines.append(t("purge.groups", n=plan.groups))
    if plan.files:
        lines.append(t("purge.files", n=plan.files))
    if plan.waiting:
        lines.append(t("purge.waiting", n=plan.waiting))
    return [*lines, t("purge.figures")]


def purged_lines(result: PurgeResult, formats: Formats) -> list[str]:
    """What went."""
    lines = [t("purge.done", n=formats.count(sum(result.rows.values())))]
    lines += _files(result.deleted, result.fresh_backup, result.failed, log_held=result.log_held)
    return [*lines, t("purge.kept_backups", n=len(result.left))] if result.left else lines


def _files(deleted: Sequence[str], fresh: str, failed: Mapping[str, str], *, log_held: bool) -> list[str]:
    """What became of files."""
    lines = [t("erase.deleted", n=len(deleted))] if deleted else []
    if fresh:
        lines.append(t("erase.fresh", file=Path(fresh).name))
    lines += [t("erase.failed", file=path, why=why) for path, why in list(failed.items())[:SHOWN]]
    return [*lines, t("erase.log_held")] if log_held else lines


def _owners(lists: tuple[str, ...], proofs: tuple[str, ...]) -> list[str]:
    lines = [t("erase.others", files=_names(lists))] if lists else []
    return [*lines, t("erase.proofs", files=_names(proofs))] if proofs else lines


def _names(paths: tuple[str, ...]) -> str:
    shown = JOINT[language()].join(Path(path).name for path in paths[:SHOWN])
    return shown if len(paths) <= SHOWN else t("erase.and_more", files=shown, n=len(paths) - SHOWN)
