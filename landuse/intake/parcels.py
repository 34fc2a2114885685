"""Parcel layers → the validated PARCELS table.

Takes the project's parcel files; gives every parcel once, in the working system, with the area
that counts, and every row that could not be used with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

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
from landuse.intake.key_columns import Form, are_parcel_codes, form_of, key_texts
from landuse.intake.layer_cells import (
    amounts,
    cells_of,
    folded_texts,
    land_use_codes,
    prices,
    texts_of,
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
    import numpy.typing as npt

    from landuse.intake.project import Project, Source
    from landuse.intake.typed import Texts
    from landuse.rules.model import Rules

__all__ = ["Correct", "read_parcels"]

Correct = Callable[[Raw, Columns], Raw]
"""Applies the project's corrections to cells as they were read."""
_TABLE: Final = "parcels"
_UNIT_NO_KEY: Final = 19
"""A real-estate unit number begins with the parcel code (GB/T 37346-2019)."""
_LISTED: Final = 1000


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
    columns = _columns(placed.raw, source)
    raw = correct(placed.raw, columns) if correct else placed.raw
    placed = replace(placed, raw=raw)
    ids, fault = _keys(raw, columns, project, placed.mended.fault, log)
    if project.id_scheme == "cn" and "uscc" in columns:
        report_holder_codes(raw, columns.heading("uscc"), cells_of(raw, columns, "uscc"), ids, log)
    areas = _areas(raw, columns, source, log)
    frame = _frame(placed, columns, ids, areas, log)
    fault = settle_repeats(frame, fault, log)
    report(raw, ids, fault, placed.mended, log)
    kept = np.flatnonzero(fault == "")
    used = frame if len(kept) == len(frame) else frame.iloc[kept].reset_index(drop=True)
    parcels = _finish(used, columns, source, areas, rules, log)
    _report_astray(raw, ids, placed.astray & (fault == ""), log)
    report_overlaps(parcels, target, log)
    rows = rows_of(raw, ids, fault)
    return Reading(
        PARCELS.check(parcels),
        rows.counts(),
        rows.set_aside(),
        rows.sources(kept, ",".join(sorted(columns.theirs))),
        (*raw.facts, *columns.facts(raw), fact_working(target), *_uses(raw, columns, frame)),
        tuple(files_of(source, project)),
        frozenset(columns.theirs),
        lost=_lost(frame, fault),
        crs=code_of(target),
    )


def _uses(raw: Raw, columns: Columns, frame: pd.DataFrame) -> list[Fact]:
    read_as = uses_read_as(
        texts_of(raw, columns, "land_use_code"), as_texts(frame["land_use_code"])
    )
    values = {"table": _TABLE, "value": read_as}
    return [Fact("intake_tables.land_use_read_as", str(raw.file[0]), values)] if read_as else []


def _columns(raw: Raw, source: Source) -> Columns:
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
) -> tuple[Texts, npt.NDArray[np.object_]]:
    """Parcel codes (``""`` none), and ``faults`` with the sentence that says why there is none."""
    name = "parcel_id" if "parcel_id" in columns else "unit_no"
    whole = form_of("parcel_id", project.id_scheme)

    def convert(text: str) -> Code:
        code = whole.convert(text)
        return parcel_code(code.value[:_UNIT_NO_KEY]) if code.value else code

    form = Form(convert, are_parcel_codes) if name == "unit_no" else whole
    read = key_texts(cells_of(raw, columns, name), form, destroyed="parcel_code_destroyed")
    heading = columns.heading(name)
    _report_forms(raw, heading, read.texts, read.odd[read.faults == "parcel_code_form"], log)
    destroyed = read.odd[read.faults == "parcel_code_destroyed"]
    for index in destroyed:
        value = str(raw.cell(int(index), heading))
        place = raw.place(int(index))
        log.add("intake_layers.key_destroyed", **place, column=heading, value=value)
    reason = faults.copy()
    is_blank = is_equal(read.texts, "")
    reason[is_blank] = "intake_layers.no_key"
    reason[destroyed[is_blank[destroyed]]] = "intake_layers.key_destroyed"
    return read.texts, reason


def _report_forms(
    raw: Raw,
    heading: str,
    ids: Texts,
    odd: npt.NDArray[np.intp],
    log: IssueLog,
) -> None:
    """The first odd codes one by one, the rest as a number: they are often all of them."""
    codes = ids.take(pa.array(odd))
    index = odd[pc.array_sort_indices(codes).to_numpy()]
    for one in index[:_LISTED].tolist():
        code = ids[one].as_py()
        place = raw.place(one)
        log.add("intake_layers.key_form", **place, column=heading, key=code, value=code)
    if len(index) > _LISTED:
        log.add("intake_layers.key_form_more", table=_TABLE, column=heading, n=len(index) - _LISTED)


def _areas(raw: Raw, columns: Columns, source: Source, log: IssueLog) -> dict[str, pd.Series]:
    """Registered area, floor area and footprint in 10⁻⁶ m²; ``attrs`` holds the unit."""
    faults = IssueLog()
    out = {}
    for name in ("registered_area", "built_area_m2", "footprint_m2"):
        declared = source.columns[name].unit if name in source.columns else None
        general = source.area_unit if name == "registered_area" else None
        unit = "m2"
        if name in columns:
            unit = unit_for(
                raw, columns, name, "m2",
                declared=declared, general=general, default="m2", log=faults,
            )  # fmt: skip
        series = amounts(raw, columns, name, unit, "m2", log)
        series.attrs["unit"] = unit
        out[name] = series
    if faults.errors():
        raise UserError(list(faults))
    log.extend(faults)
    return out


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


def _finish(
    frame: pd.DataFrame,
    columns: Columns,
    source: Source,
    areas: dict[str, pd.Series],
    rules: Rules,
    log: IssueLog,
) -> pd.DataFrame:
    """The kept rows with the area that counts, sorted by code."""
    order = order_of(as_texts(frame["parcel_id"]))
    frame = frame if order is None else frame.take(order).reset_index(drop=True)
    stated = frame["registered_area_m2_micro"]
    present = stated.notna().to_numpy()
    registered = stated.fillna(0).to_numpy(dtype=np.int64)
    measured = frame["geometry_area_m2_micro"].to_numpy()
    unit = str(areas["registered_area"].attrs["unit"])
    found = wrong_unit(registered, measured, unit)
    if found is not None:
        code = "area_unit_wrong" if found.likely else "area_unit_unlikely"
        raise UserError.of(
            f"intake_layers.{code}", table=_TABLE, file=", ".join(source.path),
            column=columns.heading("registered_area"), declared=unit,
            ratio=f"{found.ratio:.6g}", n=found.parcels, likely=found.likely,
        )  # fmt: skip
    counted = account(registered, present, measured, rules)
    frame["accounting_area_m2_micro"] = counted.area
    frame["area_source"] = pd.Series(counted.source, dtype="str")
    frame["area_in_dispute"] = counted.in_dispute
    _report_gaps(frame, registered, counted.gap, counted.in_dispute, log)
    return frame[[*PARCELS.names]]


def _report_gaps(
    frame: pd.DataFrame,
    registered: npt.NDArray[np.int64],
    gap: npt.NDArray[np.bool_],
    in_dispute: npt.NDArray[np.bool_],
    log: IssueLog,
) -> None:
    measured = frame["geometry_area_m2_micro"].to_numpy()
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
