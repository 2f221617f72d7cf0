"""Who is selected in the directory: runs of rows as ids, or as everybody who passes the filter but some."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.fans import FanChoice, FanFilter
from desktop.models.windowed_table import WindowedTableModel

LISTED = 2_000  # so many are named one by one; of more, if it is shorter, who is left out


def choice_of(model: WindowedTableModel, spans: Sequence[range], wanted: FanFilter) -> FanChoice:
    """The rows of these runs; `wanted` is the filter that gave the model's order."""
    total, count = model.rowCount(), sum(map(len, spans))
    if count <= LISTED or total - count > count:
        return FanChoice(ids=tuple(one for span in spans for one in model.ids(span.start, span.stop)))
    left: list[int] = []
    at = 0
    for span in (*spans, range(total, total)):
        left += model.ids(at, span.start)
        at = span.stop
    return FanChoice(wanted=wanted, but=frozenset(left))
