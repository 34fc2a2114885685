"""Several tables of enterprises as one: joined on code and year, rows never multiplied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.intake.energy import contribution
from landuse.intake.identities import WHO
from landuse.schema.headings import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from landuse.intake.enterprise_table import Piece
    from landuse.intake.identities import Identities
    from landuse.intake.project import EnterpriseTable
    from landuse.issues import IssueLog

__all__ = ["joined", "resolve_names", "unique_records"]

_KEY: Final = ["uscc", "year"]
_GAP: Final = 0.01
"""Two tables that state one figure may differ by rounding; above this share it is an issue."""


def resolve_names(pieces: Sequence[Piece], log: IssueLog) -> list[pd.DataFrame]:
    """The records of each table with a code in every record.

    In a table that has no codes a record is found by its name, where that name is one enterprise
    of the coded records and stands once a year in its own table; else its row is set aside. A
    blank code in a table that has codes is no key.
    """
    if all("uscc" in piece.opened.columns for piece in pieces):
        return [_resolved(piece, {}, set(), log) for piece in pieces]
    coded = pd.concat(
        [piece.records.loc[piece.records["uscc"] != "", ["uscc", "name"]] for piece in pieces],
        ignore_index=True,
    ).drop_duplicates()
    coded = coded[coded["name"] != ""].assign(name=coded["name"].map(fold)).drop_duplicates()
    single = coded[~coded["name"].duplicated(keep=False)]
    by_name: dict[str, str] = dict(zip(single["name"], single["uscc"], strict=True))
    several = set(coded["name"]) - set(by_name)
    return [_resolved(piece, by_name, several, log) for piece in pieces]


def _resolved(
    piece: Piece, by_name: Mapping[str, str], several: set[str], log: IssueLog
) -> pd.DataFrame:
    rows, records = piece.opened.rows, piece.records
    lacking = (records["uscc"] == "").to_numpy() & rows.used[records["row"].to_numpy()]
    if not lacking.any():
        return records
    if "uscc" in piece.opened.columns:
        rows.reject(_row_mask(records, lacking, len(rows.raw)), "intake_tables.no_key", log)
        return records
    names = records["name"].map(fold)
    twice = pd.DataFrame({"n": names, "y": records["year"]}).duplicated(keep=False)
    is_twice = twice.to_numpy() & (names != "").to_numpy()
    reasons = (
        ("intake_tables.no_key", lacking & (names == "").to_numpy()),
        ("intake_tables.name_repeats", lacking & (is_twice | names.isin(several).to_numpy())),
        ("intake_tables.name_unknown", lacking & ~names.isin(by_name).to_numpy()),
    )
    column = piece.opened.columns.heading("name")
    for code, mask in reasons:
        rows.reject(_row_mask(records, mask, len(rows.raw)), code, log, column=column)
    found = names.map(by_name).where(lacking, records["uscc"]).fillna("").astype("str")
    keys = rows.keys.copy()
    keys[records["row"].to_numpy()] = found.to_numpy(dtype=object)
    rows.keys = keys
    return records.assign(uscc=found)


def _row_mask(
    records: pd.DataFrame, mask: npt.NDArray[np.bool_], count: int
) -> npt.NDArray[np.bool_]:
    out = np.zeros(count, dtype=bool)
    out[records["row"].to_numpy()[mask]] = True
    return out


def unique_records(
    piece: Piece, records: pd.DataFrame, who: Identities, source: EnterpriseTable, log: IssueLog
) -> pd.DataFrame:
    """One record a code and year: repeated ones set aside, or combined as the project says.

    A combined record keeps the smallest text where texts differ. A figure that differs and has
    no rule sets the key aside. A blank is no zero: it makes a sum missing, while a mean or
    maximum is that of the rows that state the figure; both are issues.
    """
    rows = piece.opened.rows
    is_used = rows.used
    if not is_used.all():
        records = records[is_used[records["row"].to_numpy()]].reset_index(drop=True)
    repeated = who.repeated(records)
    if not repeated.any():
        return records
    again, single = records[repeated], records[~repeated]
    rules = source.duplicates if isinstance(source.duplicates, dict) else None
    if rules is None:
        _reject_keys(piece, again, "intake_tables.repeated_key", log)
        return single.reset_index(drop=True)
    columns = {name: rules.get(name.removeprefix("tce_from_")) for name in piece.amounts}
    differing = np.zeros(len(again), dtype=bool)
    for name, rule in columns.items():
        if rule is None:
            states = again.groupby(_KEY)[name].transform("nunique")
            differing |= (states > 1).to_numpy()
    odd = again[_KEY].merge(
        again.loc[differing, _KEY].drop_duplicates(), how="left", indicator=True
    )
    is_odd = (odd["_merge"] == "both").to_numpy()
    _reject_keys(piece, again[is_odd], "intake_tables.repeated_without_rule", log)
    combined = _combined(again[~is_odd], columns)
    _report_blanks(piece, again[~is_odd], columns, log)
    fact_rows = again[~is_odd].drop_duplicates(_KEY)["row"].to_numpy()
    rows.tell(
        fact_rows, "intake_tables.combined_key", log, column=piece.opened.columns.heading("uscc")
    )
    return pd.concat([single, combined], ignore_index=True)[list(records.columns)]


def _reject_keys(piece: Piece, again: pd.DataFrame, code: str, log: IssueLog) -> None:
    if again.empty:
        return
    rows = piece.opened.rows
    count = again.groupby(_KEY)["row"].transform("size").to_numpy()
    shown = np.full(len(rows.raw), "", dtype=object)
    shown[again["row"].to_numpy()] = [
        f"{year} ×{n}" for year, n in zip(again["year"], count, strict=True)
    ]
    mask = _row_mask(again, np.ones(len(again), dtype=bool), len(rows.raw))
    told = np.flatnonzero(mask & rows.used)
    rows.reject(mask, code)
    column = piece.opened.columns.heading("uscc") or piece.opened.columns.heading("name")
    rows.tell(told, code, log, column=column, values_of={"times": shown})


def _combined(again: pd.DataFrame, columns: Mapping[str, str | None]) -> pd.DataFrame:
    grouped = again.sort_values("row").groupby(_KEY, sort=True)
    out = grouped.first()
    for name in again.columns:
        if name in columns:
            out[name] = _by_rule(again, name, columns[name] or "max")
        elif name not in _KEY and name != "row":
            out[name] = _smallest(again, name)
    return out.reset_index().astype({name: again[name].dtype for name in again.columns})


def _report_blanks(
    piece: Piece, again: pd.DataFrame, columns: Mapping[str, str | None], log: IssueLog
) -> None:
    """One issue a key and way of combining, where some of its rows leave a figure blank."""
    grouped = again.groupby(_KEY, sort=True)
    size, first = grouped.size(), grouped["row"].min()
    for code, is_sum in (("combined_blank_sum", True), ("combined_blank_some", False)):
        names = [name for name, rule in columns.items() if (rule == "sum") == is_sum]
        count = grouped[names].count()
        partly = (count > 0) & count.lt(size, axis=0)
        for key in partly.index[partly.any(axis=1)]:
            lacking = [name for name in names if partly.loc[key, name]]
            headings = ", ".join(_heading(piece, name, int(key[1])) for name in lacking)
            row = np.array([first[key]], dtype=np.intp)
            piece.opened.rows.tell(
                row, f"intake_tables.{code}", log,
                column=headings, shown={"headings": headings},
            )  # fmt: skip


def _heading(piece: Piece, amount: str, year: int) -> str:
    """The user's heading of a figure, or of the energy that contributes to it."""
    name, columns = amount.removeprefix(contribution("")), piece.opened.columns
    return columns.by_year.get(name, {}).get(year, "") or columns.heading(name) or name


def _by_rule(again: pd.DataFrame, name: str, rule: str) -> pd.Series:
    grouped = again.groupby(_KEY, sort=True)[name]
    if rule == "max":
        return grouped.max()
    total = grouped.sum(min_count=1)
    if rule == "sum":
        return total.where(grouped.count() == grouped.size())
    count = grouped.count()
    missing = total.isna().to_numpy()
    amounts = total.fillna(0).to_numpy(np.int64)
    halves = _rounded(amounts, np.maximum(count.to_numpy(np.int64), 1))
    return pd.Series(pd.arrays.IntegerArray(halves, missing), index=total.index)


def _rounded(total: npt.NDArray[np.int64], count: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """``total ÷ count`` as integers, half to even."""
    quotient, rest = np.divmod(total, count)
    up = (rest * 2 > count) | ((rest * 2 == count) & (quotient % 2 == 1))
    rounded: npt.NDArray[np.int64] = quotient + up
    return rounded


def _smallest(again: pd.DataFrame, name: str) -> pd.Series:
    if str(again[name].dtype) == "str":
        filled = again.assign(**{name: again[name].where(again[name] != "")})
        return filled.groupby(_KEY, sort=True)[name].min().fillna("")
    return again.groupby(_KEY, sort=True)[name].min()


def joined(
    pieces: Sequence[Piece],
    records: Sequence[pd.DataFrame],
    who: Identities,
    titles: Mapping[str, str],
    log: IssueLog,
) -> pd.DataFrame:
    """One row a code and year that any table with figures has; every amount of any table.

    Rows stand in the order of code and year and have the number of their enterprise (``WHO``).
    Where two tables state one figure, the one named first in the project counts and a difference
    is an issue.
    """
    stating = [
        (piece, frame, who.keys(frame))
        for piece, frame in zip(pieces, records, strict=True)
        if piece.amounts
    ]
    every = [keys for _, _, keys in stating] or [np.zeros(0, dtype=np.int64)]
    unique = np.sort(np.concatenate(every), kind="stable")
    unique = unique[np.append(True, unique[1:] != unique[:-1])[: len(unique)]]
    number, year = who.of_key(unique)
    out = pd.DataFrame({"uscc": who.series(number), "year": year, WHO: number}, copy=False)
    for piece, frame, keys in stating:
        place = _places(keys, unique)
        rows = np.append(frame["row"].to_numpy(), -1)[place]  # a table may have no row at all
        for name in piece.amounts:
            mine = pd.Series(frame[name].array.take(place, allow_fill=True))
            if name not in out:
                out[name] = mine
                continue
            _report_difference(out, mine, name, piece, rows, titles, log)
            out[name] = out[name].fillna(mine)
    return out


def _places(keys: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Where each of the ``wanted`` keys (in order) stands in ``keys``, -1 where it does not."""
    order = np.argsort(keys, kind="stable")
    if len(order) == len(wanted):
        return order
    ordered = keys[order]
    at = np.minimum(np.searchsorted(ordered, wanted), max(len(ordered) - 1, 0))
    if not len(ordered):
        return np.full(len(wanted), -1, dtype=np.intp)
    return np.where(ordered[at] == wanted, order[at], -1)


def _report_difference(
    out: pd.DataFrame,
    second: pd.Series,
    name: str,
    piece: Piece,
    rows: npt.NDArray[np.intp],
    titles: Mapping[str, str],
    log: IssueLog,
) -> None:
    first = out[name]
    gap = (first - second).abs() > first.abs() * _GAP
    for index in np.flatnonzero(gap.fillna(value=False).to_numpy(bool)):
        shown = {"first": first[index] / 1e6, "second": second[index] / 1e6}
        log.add(
            "intake_tables.figure_twice", **piece.opened.raw.place(int(rows[index])),
            key=str(out["uscc"].iloc[index]), name=titles.get(name, name),
            value=f"{shown['second']:g}", other=f"{shown['first']:g}",
        )  # fmt: skip
