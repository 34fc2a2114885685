"""Layers of land-price zones and of parks → ZONES and PARKS, in the working system."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from landuse.crs import parse
from landuse.errors import UserError
from landuse.intake.columns import Columns, Vocabulary, recognise
from landuse.intake.inputs import Reading
from landuse.intake.layer_cells import prices, texts_of
from landuse.intake.placing import Placed, locate, place_all, project_crs, read_layers
from landuse.intake.project import files_of
from landuse.intake.setting_aside import report, rows_of
from landuse.schema.tables import PARKS, ZONES

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.parcels import Correct
    from landuse.intake.project import Project, Source
    from landuse.intake.raw import Raw
    from landuse.issues import IssueLog
    from landuse.rules.model import Rules

__all__ = ["park_type", "read_parks", "read_zones"]

_PARK_TYPES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("emerging", ("emerging", "新兴")),
    ("traditional", ("traditional", "传统")),
    ("employment", ("employment", "就业")),
)


def read_zones(
    project: Project,
    rules: Rules,
    log: IssueLog,
    *,
    crs: str,
    correct: Correct | None = None,
) -> Reading:
    """The land-price zones of ``project`` in the working system ``crs`` (of the parcels).

    Raises :class:`landuse.errors.UserError`: unreadable files, another datum than the parcels',
    neither grade nor price recognised.
    """
    source = project.price_zones
    placed, columns = _placed(source, project, rules, "price_zones", crs, correct, log)
    raw = placed.raw
    if "grade" not in columns and "benchmark_price_yuan_per_m2" not in columns:
        raise UserError.of(
            "intake_layers.zone_without_content", table="price_zones", file=str(raw.file[0]),
            value=", ".join(raw.headings),
        )  # fmt: skip
    grades = _words(raw, columns, "grade")
    fault = placed.mended.fault
    values = prices(raw, columns, log)
    report(raw, pa.array(grades, pa.large_string()), fault, placed.mended, log)
    by_grade = bool(rules.grade_coefficients) & (grades != "")
    for index in np.flatnonzero((fault == "") & np.isnan(values) & ~by_grade):
        log.add("intake_layers.zone_without_price", **raw.place(int(index)), key=grades[index])
    frame = pd.DataFrame(
        {
            "grade": pd.Series(grades, dtype="str"),
            "benchmark_price_yuan_per_m2": values,
            **_rest(placed),
        }
    )
    kept = _ordered(frame.loc[fault == ""], ["grade", "benchmark_price_yuan_per_m2"])
    return _reading(ZONES.check(kept), placed, columns, grades, fault, source, project)


def read_parks(
    project: Project,
    rules: Rules,
    log: IssueLog,
    *,
    crs: str,
    correct: Correct | None = None,
) -> Reading:
    """The parks of ``project`` in the working system ``crs``; a park without name is set aside.

    A boundary without any attribute is the park that its file is named after. Raises
    :class:`landuse.errors.UserError`: unreadable files, another datum, no name column.
    """
    source = project.parks
    placed, columns = _placed(source, project, rules, "parks", crs, correct, log)
    raw = placed.raw
    names = _words(raw, columns, "park") if raw.headings else _names_of_files(raw, log)
    types = _words(raw, columns, "park_type")
    fault = placed.mended.fault.copy()
    fault[(names == "") & (fault == "")] = "intake_layers.park_without_name"
    report(raw, pa.array(names, pa.large_string()), fault, placed.mended, log)
    kinds = np.array([park_type(text) for text in types], dtype=object)
    for index in np.flatnonzero((fault == "") & (types != "") & (kinds == "")):
        log.add(
            "intake_layers.park_type_unknown",
            **raw.place(int(index)), key=names[index], value=types[index],
            column=columns.heading("park_type"),
        )  # fmt: skip
    frame = pd.DataFrame(
        {
            "park": pd.Series(names, dtype="str"),
            "park_type": pd.Series(kinds, dtype="str"),
            **_rest(placed),
        }
    )
    kept = _ordered(frame.loc[fault == ""], ["park", "park_type"])
    return _reading(PARKS.check(kept), placed, columns, names, fault, source, project)


def _names_of_files(raw: Raw, log: IssueLog) -> npt.NDArray[np.object_]:
    """The name of each row's file without its ending; told once a file."""
    stems = {str(file): PurePosixPath(str(file)).stem for file in raw.file}
    for file, stem in sorted(stems.items()):
        log.add("intake_layers.park_named_by_file", table="parks", file=file, value=stem)
    return np.array([stems[str(file)] for file in raw.file], dtype=object)


def park_type(text: str) -> str:
    """Our code of a park type as people write it, or ``""``.

    >>> park_type("新兴产业园"), park_type("Traditional"), park_type("就业型"), park_type("综合")
    ('emerging', 'traditional', 'employment', '')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = [code for code, words in _PARK_TYPES if any(word in folded for word in words)]
    return found[0] if len(found) == 1 else ""


def _placed(
    source: Source | None,
    project: Project,
    rules: Rules,
    table: str,
    crs: str,
    correct: Correct | None,
    log: IssueLog,
) -> tuple[Placed, Columns]:
    if source is None:
        raise ValueError(table)
    target = parse(crs)
    found = locate(read_layers(source, project, table, log), project_crs(project) or target, rules)
    placed = place_all(found, target, rules)
    needed = ["park"] if table == "parks" and placed.raw.headings else []
    columns = recognise(placed.raw, Vocabulary.of(table, source.columns), needed=needed)
    if correct is not None:
        from dataclasses import replace

        placed = replace(placed, raw=correct(placed.raw, columns))
    return placed, columns


def _words(raw: Raw, columns: Columns, name: str) -> npt.NDArray[np.object_]:
    found = texts_of(raw, columns, name)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=object)


def _rest(placed: Placed) -> dict[str, object]:
    raw = placed.raw
    return {
        "geometry": pd.Series(placed.mended.shapes, dtype=object),
        "source_file": pd.Series(raw.file, dtype="str"),
        "source_sheet": pd.Series(raw.sheet, dtype="str"),
        "source_row": raw.row,
    }


def _ordered(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Rows in an order that depends on what they say and where they lie, not on the file."""
    shapes = shapely.normalize(frame["geometry"].to_numpy())
    sorted_frame = frame.assign(_shape=shapely.to_wkb(shapes, output_dimension=2, byte_order=1))
    return sorted_frame.sort_values([*by, "_shape"], ignore_index=True).drop(columns="_shape")


def _reading(
    frame: pd.DataFrame,
    placed: Placed,
    columns: Columns,
    names: npt.NDArray[np.object_],
    fault: npt.NDArray[np.object_],
    source: Source | None,
    project: Project,
) -> Reading:
    raw = placed.raw
    rows = rows_of(raw, pa.array(names, pa.large_string()), fault)
    return Reading(
        frame,
        rows.counts(),
        rows.set_aside(),
        rows.sources(np.flatnonzero(fault == ""), ",".join(sorted(columns.theirs))),
        (*raw.facts, *columns.facts(raw)),
        tuple(files_of(source, project)) if source else (),
        frozenset(columns.theirs),
    )
