"""Sums of floats that can be split anywhere: kept exactly, rounded once at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from landuse.errors import InternalError
from landuse.exact import group_isum
from landuse.issues import Issue

__all__ = ["Sums"]

_DIGITS: Final = 53
_SHIFT: Final = 1126
"""The smallest float is a whole number of 2^-1126 when written with 53 digits."""
_LOW: Final = 26


@dataclass(frozen=True)
class Sums:
    """The exact sum of each group, in units of 2^-1126.

    Adding is associative, so that ``of`` the whole and ``merged`` parts are the same; ``rounded``
    gives what :func:`landuse.exact.group_fsum` gives for all values together.

    >>> parts = [Sums.of(np.array([value]), np.array([0]), 1) for value in (1e16, 1.0, -1e16)]
    >>> Sums.merged(parts).rounded().tolist()
    [1.0]
    """

    whole: tuple[int, ...]

    @classmethod
    def of(cls, values: npt.NDArray[np.float64], codes: npt.NDArray[np.intp], groups: int) -> Sums:
        """Sum ``values`` by group; ``codes`` gives the group of each.

        Raises :class:`landuse.errors.InternalError` for what is no number.
        """
        out = [0] * groups
        if not len(values):
            return cls(tuple(out))
        if not np.isfinite(values).all():
            raise InternalError([Issue("schema.broken_table", value="a sum of no numbers")])
        mantissa, exponent = np.frexp(values)
        digits = np.ldexp(mantissa, _DIGITS).astype(np.int64)
        lowest = int(exponent.min())
        width = int(exponent.max()) - lowest + 1
        keys, at = np.unique(codes * width + (exponent - lowest), return_inverse=True)
        # two halves, so that the sum of 2^36 of them still fits into 63 bits
        high = group_isum(digits >> _LOW, at, len(keys))
        low = group_isum(digits & ((1 << _LOW) - 1), at, len(keys))
        for key, upper, lower in zip(keys.tolist(), high.tolist(), low.tolist(), strict=True):
            group, place = divmod(key, width)
            out[group] += ((upper << _LOW) + lower) << (place + lowest - _DIGITS + _SHIFT)
        return cls(tuple(out))

    @classmethod
    def merged(cls, parts: Iterable[Sums]) -> Sums:
        """The sums of all parts, which have the same groups."""
        return cls(tuple(map(sum, zip(*(part.whole for part in parts), strict=True))))

    def rounded(self) -> npt.NDArray[np.float64]:
        """Each sum as the nearest float (half to even)."""
        unit = 1 << _SHIFT
        return np.array([one / unit for one in self.whole], dtype=np.float64)
