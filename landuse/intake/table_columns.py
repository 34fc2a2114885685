"""One column of an opened table as values of the program; bad cells become issues."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.intake.cells import text_column as read_texts
from landuse.intake.codes import IdScheme, suggestion
from landuse.intake.columns import unit_for
from landuse.intake.dates import dates
from landuse.intake.key_columns import form_of, key_texts
from landuse.intake.numbers import numbers, to_millionths, together
from landuse.intake.typed import Texts, as_series, distinct

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.opened import Opened
    from landuse.intake.project import Source
    from landuse.intake.rows import Rows
    from landuse.issues import IssueLog

__all__ = [
    "Amount",
    "amount",
    "blank_is_zero",
    "date_column",
    "declared_unit",
    "distinct_in",
    "key_column",
    "keys_in",
    "text_column",
    "texts_in",
    "to_date",
    "to_int64",
    "to_text",
]


class Amount(NamedTuple):
    """A column of quantities: millionths of its unit, and which are present."""

    micro: npt.NDArray[np.int64]
    present: npt.NDArray[np.bool_]


def declared_unit(opened: Opened, name: str) -> str | None:
    """The unit that the project declares for one column."""
    ref = opened.source.columns.get(name)
    return ref.unit if ref else None


def blank_is_zero(source: Source, name: str) -> bool:
    """Whether the project declares that a blank of this column means zero."""
    ref = source.columns.get(name)
    return ref is not None and ref.blank == "zero"


def amount(
    opened: Opened,
    name: str,
    target: str,
    log: IssueLog,
    *,
    default: str | None = None,
    year: int | None = None,
    coefficient: Fraction = Fraction(1),
) -> Amount:
    """Column ``name`` in millionths of ``target``, times ``coefficient``.

    A blank stays missing, unless the project declares that it means zero. ``year`` picks the
    column of a year. A missing or contradicting unit is an error in ``log``;
    a cell that is no number is an issue and missing.
    """
    source, rows, columns = opened.source, opened.rows, opened.columns
    heading = columns.by_year[name][year] if year is not None else columns.heading(name)
    general = source.money_unit if target == "wan" else source.area_unit
    unit = unit_for(
        rows.raw, columns, name, target,
        declared=declared_unit(opened, name), general=general, default=default, log=log,
    )  # fmt: skip
    read = numbers(rows.raw.cells(heading))
    micro, present, bad = to_millionths(read, unit, target, coefficient)
    if blank_is_zero(source, name):
        present = ~bad
    _prove_sum(opened, heading, micro, present & rows.used, log)
    rows.tell(np.flatnonzero(bad & rows.used), "intake_tables.not_a_number", log, column=heading)
    return Amount(micro, present)


def _prove_sum(
    opened: Opened,
    heading: str,
    micro: npt.NDArray[np.int64],
    counts: npt.NDArray[np.bool_],
    log: IssueLog,
) -> None:
    """An error where the column's sum could leave the integers of the program."""

    def place(index: int) -> dict[str, object]:
        said = {"column": heading, "value": str(opened.raw.cell(index, heading))}
        return {**opened.raw.place(index), "key": opened.rows.key(index), **said}

    found = together(micro, counts, place)
    if opened.asked is None:
        found.report(log)
    else:
        opened.asked.amounts.append(found)


def keys_in(opened: Opened, name: str, scheme: IdScheme, log: IssueLog) -> Texts:
    """Credit codes (``uscc``) or parcel codes of every row, ``""`` where there is none.

    Odd codes are issues, once each, and the code is used; a destroyed code is an issue and none.
    """
    rows, heading = opened.rows, opened.columns.heading(name)
    if not heading:
        return _blank(len(rows.raw))
    destroyed = {"uscc": "uscc_destroyed", "parcel_id": "parcel_code_destroyed"}[name]
    read = key_texts(rows.raw.cells(heading), form_of(name, scheme), destroyed=destroyed)
    is_used = rows.used[read.odd]
    odd, faults = read.odd[is_used], read.faults[is_used]
    found = np.asarray(read.texts.take(pa.array(odd)).to_numpy(zero_copy_only=False), object)
    before, rows.keys = rows.keys, read.texts
    for place in _first_of_each(found):
        near = suggestion(str(found[place]))
        rows.tell(
            odd[[place]], f"intake_tables.{faults[place]}", log, column=heading,
            shown={"suggestion": near or "–"},
        )  # fmt: skip
    rows.keys = before
    lost = np.zeros(len(rows.raw), dtype=bool)
    lost[read.odd[read.faults == destroyed]] = True
    rows.reject(lost, f"intake_tables.{destroyed}")
    return read.texts


def key_column(
    opened: Opened, name: str, scheme: IdScheme, log: IssueLog
) -> npt.NDArray[np.object_]:
    """:func:`keys_in` as an array of ``str``."""
    found = keys_in(opened, name, scheme, log)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=object)


def _first_of_each(found: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    """The first place of each odd code; every place of a code that was destroyed."""
    again = pd.Series(found).duplicated().to_numpy() & (found != "")
    return np.flatnonzero(~again)


def texts_in(opened: Opened, name: str) -> Texts:
    """A column as text, ``""`` where it is blank or absent."""
    heading = opened.columns.heading(name)
    return read_texts(opened.raw.cells(heading)) if heading else _blank(len(opened.raw))


def distinct_in(opened: Opened, name: str) -> tuple[npt.NDArray[np.intp], Texts]:
    """The distinct texts of :func:`texts_in`, and which of them each row has: of a column of few
    texts only the distinct ones are read.
    """
    heading = opened.columns.heading(name)
    cells = opened.raw.cells(heading) if heading else _blank(len(opened.raw))
    if isinstance(cells, np.ndarray):
        return distinct(read_texts(cells))
    which, written = distinct(cells)
    words = read_texts(pa.concat_arrays([written, _blank(1)]))  # -1, the last, is no text
    same, found = distinct(words)
    return same[which], found


def _blank(count: int) -> Texts:
    return pa.repeat(pa.scalar("", pa.large_string()), count)


def text_column(opened: Opened, name: str) -> npt.NDArray[np.object_]:
    """:func:`texts_in` as an array of ``str``."""
    return np.asarray(texts_in(opened, name).to_numpy(zero_copy_only=False), dtype=object)


def date_column(
    opened: Opened, name: str, log: IssueLog, *, end: bool = False
) -> npt.NDArray[np.datetime64]:
    """A column as dates; no date is an issue and missing, a month alone is told."""
    rows, heading = opened.rows, opened.columns.heading(name)
    if not heading:
        return np.full(len(rows.raw), np.datetime64("NaT"), dtype="datetime64[s]")
    read = dates(rows.raw.cells(heading), end=end)
    bad = _once_each(rows, heading, read.bad)
    rows.tell(bad, "intake_tables.not_a_date", log, column=heading)
    rough = _once_each(rows, heading, read.rough)
    taken = np.array([str(day)[:10] for day in read.days], dtype=object) if len(rough) else None
    if taken is not None:
        rows.tell(
            rough, "intake_tables.rough_date", log, column=heading, values_of={"taken": taken}
        )
    return read.days


def _once_each(rows: Rows, heading: str, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The used rows in ``mask``; where a key says the same in several rows, the first of them."""
    index = np.flatnonzero(mask & rows.used)
    keys = rows.keys[index]
    cells = [str(rows.raw.cell(int(place), heading)) for place in index]
    again = pd.DataFrame({"key": keys, "cell": cells}).duplicated().to_numpy() & (keys != "")
    first: npt.NDArray[np.intp] = index[~again]
    return first


def to_text(values: npt.NDArray[np.object_] | Texts) -> pd.Series:
    """Text as the frames of the program hold it."""
    if not isinstance(values, np.ndarray):
        return as_series(values)
    return pd.Series(values.astype(str) if len(values) else [], dtype="str")


def to_int64(value: Amount, index: npt.NDArray[np.intp] | None = None) -> pd.Series:
    """An amount as ``Int64``, missing where it is not present."""
    micro, present = value if index is None else (value.micro[index], value.present[index])
    return pd.Series(pd.arrays.IntegerArray(micro, ~present))


def to_date(values: npt.NDArray[np.datetime64]) -> pd.Series:
    """Dates as the frames of the program hold them."""
    return pd.Series(values.astype("datetime64[s]"), dtype="datetime64[s]")
