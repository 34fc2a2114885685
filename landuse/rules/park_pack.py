"""The rule pack of parks: indicators, weights and lines of each type, and what else is decided.

A TOML file like the packs of the batch: ``[pack]``, ``[values.X]`` (``value`` or ``dated``,
``unit``, ``source``) and one ``[<type>.<indicator>]`` for each indicator of a park type, any of
whose values may be dated.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from fractions import Fraction
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.rules.dated import Resolver
from landuse.rules.document import Document, Key, dotted, nearest, read, report
from landuse.rules.model import Exact, Provenance
from landuse.schema.park_results import PARK_MEASURES
from landuse.schema.park_tables import PARK_TYPES

__all__ = ["PARK_PACK", "ParkIndicator", "ParkRules", "load_park_pack"]

PARK_PACK: Final = "park-assessment"
"""The pack that comes with the program."""
_PACK: Final = ("name", "version", "issued_on", "title_zh", "title_en", "source")
_KNOWN: Final = {
    column.name.removesuffix("_micro") for column in PARK_MEASURES if column.name.endswith("_micro")
}
_UNITS: Final = {
    ("wan", "m2"): ("wan/mu", "wan/ha"),
    ("jobs", "m2"): ("person/mu", "person/ha"),
    ("m2", "m2"): ("1", "percent"),
    ("wan", "wan"): ("1", "percent"),
}
CRITERIA: Final = ("industry", "park_type", "park", "fit")
"""What earns points when demand is matched; the hard conditions earn none."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class ParkIndicator(_Frozen):
    """numerator ÷ denominator (measures of a park), scored in a straight line: nothing at
    ``zero_at``, ``weight`` at ``full_at`` and beyond; ``full_at`` below ``zero_at`` where less is
    better. Both lines are in ``unit``."""

    key: str
    title_zh: str
    title_en: str
    unit: Literal["1", "percent", "wan/mu", "wan/ha", "person/mu", "person/ha"]
    numerator: str
    denominator: str
    weight: Exact
    zero_at: Exact
    full_at: Exact
    source: str


class ParkRules(_Frozen):
    """What a city decided about its parks, as it holds on one day."""

    name: str
    version: str
    issued_on: dt.date
    title_zh: str
    title_en: str
    source: str
    digest: str = ""

    missing: Literal["ungraded", "left_out"]
    grades: dict[str, Exact]
    partly_from: Exact
    scale_figure: str
    scale_line_wan: Exact
    scale_near_share: Exact
    growth_from: Exact
    match_points: dict[str, Exact]

    types: dict[str, tuple[ParkIndicator, ...]]
    provenance: dict[str, Provenance] = Field(default_factory=dict)


_VALUES: Final = tuple(
    name for name in ParkRules.model_fields if name not in {*_PACK, "digest", "types", "provenance"}
)


def load_park_pack(
    pack: str | Path = PARK_PACK, *, as_of: dt.date, base: Path | None = None
) -> ParkRules:
    """The pack as it holds on ``as_of``: the shipped one, or a path (relative to ``base``).

    Raises :class:`landuse.errors.UserError` with every fault of the pack.
    """
    log = IssueLog()
    document = _open(pack, base)
    resolver = Resolver(document, as_of, log)
    resolver.known((), document.data, ("pack", "values", *PARK_TYPES))
    head = resolver.table(("pack",))
    resolver.known(("pack",), head, _PACK)
    provenance: dict[str, Provenance] = {}
    stated = dict(head)
    values = resolver.table(("values",))
    resolver.known(("values",), values, _VALUES)
    for name in values:
        found = resolver.value(("values", name))
        if found is not None and name in _VALUES:
            stated[name], provenance[f"values.{name}"] = found
    types = {kind: _indicators(kind, resolver, provenance, log) for kind in PARK_TYPES}
    rules = _build({**stated, "types": types, "provenance": provenance}, document, log)
    if rules is not None:
        _check(rules, resolver)
    if rules is None or len(log):
        raise UserError(list(log))
    return rules.model_copy(update={"digest": _digest(rules)})


def _open(pack: str | Path, base: Path | None) -> Document:
    if str(pack) == PARK_PACK:
        shipped = resources.files("landuse.rules").joinpath("park_packs", f"{PARK_PACK}.toml")
        with resources.as_file(shipped) as path:
            return read(path, f"{PARK_PACK}.toml")
    return read((base or Path()) / pack, Path(pack).as_posix())


def _indicators(
    kind: str, resolver: Resolver, provenance: dict[str, Provenance], log: IssueLog
) -> tuple[ParkIndicator, ...]:
    fields = tuple(name for name in ParkIndicator.model_fields if name != "key")
    found = []
    for key, entry in resolver.entries(kind, fields, provenance).items():
        try:
            found.append(ParkIndicator.model_validate({"key": key, **entry}))
        except ValidationError as error:
            place = _Placed(resolver.document, (kind, key))
            report(error, log, place)
    return tuple(found)


class _Placed:
    """Gives file, line and name of a location below ``start``, as :func:`report` asks for."""

    def __init__(self, document: Document, start: Key) -> None:
        self.document = document
        self.start = start

    def __call__(self, loc: Key) -> dict[str, object]:
        where = (*self.start, *loc[:2])
        row = self.document.line(where)
        return {"file": self.document.name, "row": row, "where": dotted(where)}


def _build(stated: dict[str, object], document: Document, log: IssueLog) -> ParkRules | None:
    try:
        return ParkRules.model_validate(stated)
    except ValidationError as error:
        place = _Placed(document, ())
        report(
            error,
            log,
            lambda loc: place(("pack" if loc[0] in _PACK else "values", loc[0])),
        )
        return None


def _check(rules: ParkRules, resolver: Resolver) -> None:
    """What must hold between the values."""
    for kind, indicators in rules.types.items():
        for indicator in indicators:
            for code, name, values in _faults(indicator):
                resolver.fault(code, (kind, indicator.key, name), **values)
        total = sum((indicator.weight for indicator in indicators), Fraction(0))
        if indicators and total != 100:
            resolver.fault("parks.weights_sum", (kind,), value=f"{float(total):g}")
    lines = list(rules.grades.values())
    falling = all(a > b for a, b in pairwise(lines))
    if not lines or not falling or lines[-1] != 0:
        resolver.fault("parks.bad_grades", ("values", "grades"))
    for name in rules.match_points:
        if name not in CRITERIA:
            close = nearest(name, CRITERIA)
            resolver.fault(
                "rules.unknown_key", ("values", "match_points", name), value=name, nearest=close
            )
    for name in ("partly_from", "scale_near_share"):
        if not 0 <= getattr(rules, name) <= 1:
            value = str(getattr(rules, name))
            resolver.fault("rules.out_of_range", ("values", name), value=value, expected="[0, 1]")


def _faults(indicator: ParkIndicator) -> Iterator[tuple[str, str, dict[str, object]]]:
    if indicator.weight <= 0:
        yield "rules.out_of_range", "weight", {"value": str(indicator.weight), "expected": "> 0"}
    if indicator.zero_at == indicator.full_at:
        yield "parks.same_lines", "full_at", {"value": str(indicator.full_at)}
    parts = (indicator.numerator, indicator.denominator)
    for name, part in zip(("numerator", "denominator"), parts, strict=True):
        if part not in _KNOWN:
            yield "rules.unknown_figure", name, {"value": part, "nearest": nearest(part, _KNOWN)}
    if all(part in _KNOWN for part in parts):
        kind = tuple(part.rpartition("_")[2] for part in parts)
        units = _UNITS.get((kind[0], kind[1]), ())
        if indicator.unit not in units:
            expected = ", ".join(units) or "-"
            yield "rules.not_a_choice", "unit", {"value": indicator.unit, "expected": expected}


def _digest(rules: ParkRules) -> str:
    """SHA-256 of everything the pack says, in canonical JSON."""
    content = rules.model_dump(exclude={"digest"})
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
