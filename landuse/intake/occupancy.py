"""Who uses which parcel, as the project's occupancy table says it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.intake.columns import Vocabulary
from landuse.intake.inputs import Reading
from landuse.intake.opened import Opened, Opener, open_table
from landuse.intake.rows import source_columns
from landuse.intake.table_columns import (
    Amount,
    amount,
    date_column,
    keys_in,
    texts_in,
    to_int64,
    to_text,
)
from landuse.intake.typed import as_texts, distinct, is_equal, ranked
from landuse.keys import repeats
from landuse.schema.headings import fold
from landuse.schema.tables import OCCUPANCY

if TYPE_CHECKING:
    from landuse.intake.corrections import Corrections
    from landuse.intake.project import Project, Source
    from landuse.issues import IssueLog

__all__ = ["occupancy_words", "read_occupancy"]

_RELATIONS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("own", "owned", "owner", "自有", "自用", "自有自用", "自有土地", "自有厂房", "购买",
         "出让",
         "产权", "否", "no", "n", "0"), "own"),
    **dict.fromkeys(
        ("lease", "leased", "rent", "rented", "tenant", "租赁", "租用", "承租", "租", "租入",
         "租赁厂房", "租用厂房", "租赁土地", "是", "yes", "y", "1"), "lease"),
}  # fmt: skip
_KINDS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("", "land", "土地", "用地", "土地面积", "用地面积", "占地", "占地面积"), "land"),
    **dict.fromkeys(
        ("floor", "建筑", "建筑面积", "厂房", "厂房面积", "房屋", "房屋面积"), "floor"),
}  # fmt: skip


def read_occupancy(
    project: Project, corrections: Corrections, log: IssueLog, opener: Opener = open_table
) -> Reading:
    """The occupancy table, in force on 31 December of the project's year (method, section 2).

    Set aside: no parcel code or no credit code, not in force. Several rows for a pair are added,
    with an issue. An area that is blank, zero or negative is undeclared. Raises
    :class:`landuse.errors.UserError` where the table has no such columns or the unit contradicts.
    """
    source = project.occupancy
    assert source is not None
    words = occupancy_words(source)
    opened = opener(
        source, project, words, corrections, log,
        keys=("parcel_id", "uscc"), amounts=("area",), needed=("parcel_id", "uscc"), typed=True,
    )  # fmt: skip
    rows = opened.rows
    parcel = keys_in(opened, "parcel_id", project.id_scheme, log)
    uscc = keys_in(opened, "uscc", project.id_scheme, log)
    no_parcel, no_uscc = is_equal(parcel, ""), is_equal(uscc, "")
    joint = pa.array(np.where(no_parcel | no_uscc, "", "/").astype(object), pa.large_string())
    rows.keys = pc.binary_join_element_wise(parcel, joint, uscc, pa.scalar("", pa.large_string()))
    rows.reject(no_parcel | no_uscc, "intake_tables.no_key", log)
    _reject_by_date(opened, project.year, log)
    data: dict[str, object] = {"parcel_id": to_text(parcel), "uscc": to_text(uscc)}
    data["relation"] = _coded(opened, "relation", _RELATIONS, "", log)
    data["area_kind"] = _coded(opened, "area_kind", _KINDS, "land", log)
    data["area_m2_micro"] = to_int64(_area(opened, log))
    frame = pd.DataFrame({**data, **source_columns(rows.raw)}, copy=False)
    used = np.flatnonzero(rows.used)
    combined = _combined(frame if len(used) == len(frame) else frame.iloc[used], log)
    has = frozenset(name for name in words.names if name in opened.columns)
    columns = ", ".join(sorted(has))
    return Reading(
        OCCUPANCY.check(combined[OCCUPANCY.names]),
        rows.counts(),
        rows.set_aside(),
        rows.sources(used, columns),
        opened.facts,
        opened.paths,
        has,
    )


def occupancy_words(source: Source) -> Vocabulary:
    """The headings that an occupancy table may have."""
    return Vocabulary.of("occupancy", source.columns)


def _reject_by_date(opened: Opened, year: int, log: IssueLog) -> None:
    day = np.datetime64(dt.date(year, 12, 31), "s")
    start = date_column(opened, "from", log)
    end = date_column(opened, "to", log, end=True)
    shown = f"{year}-12-31"
    with np.errstate(invalid="ignore"):
        early, late = end < day, start > day
    opened.rows.reject(
        early, "intake_tables.ended", log, column=opened.columns.heading("to"), day=shown
    )
    opened.rows.reject(
        late, "intake_tables.not_begun", log, column=opened.columns.heading("from"), day=shown
    )


def _area(opened: Opened, log: IssueLog) -> Amount:
    count = len(opened.raw)
    if not opened.columns.heading("area"):
        return Amount(np.zeros(count, np.int64), np.zeros(count, bool))
    read = amount(opened, "area", "m2", log, default="m2")
    negative = np.flatnonzero(read.present & (read.micro < 0) & opened.rows.used)
    opened.rows.tell(
        negative, "intake_tables.negative_area", log, column=opened.columns.heading("area")
    )
    return Amount(read.micro, read.present & (read.micro > 0))


def _coded(
    opened: Opened, name: str, meanings: dict[str, str], unknown: str, log: IssueLog
) -> pd.Series:
    """A column of words as our codes; a word that nobody knows is an issue."""
    which, words = distinct(texts_in(opened, name))
    known = [meanings.get(fold(word)) for word in words.to_pylist()]
    odd = np.array(
        [word != "" and code is None for word, code in zip(words.to_pylist(), known, strict=True)],
        dtype=bool,
    )
    opened.rows.tell(
        np.flatnonzero(odd[which] & opened.rows.used), "intake_tables.unknown_word", log,
        column=opened.columns.heading(name),
        shown={"words": ", ".join(sorted(set(meanings.values())))},
    )  # fmt: skip
    codes = pa.array([code or unknown for code in known], pa.large_string())
    return to_text(codes.take(pa.array(which)))


def _combined(frame: pd.DataFrame, log: IssueLog) -> pd.DataFrame:
    """One row a pair and kind of area: declared areas added, ``own`` before ``lease``."""
    key = ["parcel_id", "uscc", "area_kind"]
    ordered = _by_key(frame, key)
    if not repeats(ordered, key):
        return ordered.reset_index(drop=True)
    frame = ordered.sort_values(
        [*key, "source_file", "source_sheet", "source_row"], kind="stable", ignore_index=True
    )
    several = frame.duplicated(key, keep=False)
    for pair, group in frame[several].groupby(key, sort=True):
        first = group.iloc[0]
        where = {"file": first["source_file"], "sheet": first["source_sheet"]}
        listed = ", ".join(str(row) for row in group["source_row"])
        log.add(
            "intake_tables.pair_added", table="occupancy", **where, row=int(first["source_row"]),
            key=f"{pair[0]}/{pair[1]}", rows=listed,
        )  # fmt: skip
    grouped = frame.groupby(key, sort=True)
    place = grouped[["source_file", "source_sheet", "source_row"]].first()
    area = grouped["area_m2_micro"].sum(min_count=1)
    relation = frame["relation"].replace("", None).groupby([frame[name] for name in key]).max()
    out = place.assign(area_m2_micro=area, relation=relation.fillna(""))
    return _typed(out.reset_index())


def _by_key(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The rows by their key, compared as numbers."""
    order = np.zeros(len(frame), dtype=np.int64)
    for name in key:
        rank, texts = ranked(as_texts(frame[name]))
        order = order * max(len(texts), 1) + rank
    return frame.iloc[np.argsort(order, kind="stable")]


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    kinds = {"area_m2_micro": "Int64", "relation": "str", "source_row": "int64"}
    return frame.astype({**kinds, "parcel_id": "str", "uscc": "str", "area_kind": "str"})
