"""One row an enterprise out of all its records: what the best of them says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.intake.enterprise_table import TEXTS
from landuse.intake.identities import WHO, first_stated
from landuse.intake.typed import as_series, as_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from landuse.intake.identities import Identities
    from landuse.intake.typed import Texts

__all__ = ["attributes"]


def attributes(
    records: Sequence[pd.DataFrame],
    unused: pd.DataFrame,
    who: Identities,
    year: int,
    extra: Sequence[str],
) -> pd.DataFrame:
    """One row an enterprise: its attributes of ``year``, else of its latest year.

    What ``unused`` (of rows set aside) says counts only where no record says anything. Rows stand
    in the order of the codes and have the number of their enterprise (``WHO``).
    """
    columns = [WHO, "year", *TEXTS, "production_started_on", "x", "y", *extra]
    frames = [frame[columns] for frame in (*records, unused)]
    whole = pd.concat(frames, ignore_index=True) if len(unused) or len(records) > 1 else frames[0]
    table = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
    preferred = _Preferred(whole, table, len(frames), who, year)
    out: dict[str, object] = {"uscc": who.series(preferred.who)}
    for name in ("name", "scale", *extra):
        out[name] = preferred.texts(as_texts(whole[name]), preferred.saying(as_texts(whole[name])))
    for name in ("production_started_on", "x", "y"):
        values = whole[name].to_numpy()
        place = preferred.of(partial(_is_given, values))
        found = values[np.maximum(place, 0)]
        found[place < 0] = "NaT" if found.dtype.kind == "M" else np.nan
        out[name] = found
    place = preferred.saying(as_texts(whole["industry_code"]))
    for name in ("industry_code", "division"):
        out[name] = preferred.texts(as_texts(whole[name]), place)
    return pd.DataFrame({**out, WHO: preferred.who}, copy=False)


def _says(texts: Texts, at: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    found = pc.greater(pc.binary_length(texts.take(pa.array(at))), 0)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _is_given(values: npt.NDArray[np.generic], at: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    return np.asarray(~np.isnan(values[at]), dtype=bool)


class _Preferred:
    """The records of every enterprise, best first: used ones, of the year, else the latest."""

    def __init__(
        self,
        whole: pd.DataFrame,
        table: npt.NDArray[np.intp],
        tables: int,
        who: Identities,
        year: int,
    ) -> None:
        years = whole["year"].to_numpy()
        age = len(who.years) - 1 - np.searchsorted(who.years, years)
        key = whole[WHO].to_numpy() * 2 + (table == tables - 1)
        key = (key * 2 + (years != year)) * len(who.years) + age
        self._order = np.argsort(key * tables + table, kind="stable")
        self._who = whole[WHO].to_numpy()[self._order]
        self._count = len(who.codes)
        first = first_stated(self._who, np.ones(len(whole), dtype=bool), self._count)
        self.who = np.flatnonzero(first >= 0)
        self._first = self._order[first[self.who]]

    def of(
        self, states: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.bool_]]
    ) -> npt.NDArray[np.intp]:
        """For each enterprise the best record that states something, -1 where none does."""
        if states(self._first).all():
            return self._first
        place = first_stated(self._who, states(self._order), self._count)[self.who]
        return np.where(place >= 0, self._order[place], -1)

    def saying(self, texts: Texts) -> npt.NDArray[np.intp]:
        """For each enterprise the best record in which ``texts`` is no blank, else -1."""
        return self.of(partial(_says, texts))

    @staticmethod
    def texts(texts: Texts, place: npt.NDArray[np.intp]) -> pd.Series:
        """What the records at ``place`` say, ``""`` at -1."""
        found = texts.take(pa.array(place, mask=place < 0))
        return as_series(pc.fill_null(found, ""))
