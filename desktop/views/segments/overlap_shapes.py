"""Where circles lie so that their areas, and those they share, tell the numbers; no painting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import acos, cos, hypot, pi, sin, sqrt

from desktop.domain.segments.saved import Overlap

Circle = tuple[float, float, float]  # middle x, middle y, radius
GRID = 72  # points a side at which is looked which circles cover them


def circles(overlap: Overlap) -> list[Circle]:
    """Two or three circles: areas as the sizes; shared areas exact in pairs, as near as can be in threes."""
    radii = [sqrt(max(size, 1) / pi) for size in overlap.sizes]
    apart = {
        (a, b): distance(radii[a], radii[b], shared(overlap, a, b))
        for a, b in combinations(range(len(radii)), 2)
    }
    first, second = (0.0, 0.0, radii[0]), (apart[0, 1], 0.0, radii[1])
    if len(radii) == 2:
        return [first, second]
    base, left, right = apart[0, 1], apart[0, 2], apart[1, 2]
    if base < 1e-9:
        return [first, second, (left, 0.0, radii[2])]
    along = (base * base + left * left - right * right) / (2 * base)
    up = sqrt(max(left * left - along * along, 0.0))
    along = max(min(along, left), -left)
    return [first, second, (along, up, radii[2])]


def shared(overlap: Overlap, a: int, b: int) -> int:
    """How many are in both of two audiences."""
    return sum(count for places, count in overlap.regions.items() if a in places and b in places)


def lens(r: float, s: float, d: float) -> float:
    """The area two circles share, `d` apart."""
    if d >= r + s:
        return 0.0
    if d <= abs(r - s):
        return pi * min(r, s) ** 2
    alpha = acos(max(-1.0, min(1.0, (d * d + r * r - s * s) / (2 * d * r))))
    beta = acos(max(-1.0, min(1.0, (d * d + s * s - r * r) / (2 * d * s))))
    return r * r * (alpha - sin(alpha) * cos(alpha)) + s * s * (beta - sin(beta) * cos(beta))


def distance(r: float, s: float, area: float) -> float:
    """How far apart two circles share an area; apart altogether where they share none."""
    if area <= 0:
        return (r + s) * 1.04
    low, high = abs(r - s), r + s
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if lens(r, s, middle) > area else (low, middle)
    return (low + high) / 2


def fitted(found: Sequence[Circle], width: float, height: float) -> list[Circle]:
    """The circles moved and scaled into a box from (0, 0)."""
    left = min(x - r for x, _, r in found)
    top = min(y - r for _, y, r in found)
    right = max(x + r for x, _, r in found)
    bottom = max(y + r for _, y, r in found)
    scale = min(width / (right - left), height / (bottom - top))
    move_x = (width - (right - left) * scale) / 2
    move_y = (height - (bottom - top) * scale) / 2
    return [((x - left) * scale + move_x, (y - top) * scale + move_y, r * scale) for x, y, r in found]


def anchors(found: Sequence[Circle]) -> Mapping[tuple[int, ...], tuple[float, float, float]]:
    """For every region that has room: the point (x, y) farthest from all edges, and how far that is."""
    left = min(x - r for x, _, r in found)
    top = min(y - r for _, y, r in found)
    width = max(x + r for x, _, r in found) - left
    height = max(y + r for _, y, r in found) - top
    best: dict[tuple[int, ...], tuple[float, float, float]] = {}
    for column in range(GRID):
        for row in range(GRID):
            x, y = left + width * (column + 0.5) / GRID, top + height * (row + 0.5) / GRID
            gaps = [r - hypot(x - cx, y - cy) for cx, cy, r in found]
            places = tuple(at for at, gap in enumerate(gaps) if gap > 0)
            room = min(map(abs, gaps))
            if places and room > best.get(places, (0.0, 0.0, 0.0))[2]:
                best[places] = (x, y, room)
    return best
