"""The project file: which files, in which units, under which rules.

Takes ``project.toml``; gives a frozen :class:`Project`. Every fault of the file is collected and
shown at once with its line; unknown names are errors that name the nearest known one. Opens
nothing but the project file and the rule pack that it names.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from landuse.errors import UserError
from landuse.intake.project_check import check
from landuse.intake.project_fields import (
    Day,
    Paths,
    Row,
    Text,
    Year,
    as_column,
    as_number,
    as_number_or_none,
    as_values,
)
from landuse.intake.project_names import image_title
from landuse.intake.safety import expand
from landuse.issues import Issue, IssueLog
from landuse.rules import Rules, load
from landuse.rules.document import Document, dotted, read, report

if TYPE_CHECKING:
    from landuse.rules.document import Key
    from landuse.stores import Place

__all__ = [
    "PARK_TABLES",
    "TABLES",
    "ColumnRef",
    "EnterpriseSource",
    "EnterpriseTable",
    "Evidence",
    "Project",
    "RulesRef",
    "Source",
    "files_of",
    "load_project",
]

TABLES = (
    "parcels",
    "enterprises",
    "occupancy",
    "price_zones",
    "parks",
    "supply",
    "exemptions",
    "corrections",
    "confirmed_links",
)
"""The input tables of a run that a project may give, as they are named in the file."""

PARK_TABLES = ("park_register", "periods", "projects", "promises", "demand", "stated")
"""The tables about whole parks; a run does without them."""

_NO_ENTERPRISES = "-"
AreaUnit = Literal["m2", "mu", "ha", "ft2"]
MoneyUnit = Literal["yuan", "thousand_yuan", "wan", "yi"]
EnergyBasis = Literal["calorific", "equivalent"]
Combine = Literal["sum", "mean", "max"]
Blank = Literal["missing", "zero"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ColumnRef(_Frozen):
    """The heading that a column has in the user's file, and the unit it stands in there.

    ``blank``: what a blank cell of a figure means; it is missing unless the user says ``zero``.
    """

    from_: Annotated[Text, Field(alias="from")]
    unit: Text | None = None
    blank: Blank = "missing"


Columns = dict[str, Annotated[ColumnRef, BeforeValidator(as_column)]]


class Source(_Frozen):
    """One input: its files with the same columns, and how to read them."""

    path: Paths
    layer: Text | None = None
    sheet: Text | None = None
    header_row: Row | None = None
    encoding: Text | None = None
    crs: Text | None = None
    area_unit: AreaUnit | None = None
    money_unit: MoneyUnit | None = None
    columns: Columns = Field(default_factory=dict)


class EnterpriseTable(Source):
    """One more table of figures, joined on ``uscc`` and ``year``; it declares its own units."""

    energy_basis: EnergyBasis | None = None
    duplicates: Literal["error"] | dict[str, Combine] | None = None


class EnterpriseSource(EnterpriseTable):
    """The main table of the enterprises, and any number more."""

    tables: tuple[EnterpriseTable, ...] = ()


class Evidence(_Frozen):
    """One raster that says something about idle land.

    ``kind``: the share of built-up cells, or the mean of the band. ``nodata``, ``scale`` and
    ``offset`` replace what the file declares; ``nodata = "none"``: every value counts.
    """

    path: Text
    kind: Literal["built_up", "mean"]
    band: Row = 1
    built_values: Annotated[tuple[float, ...], BeforeValidator(as_values)] = ()
    label: Text | None = None
    date: Day | None = None
    crs: Text | None = None
    nodata: Annotated[float | Literal["none"] | None, BeforeValidator(as_number_or_none)] = None
    scale: Annotated[float | None, BeforeValidator(as_number)] = None
    offset: Annotated[float | None, BeforeValidator(as_number)] = None

    @property
    def title(self) -> str:
        """What the results call it."""
        return image_title(self.path, self.label, self.date)


class RulesRef(_Frozen):
    """A shipped pack or a path, and the values that this project replaces."""

    pack: Text
    override: dict[str, Any] = Field(default_factory=dict)


class _Head(_Frozen):
    name: Text
    year: Year
    as_of: Day | None = None
    crs: Text | None = None
    id_scheme: Literal["cn", "free"] = "cn"


class _Database(_Frozen):
    url: Text


class _Sources(_Frozen):
    parcels: Source
    enterprises: EnterpriseSource
    rules: RulesRef
    occupancy: Source | None = None
    price_zones: Source | None = None
    parks: Source | None = None
    supply: Source | None = None
    exemptions: Source | None = None
    corrections: Source | None = None
    confirmed_links: Source | None = None
    evidence: tuple[Evidence, ...] = ()
    park_register: Source | None = None
    periods: Source | None = None
    projects: Source | None = None
    promises: Source | None = None
    demand: Source | None = None
    stated: Source | None = None


class _File(_Sources):
    """The file as it is written."""

    project: _Head
    database: _Database | None = None


class Project(_Sources):
    """A project file that was found sound. ``file`` is its path, ``base`` the folder it is in."""

    file: Path
    name: str
    year: int
    as_of: dt.date | None = None
    crs: str | None = None
    id_scheme: Literal["cn", "free"] = "cn"
    database: str | None = None

    @property
    def base(self) -> Path:
        """The folder from which relative paths count."""
        return self.file.parent

    def source(self, table: str) -> Source | None:
        """The source of a table (:data:`TABLES`, :data:`PARK_TABLES`); ``None``: not given."""
        found: Source | None = getattr(self, table)
        return found


def load_project(
    path: Path | str, as_of: dt.date | None = None, *, land_only: bool = False
) -> Project:
    """The project in the file ``path``; ``as_of`` replaces the one in the file.

    With ``land_only`` the file need not name the enterprises: they are not asked for.

    Raises :class:`landuse.errors.UserError` with every fault of the file, of its columns and
    units, and of the rule pack with the project's overrides.
    """
    file = Path(path).absolute()
    document = read(file, file.name)
    if land_only:
        data = {"enterprises": {"path": _NO_ENTERPRISES}, **document.data}
        document = dataclasses.replace(document, data=data)
    log = IssueLog()
    written = _validated(document, log)
    rules = _rules(document, file.parent, as_of or _written_day(document), log)
    check(document, rules, log)
    if written is None or len(log):
        raise UserError(list(log))
    head = written.project
    sources = {name: getattr(written, name) for name in _Sources.model_fields}
    return Project(
        file=file,
        name=head.name,
        year=head.year,
        as_of=as_of or head.as_of,
        crs=head.crs,
        id_scheme=head.id_scheme,
        database=written.database.url if written.database else None,
        **sources,
    )


def files_of(source: Source, project: Project) -> list[Place]:
    """The files of ``source``: globs expanded, without repetition, sorted, all of them allowed.

    Those in an object store are :class:`landuse.stores.Stored`. Raises
    :class:`landuse.errors.UserError` for every path that is another address, absent, or of a kind
    that the program does not read.
    """
    return expand(source.path, project.base)


def _validated(document: Document, log: IssueLog) -> _File | None:
    def place(loc: Key) -> dict[str, object]:
        key = _in_file(loc, document)
        where = dotted(key)
        return {"file": document.name, "row": document.line(key), "where": where}

    try:
        return _File.model_validate(document.data)
    except ValidationError as error:
        report(error, log, place, _known)
        return None


def _in_file(loc: Key, document: Document) -> Key:
    """``loc`` without the steps that stand only in the models (members of a union)."""
    key: Key = ()
    here: Any = document.data
    for position, part in enumerate(loc):
        inside = isinstance(here, dict) and part in here
        inside |= isinstance(here, list) and isinstance(part, int) and part < len(here)
        if inside:
            here = here[part]
        elif position < len(loc) - 1 or part not in _known(key):
            continue
        key = (*key, part)
    return key


_MODELS: Mapping[str, type[_Frozen]] = {
    "": _File,
    "project": _Head,
    "enterprises": EnterpriseSource,
    "tables": EnterpriseTable,
    "evidence": Evidence,
    "rules": RulesRef,
    "database": _Database,
    "columns": ColumnRef,
}


def _known(loc: Key) -> list[str]:
    """The names that the table at ``loc`` may have."""
    names = [part for part in loc if isinstance(part, str)]
    last = next((name for name in ("columns", "tables") if name in names), "".join(names[:1]))
    fields = _MODELS.get(last, Source).model_fields
    return [field.alias or name for name, field in fields.items()]


def _written_day(document: Document) -> dt.date | None:
    head = document.data.get("project")
    written = head.get("as_of") if isinstance(head, dict) else None
    try:
        return _Head.model_validate({"name": "-", "year": 2000, "as_of": written}).as_of
    except ValidationError:
        return None


def _rules(document: Document, base: Path, as_of: dt.date | None, log: IssueLog) -> Rules | None:
    """The rules that the project names; their faults are told with the place in this file.

    Where only the overrides are at fault, the pack as it is: it still tells the columns.
    """
    try:
        ref = RulesRef.model_validate(document.data.get("rules"))
    except ValidationError:
        return None
    try:
        return load(ref.pack, as_of=as_of or dt.date.max, override=ref.override, base=base)
    except UserError as error:
        log.extend(_placed(issue, document) for issue in error.issues)
    try:
        return load(ref.pack, as_of=dt.date.max, base=base) if ref.override else None
    except UserError:
        return None


def _placed(issue: Issue, document: Document) -> Issue:
    if issue.file:
        return issue
    where = str(issue.values.get("where", ""))
    key = tuple(where.split(".")) if where else ("rules", "pack")
    return dataclasses.replace(issue, file=document.name, row=document.line(key))
