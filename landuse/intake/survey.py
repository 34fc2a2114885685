"""A first look at a file of which nothing is declared: what it is, and what could be recognised.

Takes one file; gives a :class:`Surveyed`. Decides nothing for the run: ``landuse init`` writes
down what is found here, and the user's answers count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from landuse.crs import CrsFault
from landuse.errors import UserError
from landuse.intake.books import read_book
from landuse.intake.columns import Vocabulary
from landuse.intake.delimited import read_delimited
from landuse.intake.grid import Heading, Sheet, find_heading, is_blank, unit_line
from landuse.intake.layers import read_layer
from landuse.intake.ledger_book_new import office_vocabulary
from landuse.intake.numbers import parse
from landuse.intake.project_names import columns_of
from landuse.intake.safety import LAYER_SUFFIXES
from landuse.issues import IssueLog
from landuse.schema.park_tables import MEASURES
from landuse.units import UNITS

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.intake.raw import Raw
    from landuse.issues import Issue
    from landuse.rules import Rules

__all__ = ["Surveyed", "is_layer", "survey_layer", "survey_table"]

_BOOKS: Final = (".xlsx", ".xlsm", ".xls")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_KEYS: Final = frozenset({"uscc", "name"})
_SAMPLE: Final = 200
_NEAR: Final = 0.5
_DEGREES: Final = 180


@dataclass(frozen=True)
class Surveyed:
    """What was seen in one file.

    ``table``: our name of the input, ``""`` if it is none that we know. ``columns``: our name →
    heading; ``by_year``: our name → headings with a year; ``doubtful``: our name → headings that
    fit equally; ``units``: our name → unit code that its heading states; ``unit_line``: units
    named above the heading; ``years``: those in a year column, else in headings or title.
    ``rivals``: other sheets that look like the same table. ``in_metres``: its points x, y are no
    degrees. ``faults``: why it could not be read.
    """

    path: Path
    table: str = ""
    sheet: str = ""
    rivals: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    by_year: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    unit_line: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    crs: str = ""
    area_unit: str = ""
    in_metres: bool = False
    faults: tuple[Issue, ...] = ()

    @property
    def names(self) -> set[str]:
        """Our names of everything that was recognised."""
        return {*self.columns, *self.by_year, *self.doubtful}


def _vocabulary(table: str, rules: Rules) -> Vocabulary:
    yearly: list[str] = []
    if table == "enterprises":
        yearly = sorted(_measured(rules))
    return Vocabulary.of(table, {}, names=columns_of(table, rules), yearly=yearly)


def _measured(rules: Rules) -> set[str]:
    """Our names of what a table of figures measures."""
    return {figure.key for figure in rules.figures} | {energy.key for energy in rules.energy}


def survey_table(path: Path, rules: Rules) -> Surveyed:
    """What a workbook or text table is; a file that cannot be read comes with its faults."""
    try:
        sheets = _sheets(path)
    except UserError as error:
        return Surveyed(path, faults=tuple(error.issues))
    best = Surveyed(path)
    if _is_ledger(sheets):
        return best
    for table, fits in _KINDS:
        words = _vocabulary(table, rules)
        found = [
            (heading, sheet)
            for sheet in sheets
            if (heading := find_heading(sheet, words.knows)) is not None
        ]
        if not found:
            continue
        heading, sheet = max(found, key=lambda pair: pair[0].score)
        rivals = [o.name for h, o in found if o is not sheet and h.score * 2 >= heading.score]
        seen = _of_sheet(path, table, sheet, heading, words, rivals)
        if fits(seen.names, rules) and len(seen.names) > len(best.names):
            best = seen
    return best


def _is_ledger(sheets: Sequence[Sheet]) -> bool:
    """A list of cases names land and firms too, but is imported into the ledger, never a run's."""
    words = office_vocabulary()
    found = [heading for sheet in sheets if (heading := find_heading(sheet, words.knows))]
    names = [{words.knows(text) for text in heading.names if text} for heading in found]
    return any({"parcel_id", "state", "way"} <= known for known in names)


def _sheets(path: Path) -> list[Sheet]:
    suffix = path.suffix.lower()
    if suffix in _BOOKS:
        sheets = read_book(path, path.name)
        filled = [s for s in sheets if any(not is_blank(cell) for row in s.cells for cell in row)]
        return [sheet for sheet in filled if sheet.visible] or filled
    if suffix == ".parquet":
        return [_parquet(path)]
    return [read_delimited(path, path.name).sheet]


def _parquet(path: Path) -> Sheet:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise UserError.of("project.file_closed", file=path.name, value=str(error)) from error
    head: list[Sequence[object]] = [rows.column_names]
    columns = [column.to_pylist() for column in rows.columns]
    return Sheet("", [*head, *zip(*columns, strict=True)])


def _enterprises(names: set[str], rules: Rules) -> bool:
    return bool(names & _KEYS) and bool(names & (_measured(rules) | {"industry_code"}))


def _supply(names: set[str], _: Rules) -> bool:
    dates = {"contract_no", "agreed_delivery", "agreed_start", "agreed_completion"}
    return "parcel_id" in names and bool(names & dates)


def _occupancy(names: set[str], _: Rules) -> bool:
    return "parcel_id" in names and bool(names & _KEYS)


def _exemptions(names: set[str], _: Rules) -> bool:
    return bool(names & _KEYS) and "reason" in names


def _corrections(names: set[str], _: Rules) -> bool:
    return {"table", "key", "column", "new"} <= names


def _confirmed(names: set[str], _: Rules) -> bool:
    return {"parcel_id", "uscc", "confirmed"} <= names


def _register(names: set[str], _: Rules) -> bool:
    accounts = {"expropriated_area", "ready_area", "available_area", "planning_state"}
    return "park" in names and len(names & {*accounts, "infrastructure", "factory_built"}) > 1


def _periods(names: set[str], _: Rules) -> bool:
    measures = names & {"measure", *MEASURES}
    return {"period"} <= names and bool(measures) and bool(names & {"park", "cluster", "whom"})


def _projects(names: set[str], _: Rules) -> bool:
    dates = {"planned_start", "planned_completion", "topped_out_on", "production_on"}
    return {"project"} < names and bool(names & {"planned_investment", *dates})


def _promises(names: set[str], _: Rules) -> bool:
    promised = {"promised_tax", "promised_output", "promised_investment"}
    return bool(names & _KEYS) and bool(names & promised)


def _demand(names: set[str], _: Rules) -> bool:
    return len(names & {"demand", "land_area", "floor", "least_plot_ratio"}) > 1


def _stated(names: set[str], _: Rules) -> bool:
    return {"relation", "inputs"} <= names


_KINDS: Final = (
    ("park_register", _register),
    ("periods", _periods),
    ("projects", _projects),
    ("promises", _promises),
    ("demand", _demand),
    ("stated", _stated),
    ("corrections", _corrections),
    ("confirmed_links", _confirmed),
    ("supply", _supply),
    ("occupancy", _occupancy),
    ("exemptions", _exemptions),
    ("enterprises", _enterprises),
)
"""Tables with what makes them such; of equally good guesses the first counts."""


def _of_sheet(
    path: Path, table: str, sheet: Sheet, heading: Heading, words: Vocabulary, rivals: list[str]
) -> Surveyed:
    seen = _recognised(path, table, [name for name in heading.names if name], words)
    years = set(seen.years)
    if "year" in seen.columns:
        column = heading.names.index(seen.columns["year"])
        cells = (row[column] for row in sheet.cells[heading.data :] if column < len(row))
        years = set(_years(cells))
    if not years:
        years = set(_years(cell for row in sheet.cells[: heading.first] for cell in row))
    return Surveyed(
        **{
            **vars(seen),
            "sheet": sheet.name,
            "rivals": tuple(rivals),
            "unit_line": unit_line(sheet, heading.first),
            "years": tuple(sorted(years)),
            "in_metres": any(_beyond_degrees(sheet, heading, seen, name) for name in ("x", "y")),
        }
    )


def _beyond_degrees(sheet: Sheet, heading: Heading, seen: Surveyed, name: str) -> bool:
    """Whether most numbers of the column ``name`` are larger than any degree."""
    if name not in seen.columns:
        return False
    column = heading.names.index(seen.columns[name])
    cells = [row[column] for row in sheet.cells[heading.data :] if column < len(row)]
    found = [abs(one.value) for cell in cells if (one := parse(str(cell))).value is not None]
    return 2 * sum(value > _DEGREES for value in found) > len(found)


def _years(cells: Iterator[Any]) -> Iterator[int]:
    for cell in cells:
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        if found := _YEAR.search(text):
            yield int(found[0])


def _recognised(path: Path, table: str, headings: list[str], words: Vocabulary) -> Surveyed:
    found: dict[str, list[tuple[bool, str]]] = {}
    by_year: dict[str, list[str]] = {}
    units: dict[str, str] = {}
    years: set[int] = set()
    unread: list[str] = []
    for heading in headings:
        meaning = words.meaning(heading)
        if meaning is None:
            unread.append(heading)
        elif meaning.year:
            by_year.setdefault(meaning.name, []).append(heading)
            years.add(meaning.year)
            units[meaning.name] = meaning.unit
        else:
            found.setdefault(meaning.name, []).append((meaning.weak, heading))
    columns: dict[str, str] = {}
    doubtful: dict[str, tuple[str, ...]] = {}
    for name, candidates in found.items():
        strong = [heading for weak, heading in candidates if not weak]
        likely = strong or [heading for _, heading in candidates]
        unread += [heading for _, heading in candidates if heading not in likely]
        if len(likely) > 1:
            doubtful[name] = tuple(likely)
            continue
        columns[name] = likely[0]
        chosen = words.meaning(likely[0])
        units[name] = chosen.unit if chosen else ""
    return Surveyed(
        path,
        table,
        columns=columns,
        by_year={name: tuple(sorted(texts)) for name, texts in by_year.items()},
        doubtful=doubtful,
        units={name: unit for name, unit in units.items() if unit},
        unread=tuple(unread),
        years=tuple(sorted(years)),
    )


def survey_layer(path: Path, rules: Rules, tables: Sequence[str]) -> Surveyed:
    """What a layer is, of the given inputs; with its system and the likely unit of its areas."""
    log = IssueLog()
    try:
        raw = read_layer(path, table=tables[0], file=path.name, log=log)
    except UserError as error:
        return Surveyed(path, tables[0] if len(tables) == 1 else "", faults=tuple(error.issues))
    candidates = [
        _recognised(path, table, raw.headings, _vocabulary(table, rules)) for table in tables
    ]
    best = max(candidates, key=lambda one: len(one.names))
    if not best.names and len(tables) > 1:
        best = Surveyed(path, unread=tuple(raw.headings))
    faults = () if raw.crs is not None else (_missing_system(raw),)
    try:
        area_unit = _area_unit(raw, best)
    except CrsFault as fault:
        area_unit, faults = "", (fault.issue,)
    details = {"crs": _crs(raw), "area_unit": area_unit, "faults": faults}
    return Surveyed(**{**vars(best), **details})


def _crs(raw: Raw) -> str:
    from landuse.crs import label

    return label(raw.crs) if raw.crs is not None else ""


def _missing_system(raw: Raw) -> Issue:
    import shapely

    from landuse.crs import missing_system

    shapes = [] if raw.geometry is None else list(raw.geometry[:_SAMPLE])
    points = shapely.get_coordinates([shape for shape in shapes if shape is not None])
    return missing_system(points).issue


def _area_unit(raw: Raw, seen: Surveyed) -> str:
    """The unit in which the registered areas are like the areas of the polygons, or ``""``."""
    heading = seen.columns.get("registered_area")
    if (
        heading is None
        or raw.geometry is None
        or raw.crs is None
        or "registered_area" in seen.units
    ):
        return ""
    ratios = sorted(_ratios(raw, heading))
    if not ratios:
        return ""
    middle = ratios[len(ratios) // 2]
    for unit in ("m2", "mu", "ha", "ft2"):
        if abs(middle * float(UNITS[unit].in_base) - 1) < _NEAR:
            return unit
    return ""


def _ratios(raw: Raw, heading: str) -> Iterator[float]:
    """Registered area ÷ area of the polygon in m² for some parcels."""
    import shapely
    from pyproj import Geod

    from landuse.crs import to_lonlat

    geod, crs = Geod(ellps="GRS80"), raw.crs
    if crs is None or raw.geometry is None:
        return
    pairs = zip(raw.frame[heading][:_SAMPLE], raw.geometry[:_SAMPLE], strict=True)
    for value, shape in pairs:
        try:
            stated = float(str(value).replace(",", ""))
        except ValueError:
            continue
        if shape is None or shape.is_empty or not stated > 0:
            continue
        degrees = shapely.transform(shape, lambda points: to_lonlat(points, crs))
        area = abs(geod.geometry_area_perimeter(degrees)[0])
        if area > 0:
            yield stated / area


def is_layer(path: Path) -> bool:
    """Whether the kind of a file is one of layers (Parquet may be either, and is a table here)."""
    suffix = path.suffix.lower()
    return suffix in LAYER_SUFFIXES and suffix != ".parquet"
