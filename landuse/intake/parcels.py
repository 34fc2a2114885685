"""Parcel layers → the validated PARCELS table.

Takes the project's parcel files; gives every parcel once, in the working system, with the area
that counts, and every row that could not be used with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.crs import code_of
from landuse.errors import UserError
from landuse.intake.areas import account, wrong_unit
from landuse.intake.codes import Code, parcel_code
from landuse.intake.columns import Columns, Vocabulary, recognise, unit_for
from landuse.intake.holder_codes import report_holder_codes
from landuse.intake.inputs import Reading
from landuse.intake.key_columns import Form, Keys, are_parcel_codes, form_of, key_texts
from landuse.intake.layer_cells import (
    amounts,
    cells_of,
    folded_texts,
    land_use_codes,
    prices,
    texts_of,
    uses_counted,
    uses_read_as,
)
from landuse.intake.overlaps import report_overlaps
from landuse.intake.placing import (
    Placed,
    fact_working,
    locate,
    place_all,
    project_crs,
    read_layers,
    working_crs,
)
from landuse.intake.project import files_of
from landuse.intake.raw import Fact, Raw
from landuse.intake.repeats import settle_repeats
from landuse.intake.rows import source_columns
from landuse.intake.setting_aside import report, rows_of
from landuse.intake.typed import as_series, as_texts, is_equal, order_of
from landuse.issues import IssueLog
from landuse.schema.tables import LOST_PARCELS, PARCELS
from landuse.units import micro_to_float, mu_from_micro, to_micro

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pyproj

    from landuse.intake.numbers import Large
    from landuse.intake.project import Project, Source
    from landuse.intake.typed import Texts
    from landuse.issues import Issue
    from landuse.rules.model import Rules

__all__ = [
    "Checked",
    "Correct",
    "Forms",
    "check_parcels",
    "columns_of",
    "parcel_keys",
    "read_parcels",
    "report_forms",
    "report_unit",
    "uses_facts",
]

Correct = Callable[[Raw, Columns], Raw]
"""Applies the project's corrections to cells as they were read."""
_TABLE: Final = "parcels"
_UNIT_NO_KEY: Final = 19
"""A real-estate unit number begins with the parcel code (GB/T 37346-2019)."""
_LISTED: Final = 1000
_REGISTERED: Final = "registered_area_m2_micro"
_MEASURED: Final = "geometry_area_m2_micro"


def read_parcels(
    project: Project, rules: Rules, log: IssueLog, *, correct: Correct | None = None
) -> Reading:
    """The parcels of ``project``: PARCELS, LOST_PARCELS, rows set aside, counts, sources, facts.

    ``Reading.crs`` is the working system (``EPSG:n`` or WKT); ``has`` names our columns that the
    files have. Raises :class:`landuse.errors.UserError` with all structural faults: unreadable
    files, systems that are missing or do not fit, no parcel code, a wrong unit of area.
    """
    source = project.parcels
    wish = project_crs(project)
    found = locate(read_layers(source, project, _TABLE, log), wish, rules)
    target = working_crs(found, wish)
    placed = place_all(found, target, rules)
    columns = columns_of(placed.raw, source)
    if correct:
        placed = replace(placed, raw=correct(placed.raw, columns))
    land = check_parcels(placed, columns, target, project, rules, log)
    report_forms([land.forms], log)
    for amount in land.amounts:
        amount.report(log)
    frame = land.reading.frame
    report_unit(frame[_REGISTERED], frame[_MEASURED], land.unit, columns, source)
    raw = placed.raw
    said = (fact_working(target), *uses_facts(land.uses, str(raw.file[0])))
    facts = (*raw.facts, *columns.facts(raw), *said)
    return replace(land.reading, facts=facts)


class Checked(NamedTuple):
    """Parcels that are read and checked (``reading`` without facts), and what can only be judged of
    all of them together: odd codes, land uses as they were written, how much the areas are and
    the unit that they are read in.
    """

    reading: Reading
    forms: Forms
    uses: Counter[tuple[str, str]]
    amounts: Sequence[Large]
    unit: str


class Forms(NamedTuple):
    """The first odd codes by their order, the heading that they stand under, and their number."""

    first: Sequence[Issue]
    heading: str
    many: int


def check_parcels(
    placed: Placed,
    columns: Columns,
    target: pyproj.CRS,
    project: Project,
    rules: Rules,
    log: IssueLog,
) -> Checked:
    """All parcels, or those of some codes: every row that has one of these codes is there.

    As :func:`read_parcels`, but for what ``Checked`` names and overlaps with other parcels.
    """
    source, raw = project.parcels, placed.raw
    ids, fault, forms = _keys(raw, columns, project, placed.mended.fault, log)
    if project.id_scheme == "cn" and "uscc" in columns:
        report_holder_codes(raw, columns.heading("uscc"), cells_of(raw, columns, "uscc"), ids, log)
    areas, amounts, unit = _areas(raw, columns, source, log)
    frame = _frame(placed, columns, ids, areas, log)
    fault = settle_repeats(frame, fault, log)
    report(raw, ids, fault, placed.mended, log)
    kept = np.flatnonzero(fault == "")
    used = frame if len(kept) == len(frame) else frame.iloc[kept].reset_index(drop=True)
    parcels = _finish(used, rules, log)
    _report_astray(raw, ids, placed.astray & (fault == ""), log)
    report_overlaps(parcels, target, log)
    rows = rows_of(raw, ids, fault)
    reading = Reading(
        PARCELS.check(parcels),
        rows.counts(),
        rows.set_aside(),
        rows.sources(kept, ",".join(sorted(columns.theirs))),
        files=tuple(files_of(source, project)),
        has=frozenset(columns.theirs),
        lost=_lost(frame, fault),
        crs=code_of(target),
    )
    uses = uses_counted(texts_of(raw, columns, "land_use_code"), as_texts(frame["land_use_code"]))
    return Checked(reading, forms, uses, amounts, unit)


def uses_facts(uses: Mapping[tuple[str, str], int], file: str) -> list[Fact]:
    """How land uses were read."""
    read_as = uses_read_as(uses)
    values = {"table": _TABLE, "value": read_as}
    return [Fact("intake_tables.land_use_read_as", file, values)] if read_as else []


def columns_of(raw: Raw, source: Source) -> Columns:
    """Which column of a layer is which of ours; :class:`UserError` without a parcel code."""
    words = Vocabulary.of(_TABLE, source.columns)
    columns = recognise(raw, words)
    if "parcel_id" not in columns and "unit_no" not in columns:
        return recognise(raw, words, needed=["parcel_id"])
    return columns


def _keys(
    raw: Raw,
    columns: Columns,
    project: Project,
    faults: npt.NDArray[np.object_],
    log: IssueLog,
) -> tuple[Texts, npt.NDArray[np.object_], Forms]:
    """Parcel codes (``""`` none), ``faults`` with the sentence that says why there is none, and the
    codes of another form.
    """
    heading, read = parcel_keys(raw, columns, project)
    forms = _forms(raw, heading, read.texts, read.odd[read.faults == "parcel_code_form"])
    destroyed = read.odd[read.faults == "parcel_code_destroyed"]
    for index in destroyed:
        value = str(raw.cell(int(index), heading))
        place = raw.place(int(index))
        log.add("intake_layers.key_destroyed", **place, column=heading, value=value)
    reason = faults.copy()
    is_blank = is_equal(read.texts, "")
    reason[is_blank] = "intake_layers.no_key"
    reason[destroyed[is_blank[destroyed]]] = "intake_layers.key_destroyed"
    return read.texts, reason, forms


def parcel_keys(raw: Raw, columns: Columns, project: Project) -> tuple[str, Keys]:
    """The heading of the parcel codes, and the codes."""
    name = "parcel_id" if "parcel_id" in columns else "unit_no"
    whole = form_of("parcel_id", project.id_scheme)

    def convert(text: str) -> Code:
        code = whole.convert(text)
        return parcel_code(code.value[:_UNIT_NO_KEY]) if code.value else code

    form = Form(convert, are_parcel_codes) if name == "unit_no" else whole
    read = key_texts(cells_of(raw, columns, name), form, destroyed="parcel_code_destroyed")
    return columns.heading(name), read


def _forms(raw: Raw, heading: str, ids: Texts, odd: npt.NDArray[np.intp]) -> Forms:
    codes = ids.take(pa.array(odd))
    index = odd[pc.array_sort_indices(codes).to_numpy()]
    said = IssueLog()
    for one in index[:_LISTED].tolist():
        code = ids[one].as_py()
        place = raw.place(one)
        said.add("intake_layers.key_form", **place, column=heading, key=code, value=code)
    return Forms(tuple(said), heading, len(index))


def report_forms(parts: Sequence[Forms], log: IssueLog) -> None:
    """The first odd codes one by one, the rest as a number: they are often all of them.

    ``parts`` are those of ranges of codes, in order.
    """
    listed = list(islice((issue for part in parts for issue in part.first), _LISTED))
    log.extend(listed)
    count = sum(part.many for part in parts) - len(listed)
    if count:
        heading = parts[0].heading
        log.add("intake_layers.key_form_more", table=_TABLE, column=heading, n=count)


def _areas(
    raw: Raw, columns: Columns, source: Source, log: IssueLog
) -> tuple[dict[str, pd.Series], list[Large], str]:
    """Registered area, floor area and footprint in 10⁻⁶ m², how much each is together, and the
    unit of the first.
    """
    faults = IssueLog()
    out, sums, units = {}, [], []
    for name in ("registered_area", "built_area_m2", "footprint_m2"):
        declared = source.columns[name].unit if name in source.columns else None
        general = source.area_unit if name == "registered_area" else None
        unit = "m2"
        if name in columns:
            unit = unit_for(
                raw, columns, name, "m2",
                declared=declared, general=general, default="m2", log=faults,
            )  # fmt: skip
        out[name], large = amounts(raw, columns, name, unit, "m2", log)
        sums.append(large)
        units.append(unit)
    if faults.errors():
        raise UserError(list(faults))
    log.extend(faults)
    return out, sums, units[0]


def _frame(
    placed: Placed,
    columns: Columns,
    ids: Texts,
    areas: dict[str, pd.Series],
    log: IssueLog,
) -> pd.DataFrame:
    """Everything that a row says, whether or not the row can be used."""
    raw, mended = placed.raw, placed.mended

    def words(name: str) -> pd.Series:
        return as_series(texts_of(raw, columns, name))

    return pd.DataFrame(
        {
            "parcel_id": as_series(ids),
            "geometry": pd.Series(mended.shapes, dtype=object),
            "registered_area_m2_micro": areas["registered_area"],
            "geometry_area_m2_micro": to_micro(mended.area_m2),
            "repair_change_m2": mended.change_m2,
            "holder": words("holder"),
            "uscc": as_series(folded_texts(cells_of(raw, columns, "uscc"))),
            "land_use_code": as_series(land_use_codes(cells_of(raw, columns, "land_use_code"))),
            "benchmark_price_yuan_per_m2": prices(raw, columns, log),
            "park": words("park"),
            "township": words("township"),
            "built_area_m2_micro": areas["built_area_m2"],
            "footprint_m2_micro": areas["footprint_m2"],
            **source_columns(raw),
        },
        copy=False,
    )


def _finish(frame: pd.DataFrame, rules: Rules, log: IssueLog) -> pd.DataFrame:
    """The kept rows with the area that counts, sorted by code."""
    order = order_of(as_texts(frame["parcel_id"]))
    frame = frame if order is None else frame.take(order).reset_index(drop=True)
    stated = frame[_REGISTERED]
    present = stated.notna().to_numpy()
    registered = stated.fillna(0).to_numpy(dtype=np.int64)
    measured = frame[_MEASURED].to_numpy()
    counted = account(registered, present, measured, rules)
    frame["accounting_area_m2_micro"] = counted.area
    frame["area_source"] = pd.Series(counted.source, dtype="str")
    frame["area_in_dispute"] = counted.in_dispute
    _report_gaps(frame, registered, counted.gap, counted.in_dispute, log)
    return frame[[*PARCELS.names]]


def report_unit(
    registered: pd.Series, measured: pd.Series, unit: str, columns: Columns, source: Source
) -> None:
    """Refuse registered areas (10⁻⁶ m²) that all parcels say to be in another unit."""
    stated = registered.fillna(0).to_numpy(dtype=np.int64)
    found = wrong_unit(stated, measured.to_numpy(dtype=np.int64), unit)
    if found is None:
        return
    code = "area_unit_wrong" if found.likely else "area_unit_unlikely"
    raise UserError.of(
        f"intake_layers.{code}", table=_TABLE, file=", ".join(source.path),
        column=columns.heading("registered_area"), declared=unit,
        ratio=f"{found.ratio:.6g}", n=found.parcels, likely=found.likely,
    )  # fmt: skip


def _report_gaps(
    frame: pd.DataFrame,
    registered: npt.NDArray[np.int64],
    gap: npt.NDArray[np.bool_],
    in_dispute: npt.NDArray[np.bool_],
    log: IssueLog,
) -> None:
    measured = frame[_MEASURED].to_numpy()
    for index in np.flatnonzero(gap | in_dispute):
        row = frame.iloc[index]
        pair = mu_from_micro(np.array([registered[index], measured[index]]))
        share = abs(registered[index] - measured[index]) / registered[index]
        log.add(
            "intake_layers.area_in_dispute" if in_dispute[index] else "intake_layers.area_gap",
            table=_TABLE, file=row["source_file"], sheet=row["source_sheet"],
            row=int(row["source_row"]), key=row["parcel_id"],
            value=f"{float(micro_to_float(registered[index : index + 1])[0]):.2f}",
            registered=f"{pair[0]:.2f}", measured=f"{pair[1]:.2f}",
            gap=f"{abs(pair[0] - pair[1]):.2f}", share=f"{share:.1%}",
        )  # fmt: skip


def _report_astray(raw: Raw, ids: Texts, astray: npt.NDArray[np.bool_], log: IssueLog) -> None:
    for index in np.flatnonzero(astray):
        log.add("intake_layers.far_away", **raw.place(int(index)), key=ids[int(index)].as_py())


def _lost(frame: pd.DataFrame, fault: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Rows that were set aside, but for exact repetitions of a kept one; some have no code."""
    lost = (fault != "") & (fault != "intake_layers.same_parcel_twice")
    out = frame.loc[lost].assign(reason=pd.Series(fault, dtype="str")[lost])
    out = out[[*LOST_PARCELS.names, "geometry"]]
    order = ["parcel_id", "source_file", "source_sheet", "source_row"]
    return LOST_PARCELS.check(out.sort_values(order, ignore_index=True))
