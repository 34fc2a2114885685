"""A project file as a form: what was recognised in each file, and what only a person knows.

The same look at the files as ``landuse init``; the answers go into the same project file.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from landuse.errors import UserError
from landuse.intake.project import PARK_TABLES, TABLES, load_project
from landuse.intake.project_names import amounts_of, columns_of, dimensions_of
from landuse.intake.survey import Surveyed, is_layer, survey_layer, survey_table
from landuse.pipeline.batch_files import Batch
from landuse.pipeline.batch_toml import as_toml
from landuse.pipeline.init import PACK, init_project
from landuse.rules import Rules, load, shipped
from landuse.schema.headings import usual
from landuse.units import UNITS

if TYPE_CHECKING:
    from landuse.issues import Issue
    from landuse.messages import Lang

__all__ = ["BatchForm", "ColumnChoice", "Field", "Part", "answer", "draft", "form_of", "guess"]

Data = dict[str, Any]
Kind = Literal["text", "date", "number", "choice"]
_LAYERS: Final = ("parcels", "price_zones", "parks")
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "area_unit": ("m2", "mu", "ha"),
    "money_unit": ("yuan", "thousand_yuan", "wan", "yi"),
    "energy_basis": ("calorific", "equivalent"),
    "id_scheme": ("cn", "free"),
}
_SETTINGS: Final[dict[str, tuple[str, ...]]] = {
    "project": ("name", "year", "as_of", "crs", "id_scheme"),
    "parcels": ("crs", "area_unit", "encoding"),
    "enterprises": ("sheet", "header_row", "money_unit", "energy_basis", "crs", "encoding"),
    "occupancy": ("sheet", "header_row", "area_unit", "encoding"),
    "price_zones": ("crs", "encoding"),
    "parks": ("crs", "encoding"),
    "supply": ("sheet", "header_row", "area_unit", "money_unit", "encoding"),
    **dict.fromkeys(
        ("park_register", "projects", "promises", "demand"),
        ("sheet", "header_row", "area_unit", "money_unit", "encoding"),
    ),
    "periods": ("sheet", "header_row", "money_unit", "encoding"),
    "rules": ("pack",),
}
_PLAIN: Final = ("sheet", "header_row", "encoding")
_KINDS: Final[dict[str, Kind]] = {"year": "number", "header_row": "number", "as_of": "date"}


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: its place in the file (``parcels.crs``), its name alone, what is there.

    ``asked``: the files leave it open, and without it figures are missing or cannot be read.
    """

    key: str
    name: str
    value: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One of our columns: which heading it is, and in what unit.

    ``doubtful``: several headings fit and none is chosen. ``by_year``: headings with a year, which
    are read by themselves. ``blank``: what a blank cell means; ``None`` where that is no question.
    """

    key: str
    name: str
    label: str
    value: str
    headings: tuple[str, ...]
    unit: str = ""
    units: tuple[str, ...] = ()
    stated_unit: str = ""
    blank: str | None = None
    doubtful: bool = False
    by_year: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the file."""

    key: str
    table: str
    files: tuple[str, ...]
    fields: tuple[Field, ...]
    columns: tuple[ColumnChoice, ...]
    unread: tuple[str, ...]
    faults: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class BatchForm:
    """The whole file. ``left_over``: files that no section names; ``faults``: why it does not
    load yet; ``layers``: files that may be the parcels, ``parcels`` the one that is."""

    parts: tuple[Part, ...]
    left_over: tuple[str, ...]
    faults: tuple[Issue, ...]
    layers: tuple[str, ...]
    parcels: str

    @property
    def asked(self) -> bool:
        """Whether a setting is left that only a person knows."""
        return any(field.asked for part in self.parts for field in part.fields)


@lru_cache(maxsize=256)
def _seen(path: str, _written: int, _size: int, tables: tuple[str, ...]) -> Surveyed:
    rules = load(PACK, as_of=dt.date.max)
    if tables and is_layer(Path(path)):
        return survey_layer(Path(path), rules, tables)
    return survey_table(Path(path), rules)


def _look(path: Path, *tables: str) -> Surveyed:
    """The look at one file; kept until the file changes."""
    found = path.stat()
    return _seen(str(path), found.st_mtime_ns, found.st_size, tables)


def guess(batch: Batch) -> Path | None:
    """The file that is most like a layer of parcels; ``None`` without any layer."""
    layers = [path for path in batch.files if is_layer(path)]
    seen = [_look(path, *_LAYERS) for path in layers]
    likely = [one for one in seen if one.table == "parcels"] or seen
    return max(likely, key=lambda one: len(one.names)).path if likely else None


def draft(batch: Batch, parcels: Path, head: Mapping[str, str], lang: Lang) -> None:
    """Write the batch's project file from a look at its files (as ``landuse init`` does).

    ``head``: name, year and day as they were typed; blank ones are left to what the files say.
    Raises :class:`landuse.errors.UserError`.
    """
    others = [path for path in batch.files if path != parcels]
    batch.project.unlink(missing_ok=True)
    init_project(batch.folder, parcels, others, lang=lang)
    data = _read(batch.project)
    for name in ("name", "year", "as_of"):
        if head.get(name, "").strip():
            data["project"][name] = _typed(name, head[name])
    _write(batch.project, data)


def form_of(batch: Batch, lang: Lang) -> BatchForm:
    """The form of a batch that has been drafted."""
    data, parts = _read(batch.project), []
    rules = load(_pack(data), as_of=dt.date.max)
    parts.append(
        Part("project", "project", (), _fields("project", "project", data, set()), (), (), ())
    )
    named: set[str] = set()
    for key, table, section in _sections(data):
        paths = section.get("path", [])
        files = [paths] if isinstance(paths, str) else list(paths)
        named |= set(files)
        parts.append(_part(batch, key, table, section, tuple(files), rules, lang))
    pack = _fields("rules", "rules", {"rules": {"pack": _pack(data)}}, set())
    parts.append(Part("rules", "rules", (), pack, (), (), ()))
    parcels = data.get("parcels", {}).get("path", "")
    return BatchForm(
        tuple(parts),
        tuple(path.name for path in batch.files if path.name not in named),
        _faults(batch.project),
        tuple(path.name for path in batch.files if is_layer(path)),
        parcels if isinstance(parcels, str) else "",
    )


def answer(batch: Batch, answers: Mapping[str, str], lang: Lang) -> None:
    """Write the answers of the form into the project file.

    Only what :func:`form_of` asks is taken, and of a choice only what it offers.
    """
    data = _read(batch.project)
    for part in form_of(batch, lang).parts:
        for field in part.fields:
            given = answers.get(field.key)
            if given is not None and (not field.choices or given in ("", *field.choices)):
                _put(data, field.key, _typed(field.name, given) if given.strip() else None)
        for column in part.columns:
            _put_column(data, column, answers)
    _write(batch.project, data)


def _put_column(data: Data, column: ColumnChoice, answers: Mapping[str, str]) -> None:
    heading = answers.get(column.key)
    if heading is None or heading not in ("", *column.headings):
        return
    unit, blank = answers.get(f"{column.key}.unit", ""), answers.get(f"{column.key}.blank", "")
    value: dict[str, str] = {"from": heading}
    if unit in column.units:
        value["unit"] = unit
    if blank == "zero" and column.blank is not None:
        value["blank"] = blank
    if not heading:
        _put(data, column.key, None)
    else:
        _put(data, column.key, value if len(value) > 1 else heading)


def _read(file: Path) -> Data:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError.of("batch.no_draft", value=file.parent.name) from error


def _write(file: Path, data: Data) -> None:
    part = file.with_suffix(".part")
    part.write_bytes(as_toml(data).encode())
    part.replace(file)


def _pack(data: Data) -> str:
    pack = data.get("rules", {}).get("pack", PACK)
    return pack if pack in shipped() else PACK


def _faults(file: Path) -> tuple[Issue, ...]:
    try:
        load_project(file)
    except UserError as error:
        return tuple(error.issues)
    return ()


def _sections(data: Data) -> Iterable[tuple[str, str, Data]]:
    """Each input of the file: its place, its table, its content."""
    for table in (*TABLES, *PARK_TABLES):
        section = data.get(table)
        if not isinstance(section, dict):
            continue
        yield table, table, section
        for place, more in enumerate(section.get("tables", [])):
            yield f"{table}.tables.{place}", table, more


def _part(
    batch: Batch,
    key: str,
    table: str,
    section: Data,
    files: tuple[str, ...],
    rules: Rules,
    lang: Lang,
) -> Part:
    layer = (table,) if table in _LAYERS else ()
    seen = [_look(batch.folder / name, *layer) for name in files if (batch.folder / name).is_file()]
    first = seen[0] if seen else Surveyed(batch.folder)
    columns = tuple(_column(key, table, name, section, first, rules, lang) for name in
                    columns_of(table, rules))  # fmt: skip
    used = {one.value for one in columns} | {h for one in columns for h in one.by_year}
    unread = [heading for heading in _headings(first) if heading not in used]
    faults = tuple(fault for one in seen for fault in one.faults)
    fields = _fields(key, table, {key: section}, _asked(table, first, columns, rules))
    return Part(key, table, files, fields, columns, tuple(unread), faults)


def _fields(key: str, table: str, data: Data, asked: set[str]) -> tuple[Field, ...]:
    section = data.get(key, {})

    def choices(name: str) -> tuple[str, ...]:
        return tuple(shipped()) if name == "pack" else _CHOICES.get(name, ())

    return tuple(
        Field(
            f"{key}.{name}",
            name,
            str(section.get(name, "")),
            "choice" if choices(name) else _KINDS.get(name, "text"),
            choices(name),
            asked=name in asked and name not in section,
        )
        for name in _SETTINGS.get(table, _PLAIN)
    )


def _asked(table: str, seen: Surveyed, columns: Iterable[ColumnChoice], rules: Rules) -> set[str]:
    """What ``landuse init`` would ask of this input."""
    used = [one for one in columns if one.value or one.by_year]
    dimensions = dimensions_of(rules)
    open_units = {dimensions[one.name] for one in used if one.units
                  and not (one.unit or one.stated_unit or seen.units.get(one.name))}  # fmt: skip
    energies = {energy.key for energy in rules.energy}
    asked = {f"{name}_unit" for name in ("area", "money") if name in open_units}
    if any(one.name in energies for one in used):
        asked.add("energy_basis")
    has_points = {"x", "y"} <= {one.name for one in used}
    if (table in _LAYERS and not seen.crs) or (table == "enterprises" and has_points):
        asked.add("crs")
    return asked


def _headings(seen: Surveyed) -> tuple[str, ...]:
    several = [*seen.doubtful.values(), *seen.by_year.values()]
    found = [*seen.columns.values(), *(one for group in several for one in group), *seen.unread]
    return tuple(dict.fromkeys(found))


def _column(
    key: str, table: str, name: str, section: Data, seen: Surveyed, rules: Rules, lang: Lang
) -> ColumnChoice:
    stated = section.get("columns", {}).get(name, "")
    ref: Mapping[str, str] = stated if isinstance(stated, dict) else {"from": stated}
    dimension = dimensions_of(rules).get(name, "")
    heading = str(ref.get("from", ""))
    headings = _headings(seen)
    return ColumnChoice(
        f"{key}.columns.{name}",
        name,
        usual(table, name, lang),
        heading,
        headings if heading in ("", *headings) else (heading, *headings),
        unit=str(ref.get("unit", "")),
        units=_units(dimension),
        stated_unit=seen.units.get(name, "") if heading in ("", seen.columns.get(name)) else "",
        blank=str(ref.get("blank", "")) if table == "enterprises" and name in amounts_of(rules)
        else None,
        doubtful=not heading and name in seen.doubtful,
        by_year=tuple(seen.by_year.get(name, ())),
    )  # fmt: skip


def _units(dimension: str) -> tuple[str, ...]:
    return tuple(code for code, unit in UNITS.items() if dimension and unit.dimension == dimension)


def _typed(name: str, written: str) -> object:
    """A setting as the file has it; what does not fit its kind stays text, and loading says so."""
    plain = written.strip()
    kind = _KINDS.get(name)
    if kind == "number" and plain.isascii() and plain.isdigit():
        return int(plain)
    if kind == "date":
        try:
            return dt.date.fromisoformat(plain)
        except ValueError:
            return plain
    return plain


def _put(data: Data, key: str, value: object) -> None:
    """Set or (``None``) remove what stands at a dotted place; lists are counted from 0."""
    *way, last = key.split(".")
    here: Any = data
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    if value is None:
        here.pop(last, None)
    else:
        here[last] = value
