"""What the project file says about columns, units, encodings and reference systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from landuse.intake.project_names import COLUMNS, amounts_of, columns_of, dimensions_of, image_title
from landuse.rules.document import Document, dotted, nearest
from landuse.units import UNITS

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.rules import Rules
    from landuse.rules.document import Key

__all__ = ["check"]

Fault = tuple[str, "Key", dict[str, object]]
_IDENTIFYING: Final = frozenset({"parcel_id", "uscc", "name", "holder", "contract_no"})
"""Without Chinese codes one column may tell both the land and who uses it."""
_SHIFTED: Final = frozenset(
    {"gcj02", "gcj-02", "gcj", "bd09", "bd-09", "bd09ll", "bd09mc", "baidu"}
)


def check(document: Document, rules: Rules | None, log: IssueLog) -> None:
    """Report every statement of the file that cannot be meant so.

    Works on the file as it is written, so that faults of form and faults of content come
    together. Without ``rules`` (the pack itself is at fault) columns are not checked.
    """
    head = document.data.get("project")
    free = isinstance(head, dict) and head.get("id_scheme") == "free"
    for key, table, source in _sources(document.data):
        for code, at, values in _source(key, table, source, rules, free=free):
            place = {"file": document.name, "row": document.line(at), "where": dotted(at)}
            log.add(code, **{"value": "", **values, **place})
    for code, at, values in _evidence(document.data.get("evidence")):
        place = {"file": document.name, "row": document.line(at), "where": dotted(at)}
        log.add(code, **values, **place)
    written = head.get("crs") if isinstance(head, dict) else None
    if isinstance(written, str):
        for code, at, values in _crs(("project", "crs"), written, working=True):
            place = {"file": document.name, "row": document.line(at), "where": dotted(at)}
            log.add(code, **values, **place)


def _evidence(written: object) -> Iterator[Fault]:
    """Images that could not be told apart, and what an image cannot have."""
    titles: set[str] = set()
    for number, entry in enumerate(written if isinstance(written, list) else []):
        if not isinstance(entry, dict):
            continue
        key: Key = ("evidence", number)
        if isinstance(crs := entry.get("crs"), str):
            yield from _crs((*key, "crs"), crs)
        if entry.get("kind") == "mean" and "built_values" in entry:
            yield "evidence.values_of_a_mean", (*key, "built_values"), {"value": ""}
        title = image_title(*(entry.get(name) or "" for name in ("path", "label", "date")))
        if title in titles:
            yield "evidence.label_twice", key, {"value": title}
        titles.add(title)


def _sources(data: Mapping[str, Any]) -> Iterator[tuple[Key, str, Mapping[str, Any]]]:
    for table in COLUMNS:
        source = data.get(table)
        if not isinstance(source, dict):
            continue
        yield (table,), table, source
        more = source.get("tables")
        if table == "enterprises" and isinstance(more, list):
            for number, entry in enumerate(more):
                if isinstance(entry, dict):
                    yield (table, "tables", number), table, entry


def _source(
    key: Key, table: str, source: Mapping[str, Any], rules: Rules | None, *, free: bool
) -> Iterator[Fault]:
    encoding = source.get("encoding")
    if isinstance(encoding, str) and not _is_encoding(encoding):
        yield "project.bad_encoding", (*key, "encoding"), {"value": encoding}
    crs = source.get("crs")
    if isinstance(crs, str):
        yield from _crs((*key, "crs"), crs)
    if rules is None:
        return
    known = columns_of(table, rules)
    columns = source.get("columns")
    if isinstance(columns, dict):
        for name, ref in columns.items():
            yield from _column((*key, "columns", name), name, ref, known, rules)
            if isinstance(ref, dict) and ref.get("blank") == "zero" and name in known:
                figures = amounts_of(rules) if table == "enterprises" else []
                if name not in figures:
                    values: dict[str, object] = {"name": name, "names": ", ".join(figures) or "–"}
                    yield "project.no_blank_here", (*key, "columns", name, "blank"), values
        yield from _twice(key, columns, _IDENTIFYING if free else frozenset())
    duplicates = source.get("duplicates")
    if isinstance(duplicates, dict):
        for name in duplicates:
            yield from _is_known((*key, "duplicates", name), name, known)


def _is_known(key: Key, name: str, known: list[str]) -> Iterator[Fault]:
    if name not in known:
        yield "project.unknown_column", key, {"value": name, "nearest": nearest(name, known)}


def _column(key: Key, name: str, ref: object, known: list[str], rules: Rules) -> Iterator[Fault]:
    if name not in known:
        yield from _is_known(key, name, known)
        return
    unit = ref.get("unit") if isinstance(ref, dict) else None
    if not isinstance(unit, str):
        return
    at = (*key, "unit")
    dimensions = dimensions_of(rules)
    if unit not in UNITS:
        yield "project.unknown_unit", at, {"value": unit, "nearest": nearest(unit, UNITS)}
    elif name not in dimensions:
        yield "project.no_unit_here", at, {"value": unit, "name": name}
    elif UNITS[unit].dimension != dimensions[name]:
        fitting = [unit for unit, known in UNITS.items() if known.dimension == dimensions[name]]
        others = [n for n in known if dimensions.get(n) == UNITS[unit].dimension]
        values: dict[str, object] = {"value": unit, "name": name, "units": ", ".join(fitting)}
        yield "project.wrong_unit", at, {**values, "names": ", ".join(others) or "–"}


def _twice(key: Key, columns: Mapping[str, Any], sharing: frozenset[str]) -> Iterator[Fault]:
    """Two of our columns from one of theirs: one of them is a slip, but for those ``sharing``."""
    first: dict[str, str] = {}
    for name, ref in columns.items():
        heading = ref.get("from") if isinstance(ref, dict) else ref
        if not isinstance(heading, str):
            continue
        if heading in first and not {name, first[heading]} <= sharing:
            values: dict[str, object] = {"value": heading, "name": name, "other": first[heading]}
            yield "project.column_twice", (*key, "columns", name), values
        first.setdefault(heading, name)


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):  # no such codec; one that is none (undefined); a NUL in it
        return False
    return True


def _crs(key: Key, written: str, *, working: bool = False) -> Iterator[Fault]:
    if written.strip().lower().replace("_", "-") in _SHIFTED | {"gcj-02", "bd-09"}:
        yield "project.shifted_crs", key, {"value": written}
        return
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(written)
    except CRSError:
        yield "project.unknown_crs", key, {"value": written}
        return
    if working and (not crs.is_projected or crs.to_epsg() == 3857):
        yield "project.crs_not_metric", key, {"value": written}
