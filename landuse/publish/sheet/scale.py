"""What the map's frame shows: a round scale, a grid of round coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["Frame", "frame_of", "grid_lines", "grid_step"]

_STEPS: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0)
_SMALLEST: Final = 200
_GRID: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the ground at a scale: ``denominator`` of 1:n, edges in metres."""

    denominator: int
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, bounds: np.ndarray) -> np.ndarray:
        """Which of the boxes (rows of left, bottom, right, top) touch it."""
        return (
            (bounds[:, 0] <= self.right)
            & (bounds[:, 2] >= self.left)
            & (bounds[:, 1] <= self.top)
            & (bounds[:, 3] >= self.bottom)
        )


def frame_of(
    bounds: tuple[float, float, float, float], width_mm: float, height_mm: float, share: float
) -> Frame:
    """The frame of that size on paper, with ``bounds`` in its middle on at most ``share`` of it.

    The scale is the largest round one.

    >>> frame_of((0.0, 0.0, 1000.0, 500.0), 200.0, 200.0, 1.0).denominator
    5000
    """
    left, bottom, right, top = bounds
    needed = max((right - left) / (width_mm / 1000), (top - bottom) / (height_mm / 1000)) / share
    denominator = _round_up(max(needed, _SMALLEST))
    x, y = (left + right) / 2, (bottom + top) / 2
    half_x, half_y = (size / 1000 * denominator / 2 for size in (width_mm, height_mm))
    return Frame(denominator, x - half_x, y - half_y, x + half_x, y + half_y)


def _round_up(needed: float) -> int:
    power = 10.0 ** math.floor(math.log10(needed))
    for step in (*_STEPS, 10.0):
        if step * power >= needed * (1 - 1e-9):
            return round(step * power)
    raise AssertionError  # ten powers are always enough


def grid_step(metres: float, lines: int) -> int:
    """A round distance (1, 2 or 5 times a power of ten) that gives at most ``lines`` lines.

    >>> grid_step(8000.0, 6), grid_step(90.0, 6)
    (2000, 20)
    """
    needed = max(metres / lines, 1.0)
    power = 10 ** math.floor(math.log10(needed))
    return int(next(step * power for step in (*_GRID, 10) if step * power >= needed))


def grid_lines(low: float, high: float, step: int) -> list[int]:
    """The multiples of ``step`` between two coordinates.

    >>> grid_lines(1200.0, 4100.0, 1000)
    [2000, 3000, 4000]
    """
    return list(range(math.ceil(low / step) * step, math.floor(high / step) * step + 1, step))
