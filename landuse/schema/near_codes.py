"""The existing code that a mistyped one most likely means, for a message that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    _Signs = np.ndarray[tuple[int, int], np.dtype[np.uint32]]

__all__ = ["Near", "asked_first", "named", "near_codes", "nearest_codes"]

Near = tuple[int, int, str]
"""Kind of slip, its size or place, and the code meant: the smaller, the nearer."""

_SLIPS: Final = 2
"""Signs that may differ: one slip, or two neighbours swapped."""
_ASKED: Final = 500
"""Beyond so many strangers the tables do not belong together, and no hint helps."""


def nearest_codes(strange: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """For each code of ``strange`` the one of ``known`` that differs least, or ``""``.

    Codes of equal length that differ in at most two signs are near, or those of which one has a
    sign more; of equally near ones the smallest is taken.

    >>> nearest_codes(["91350582MA0000051J", "X"], ["91350582MA0000015J", "Y1"])
    {'91350582MA0000051J': '91350582MA0000015J', 'X': ''}
    """
    asked = sorted(set(strange))
    if not asked:
        return {}
    return {**dict.fromkeys(asked, ""), **named(near_codes(asked_first(asked), known))}


def asked_first(strange: Iterable[str]) -> list[str]:
    """The strange codes that are looked up at all."""
    return sorted(set(strange))[:_ASKED]


def near_codes(asked: Iterable[str], known: Iterable[str]) -> dict[str, Near]:
    """For those of ``asked`` that are near one of ``known``: how near, and to which code.

    What several lists of codes answer is told by the least of each: the answer of all together.
    """
    by_length: dict[int, list[str]] = {}
    for code in sorted(set(known)):
        by_length.setdefault(len(code), []).append(code)
    signs = {length: _signs(codes) for length, codes in by_length.items() if length > _SLIPS}
    found = {code: _nearest(code, by_length, signs) for code in asked}
    return {code: near for code, near in found.items() if near is not None}


def named(found: Mapping[str, Near]) -> dict[str, str]:
    """The code that each is near to."""
    return {code: near[-1] for code, near in found.items()}


def _signs(codes: Sequence[str]) -> _Signs:
    """One row a code, one column a sign."""
    return np.array(codes, dtype=str).view(np.uint32).reshape(len(codes), -1)


def _nearest(code: str, by_length: dict[int, list[str]], signs: dict[int, _Signs]) -> Near | None:
    mine, length = _signs([code]), len(code)
    if length in signs:
        differing = (signs[length] != mine).sum(axis=1)
        if differing.min() <= _SLIPS:
            return 0, int(differing.min()), by_length[length][int(differing.argmin())]
    for kind, other in enumerate((length + 1, length - 1), start=1):
        for place in range(max(other, length) if other in signs and length > _SLIPS else 0):
            theirs = signs[other]
            if other > length:
                same = (np.delete(theirs, place, axis=1) == mine).all(axis=1)
            else:
                same = (theirs == np.delete(mine, place, axis=1)).all(axis=1)
            if same.any():
                return kind, place, by_length[other][int(same.argmax())]
    return None
