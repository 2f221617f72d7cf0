"""The arithmetic of charts: round axis steps, curves that never overshoot, which labels fit. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]


def nice_step(span: float, parts: int) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ with which `parts` steps cover `span`; whole from 1 up."""
    if span <= 0:
        return 1.0
    rough = span / max(1, parts)
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 2.5, 5, 10):
        step = factor * power
        if step >= rough * 0.999999 and (step < 1 or step == int(step)):
            return step
    return 10 * power


def axis_ticks(low: float, high: float, parts: int = 4) -> list[float]:
    """Round values from at or below `low` (zero included when both are positive) to at or above `high`."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = 1.0
    step = nice_step(high - low, parts)
    first, last = math.floor(low / step), math.ceil(high / step * (1 - 1e-9))  # 3.0000000001 steps are 3
    return [round(at * step, 10) for at in range(first, last + 1)]


def place(value: float, low: float, high: float, start: float, end: float) -> float:
    """`value` of [low, high] carried to [start, end]; the middle when the range is empty."""
    if high == low:
        return (start + end) / 2
    return start + (end - start) * (value - low) / (high - low)


def label_stride(count: int, room: float, label_width: float) -> int:
    """Every how many labels fit into `room` beside each other."""
    if count <= 1:
        return 1
    fitting = max(1, int(room // max(1.0, label_width)))
    return max(1, math.ceil(count / fitting))


def nearest(position: float, places: Sequence[float]) -> int | None:
    """The index of the place closest to `position`; None when there is none."""
    if not places:
        return None
    return min(range(len(places)), key=lambda at: abs(places[at] - position))


def monotone_slopes(points: Sequence[Point]) -> list[float]:
    """Tangents of a curve through points of rising x that stays between neighbours (Fritsch-Carlson)."""
    if len(points) < 2:
        return [0.0] * len(points)
    rises = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    inner = [
        0.0 if before * after <= 0 else 2 * before * after / (before + after)
        for before, after in pairwise(rises)
    ]
    return [rises[0], *inner, rises[-1]]


def controls(points: Sequence[Point]) -> list[tuple[Point, Point, Point]]:
    """Cubic pieces (first control, second control, end) of the smooth curve through `points`."""
    slopes = monotone_slopes(points)
    pieces = []
    for (a, b), (slope_a, slope_b) in zip(pairwise(points), pairwise(slopes), strict=True):
        third = (b[0] - a[0]) / 3
        pieces.append(((a[0] + third, a[1] + third * slope_a), (b[0] - third, b[1] - third * slope_b), b))
    return pieces


def funnel_ratios(values: Sequence[float]) -> list[float | None]:
    """Each step as a share of the step before; None for the first and after a zero."""
    ratios: list[float | None] = [None] if values else []
    for before, after in pairwise(values):
        ratios.append(after / before if before else None)
    return ratios
