"""Columns of a frame as the page reads them: short, and nothing but lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["flags", "numbers", "positions", "texts", "whole"]


def texts(column: pd.Series) -> dict[str, list[object]]:
    """Text as ``values`` (each once, sorted) and ``at`` (the place of each row's value in it).

    >>> texts(pd.Series(["b", "a", "b"], dtype="str"))
    {'values': ['a', 'b'], 'at': [1, 0, 1]}
    """
    at, values = pd.factorize(column.fillna("").astype("object"), sort=True)
    return {"values": values.tolist(), "at": at.tolist()}


def numbers(column: pd.Series, digits: int = 6) -> list[float | int | None]:
    """Numbers to ``digits`` decimals; missing and infinite ones are ``None``; 3.0 is 3.

    >>> numbers(pd.Series([1.0, 0.12345678, float("nan")]))
    [1, 0.123457, None]
    """
    values = np.round(column.to_numpy(np.float64, na_value=np.nan), digits)
    rounded = values.tolist()
    whole_numbers = (
        np.isfinite(values) & (values == np.trunc(values)) & (abs(values) < 1e15)
    ).tolist()
    finite = np.isfinite(values).tolist()
    return [
        (int(value) if is_whole else value) if is_finite else None
        for value, is_whole, is_finite in zip(rounded, whole_numbers, finite, strict=True)
    ]


def whole(column: pd.Series) -> list[int | None]:
    """Counts; missing ones are ``None``."""
    return [None if pd.isna(value) else int(value) for value in column.tolist()]


def flags(column: pd.Series) -> list[int]:
    """Truth as 0 and 1."""
    return column.astype("int8").tolist()


def positions(column: pd.Series, among: Iterable[str]) -> list[int]:
    """Where each text stands in ``among``; -1 if it does not."""
    found: list[int] = pd.Index(list(among)).get_indexer(pd.Index(column)).tolist()
    return found
