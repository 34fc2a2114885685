"""Land as polygons of 4 to 200 vertices with shared borders, any band of rows at a time.

A lattice of ``columns`` unequal columns and any number of unequal rows, bent in both directions.
Every edge between two nodes is a line with 0 to 49 bends (most have few), made from the seed and
the number of its row alone: neighbours share it bit by bit, whichever band they are made in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["ORIGIN", "Lattice"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ORIGIN = (420_000.0, 2_740_000.0)
BENDS = 49
"""Of one edge at most: 4 nodes and 4 × 49 bends make 200 vertices."""
SHORE = 0.97
"""One edge in a hundred lies on water and has all of its bends."""
NARROW, WIDE, USUAL = 30.0, 200.0, 60.0


@dataclass(frozen=True)
class _Edges:
    """Edges of one direction: ``start`` of the bends of each edge in ``points``, and ``bends``."""

    points: Floats
    start: Ints
    bends: Ints


class Lattice:
    """``columns`` × ``rows`` cells, numbered row by row."""

    def __init__(self, columns: int, rows: int, seed: int) -> None:
        self.columns, self.rows, self.seed = columns, rows, seed
        self.east = ORIGIN[0] + _widths(columns, [seed, 1])
        self.north = ORIGIN[1] + _widths(rows, [seed, 2])

    def cells(self, first: int, last: int) -> npt.NDArray[np.object_]:
        """The polygons of the rows ``first`` to ``last`` (not included), row by row."""
        nodes = np.stack([self._nodes(row) for row in range(first, last + 1)])
        flat = [self._edges(nodes[k], 3, first + k) for k in range(last + 1 - first)]
        upright = [
            self._edges(np.stack([nodes[k], nodes[k + 1]]), 4, first + k)
            for k in range(last - first)
        ]
        return _rings(nodes, _joined(flat), _joined(upright))

    def _nodes(self, row: int) -> Floats:
        """The nodes below a row: up to 8 m from their place, on lines that bend."""
        rng = np.random.default_rng([self.seed, 5, row])
        points = np.empty((self.columns + 1, 2))
        points[:, 0] = self.east + 40 * np.sin(self.north[row] / 900)
        points[:, 1] = self.north[row] + 40 * np.sin(self.east / 700)
        return points + rng.uniform(-8, 8, points.shape)

    def _edges(self, nodes: Floats, kind: int, row: int) -> _Edges:
        """Lines from node to node: along a row, or from one row of nodes to the next."""
        start, end = (nodes[:-1], nodes[1:]) if nodes.ndim == 2 else (nodes[0], nodes[1])
        rng = np.random.default_rng([self.seed, kind, row])
        bends = np.minimum(rng.lognormal(0.4, 1.1, len(start)).astype(np.int64), BENDS)
        shore = np.sin(0.37 * np.arange(len(start))) * np.sin(0.53 * row) > SHORE
        bends[shore] = BENDS
        edge = np.repeat(np.arange(len(start)), bends)
        first = np.cumsum(bends) - bends
        along = (np.arange(len(edge)) - first[edge] + 1) / (bends[edge] + 1)
        step = (end - start)[edge]
        # a bend stays within a narrow cone from both nodes: edges cannot cross
        aside = rng.uniform(-0.12, 0.12, len(edge)) * np.minimum(along, 1 - along)
        across = np.stack([-step[:, 1], step[:, 0]], axis=1)
        points = start[edge] + along[:, None] * step + aside[:, None] * across
        return _Edges(points, first, bends)


def _widths(count: int, seed: list[int]) -> Floats:
    rng = np.random.default_rng(seed)
    widths = np.clip(USUAL * rng.lognormal(0, 0.35, count), NARROW, WIDE)
    return np.concatenate([[0.0], np.cumsum(widths)])


def _joined(parts: list[_Edges]) -> _Edges:
    before = np.cumsum([0, *(len(part.points) for part in parts[:-1])])
    return _Edges(
        np.concatenate([part.points for part in parts]),
        np.stack([part.start + at for part, at in zip(parts, before, strict=True)]),
        np.stack([part.bends for part in parts]),
    )


def _rings(nodes: Floats, flat: _Edges, upright: _Edges) -> npt.NDArray[np.object_]:
    """Cells from their four nodes and four edges, counter-clockwise from the south-west."""
    pool = np.concatenate([nodes.reshape(-1, 2), flat.points, upright.points])
    number = np.arange(nodes.shape[0] * nodes.shape[1]).reshape(nodes.shape[:2])
    one = np.ones_like(number[:-1, :-1])
    level, height = nodes[..., 0].size, nodes[..., 0].size + len(flat.points)
    south, north = flat.start[:-1] + level, flat.start[1:] + level
    west, east = upright.start[:, :-1] + height, upright.start[:, 1:] + height
    pieces = [  # where a piece begins, how long it is, which way it runs
        (number[:-1, :-1], one, 1),
        (south, flat.bends[:-1], 1),
        (number[:-1, 1:], one, 1),
        (east, upright.bends[:, 1:], 1),
        (number[1:, 1:], one, 1),
        (north + flat.bends[1:] - 1, flat.bends[1:], -1),
        (number[1:, :-1], one, 1),
        (west + upright.bends[:, :-1] - 1, upright.bends[:, :-1], -1),
        (number[:-1, :-1], one, 1),
    ]
    begin = np.stack([piece[0].ravel() for piece in pieces], axis=1)
    length = np.stack([piece[1].ravel() for piece in pieces], axis=1)
    way = np.broadcast_to([piece[2] for piece in pieces], begin.shape).ravel()
    begin, long = begin.ravel(), length.ravel()
    piece = np.repeat(np.arange(len(long)), long)
    within = np.arange(len(piece)) - (np.cumsum(long) - long)[piece]
    coordinates = pool[begin[piece] + way[piece] * within]
    ring = np.repeat(np.arange(len(length)), length.sum(axis=1))
    return shapely.polygons(shapely.linearrings(coordinates, indices=ring))
