"""Which of the user's columns is which of ours, and in what unit it stands.

The project's ``columns`` come first, then the committed list of headings; what nobody claims is
reported as unread. Two candidates for one of our columns are never chosen between.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from landuse.errors import UserError
from landuse.intake.grid import JOINT
from landuse.intake.raw import Fact, plain_heading
from landuse.issues import IssueLog
from landuse.schema.headings import Known, fold, known, nearest, split_unit
from landuse.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from landuse.intake.raw import Raw

__all__ = ["Columns", "Declared", "Vocabulary", "recognise", "unit_for"]

_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)(?:年度|年)?")
_TOTAL_LEAF: Final = re.compile(r"(?:合计|总计|小计|总额)$")
_EDGES: Final = "_-/:.、,()[]|"


class Declared(Protocol):
    """A column as the project declares it: their heading, and its unit or ``None``."""

    @property
    def from_(self) -> str:
        """The heading in the user's file."""
        ...

    @property
    def unit(self) -> str | None:
        """Code of the unit."""
        ...


class Meaning(NamedTuple):
    """What a heading means: our name, weak or not, its unit and year where it states them."""

    name: str
    weak: bool = False
    unit: str = ""
    year: int = 0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every heading that a table may have: the committed list, more names, the declared ones."""

    table: str
    names: frozenset[str]
    words: Mapping[str, Known]
    declared: Mapping[str, Declared]
    yearly: frozenset[str] = frozenset()
    _by_heading: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, ref in self.declared.items():
            self._by_heading[fold(ref.from_)] = name

    @classmethod
    def of(
        cls,
        table: str,
        declared: Mapping[str, Declared],
        *,
        names: Iterable[str] = (),
        extra: Mapping[str, str] = MappingProxyType({}),
        yearly: Iterable[str] = (),
    ) -> Vocabulary:
        """The vocabulary of ``table``, limited to ``names`` (all if empty).

        ``extra`` gives further headings → our names; ``yearly`` are the names whose headings may
        carry a year (2023年税收).
        """
        wanted = frozenset(names) | frozenset(extra.values())
        if not names:
            wanted |= {meaning.name for meaning in known(table).values()}
        words = {text: word for text, word in known(table).items() if word.name in wanted}
        for heading, name in extra.items():
            words[fold(heading)] = Known(name, weak=False)
        for name in wanted:
            words.setdefault(fold(name), Known(name, weak=False))
        return cls(table, wanted, words, declared, frozenset(yearly))

    def meaning(self, heading: str) -> Meaning | None:
        """What ``heading`` means, leaving the declared columns aside.

        A heading joined from several rows may be known whole or by its last part.
        """
        unit, (_, year) = split_unit(heading)[1], _split_year(fold(heading))
        for text in _tails(heading):
            bare = split_unit(text)[0]
            found = self._known(fold(text)) or self._known(bare)
            if found and not (year and found.name in self.yearly):
                return Meaning(found.name, found.weak, unit)
            found = found or self._known(_split_year(bare)[0])
            if found and year and found.name in self.yearly:
                return Meaning(found.name, found.weak, unit, year)
        return None

    def _known(self, bare: str) -> Known | None:
        plain = bare.replace("|", "").strip(_EDGES)
        return self.words.get(bare) or self.words.get(_TOTAL_LEAF.sub("", plain))

    def knows(self, heading: str) -> str:
        """Our name of a heading (with its year, if any), declared or known, or ``""``."""
        for text in (fold(heading), split_unit(heading)[0]):
            if text in self._by_heading:
                return self._by_heading[text]
        found = self.meaning(heading)
        return f"{found.name}{found.year or ''}" if found else ""


def _tails(heading: str) -> list[str]:
    """The heading whole, then without its upper rows.

    >>> _tails("经济指标 | 税收 | 2024年")
    ['经济指标 | 税收 | 2024年', '税收 | 2024年', '2024年']
    """
    parts = heading.split(JOINT)
    return [JOINT.join(parts[start:]) for start in range(len(parts))]


def _split_year(bare: str) -> tuple[str, int]:
    match = _YEAR.search(bare)
    if not match:
        return bare, 0
    return (bare[: match.start()] + bare[match.end() :]).strip(_EDGES), int(match[1])


def _same(heading: str, wanted: str) -> bool:
    """Whether ``wanted`` is this heading, with or without its unit and the marks between rows."""
    whole, bare = fold(heading), split_unit(heading)[0]
    return fold(wanted) in {whole, bare, whole.replace("|", ""), bare.replace("|", "")}


@dataclass(frozen=True, slots=True)
class Columns:
    """``theirs``: our name → heading; ``units``: our name → unit code that the heading states;
    ``by_year``: our name → year → heading, for tables with a year in the heading;
    ``unread``: the headings that nobody claimed.
    """

    theirs: Mapping[str, str]
    units: Mapping[str, str]
    by_year: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self.theirs or name in self.by_year

    def heading(self, name: str) -> str:
        """The user's heading of one of our columns, or ``""``."""
        return self.theirs.get(name, "")

    def name_of(self, column: str) -> str:
        """Our name of a column that a person wrote: our own name, or the user's heading."""
        if column in self:
            return column
        for name, heading in self.theirs.items():
            if any(_same(tail, column) for tail in _tails(heading)):
                return name
        for name, headings in self.by_year.items():
            if any(_same(heading, column) for heading in headings.values()):
                return name
        return ""

    def facts(self, raw: Raw) -> tuple[Fact, ...]:
        """What was recognised and what was left unread, for the run's report."""
        file = str(raw.file[0]) if len(raw) else ""
        pairs = [f"{name} = {heading}" for name, heading in sorted(self.theirs.items())]
        for name, headings in sorted(self.by_year.items()):
            pairs += [f"{name} {year} = {text}" for year, text in sorted(headings.items())]
        facts = [
            Fact("intake_tables.recognised", file, {"table": raw.table, "value": "; ".join(pairs)})
        ]
        if self.unread:
            values = {"table": raw.table, "value": ", ".join(self.unread)}
            facts.append(Fact("intake_tables.unread", file, values))
        return tuple(facts)


def recognise(raw: Raw, words: Vocabulary, *, needed: Collection[str] = ()) -> Columns:
    """The columns of ``raw``.

    Raises :class:`landuse.errors.UserError` with all faults: a declared heading that is not there
    (naming the nearest), two headings for one name (naming both), a needed column that is absent.
    """
    log = IssueLog()
    claimed, units = _declared(raw, words, log)
    candidates = _candidates(raw, words, set(claimed.values()))
    by_year: dict[str, dict[int, str]] = {}
    for (name, year), found in sorted(candidates.items()):
        if name in claimed:
            continue
        strong = [heading for heading, meaning in found if not meaning.weak]
        chosen = strong or [heading for heading, _ in found]
        if len(chosen) > 1:
            values = {"column": chosen[0], "name": name, "headings": ", ".join(chosen)}
            log.add("intake_tables.ambiguous_heading", **_place(raw), **values)
        elif year:
            by_year.setdefault(name, {})[year] = chosen[0]
        else:
            claimed[name] = chosen[0]
        units[name] = next(meaning.unit for heading, meaning in found if heading == chosen[0])
    undeclared = {n: y for n, y in by_year.items() if not _unit_declared(words, n)}
    _one_unit_over_years(raw, undeclared, candidates, log)
    for name in sorted(set(needed) - set(claimed) - set(by_year)):
        values = {"name": name, "headings": ", ".join(raw.headings)}
        log.add("intake_tables.needed_column", **_place(raw), **values)
    if log.errors():
        raise UserError(list(log))
    used = set(claimed.values()) | {text for years in by_year.values() for text in years.values()}
    unread = tuple(heading for heading in raw.headings if heading not in used)
    return Columns(claimed, units, by_year, unread)


def _place(raw: Raw) -> dict[str, str]:
    if not len(raw):
        return {"table": raw.table}
    return {"table": raw.table, "file": str(raw.file[0]), "sheet": str(raw.sheet[0])}


def _declared(raw: Raw, words: Vocabulary, log: IssueLog) -> tuple[dict[str, str], dict[str, str]]:
    claimed: dict[str, str] = {}
    units: dict[str, str] = {}
    for name, ref in words.declared.items():
        exact = [heading for heading in raw.headings if fold(heading) == fold(ref.from_)]
        written = [heading for heading in exact if heading == ref.from_]
        found = written or exact
        found = found or [heading for heading in raw.headings if _same(heading, ref.from_)]
        found = found or [
            heading
            for heading in raw.headings
            if any(_same(tail, ref.from_) for tail in _tails(_shared(heading, raw)))
        ]
        place = {**_place(raw), "column": ref.from_, "name": name}
        if len(found) > 1:
            log.add("intake_tables.ambiguous_heading", **place, headings=", ".join(found))
        elif found:
            claimed[name] = found[0]
            units[name] = split_unit(found[0])[1]
        elif not _is_yearly(raw, words, name, ref):
            close = nearest(ref.from_, raw.headings) or raw.headings[:8]
            log.add("intake_tables.mapped_heading_absent", **place, nearest=", ".join(close))
    return claimed, units


def _unit_declared(words: Vocabulary, name: str) -> bool:
    return name in words.declared and words.declared[name].unit is not None


def _is_yearly(raw: Raw, words: Vocabulary, name: str, ref: Declared) -> bool:
    """Whether ``ref`` names headings with a year; they are then found by name."""
    if name not in words.yearly:
        return False
    wanted = fold(ref.from_)
    split = [_split_year(split_unit(text)[0]) for text in raw.headings]
    return any(year and bare.replace("|", "") == wanted for bare, year in split)


def _shared(heading: str, raw: Raw) -> str:
    """The heading as the user wrote it, where several columns have it; else ``heading``."""
    plain = plain_heading(heading)
    shared = plain != heading and any(
        plain_heading(other) == plain for other in raw.headings if other not in (heading, plain)
    )
    return plain if shared and plain not in raw.headings else heading


def _candidates(
    raw: Raw, words: Vocabulary, claimed: set[str]
) -> dict[tuple[str, int], list[tuple[str, Meaning]]]:
    found: dict[tuple[str, int], list[tuple[str, Meaning]]] = defaultdict(list)
    by_ref = {fold(ref.from_): name for name, ref in words.declared.items() if name in words.yearly}
    for heading in raw.headings:
        if heading in claimed:
            continue
        bare, unit = split_unit(heading)
        without, year = _split_year(bare)
        without = without.replace("|", "")
        if year and without in by_ref:
            found[by_ref[without], year].append((heading, Meaning(by_ref[without], unit=unit)))
        elif meaning := words.meaning(_shared(heading, raw)):
            found[meaning.name, meaning.year].append((heading, meaning))
    return found


def _one_unit_over_years(
    raw: Raw,
    by_year: Mapping[str, Mapping[int, str]],
    candidates: Mapping[tuple[str, int], list[tuple[str, Meaning]]],
    log: IssueLog,
) -> None:
    """The columns of one quantity over the years stand in one unit, or it is a fault."""
    for name, years in by_year.items():
        stated = {
            meaning.unit
            for year, heading in years.items()
            for text, meaning in candidates[name, year]
            if text == heading
        }
        if len(stated) > 1:
            headings = ", ".join(years.values())
            log.add("intake_tables.units_differ", **_place(raw), name=name, headings=headings)


def unit_for(
    raw: Raw,
    columns: Columns,
    name: str,
    target: str,
    *,
    declared: str | None,
    general: str | None = None,
    default: str | None = None,
    log: IssueLog,
) -> str:
    """The unit that column ``name`` stands in; ``target`` is the unit it will be kept in.

    Declared for the column, else for the table (``general``, where it measures the same thing),
    else in the heading, else in the sheet's unit line, else ``default``. A heading or unit line
    that contradicts what is declared, a unit of another kind, and no unit at all are added to
    ``log`` as errors; ``target`` is then returned so that the search for faults can go on.
    """
    dimension = UNITS[target].dimension
    wished = declared or (general if general and UNITS[general].dimension == dimension else None)
    stated = columns.units.get(name, "")
    heading = columns.heading(name) or next(iter(columns.by_year.get(name, {}).values()), "")
    place = {**_place(raw), "column": heading, "name": name}
    if stated and (stated not in UNITS or UNITS[stated].dimension != dimension):
        log.add("intake_tables.unit_of_another_kind", **place, stated=stated, target=target)
        return target
    lines = {unit for unit in raw.unit_line if unit in UNITS and UNITS[unit].dimension == dimension}
    if not stated and len(lines) == 1:
        stated = next(iter(lines))
    if wished and stated and UNITS[wished] != UNITS[stated]:
        log.add("intake_tables.unit_contradicts", **place, stated=stated, declared=wished)
        return target
    found = wished or stated or default
    if not found:
        log.add("intake_tables.unit_missing", **place, units=_choices(dimension))
        return target
    return found


def _choices(dimension: str) -> str:
    return ", ".join(code for code, unit in UNITS.items() if unit.dimension == dimension)
