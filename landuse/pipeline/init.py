"""``landuse init``: a commented project file from a look at the user's files.

Takes a folder and files; writes ``project.toml`` with what was recognised and, as ``# ?`` lines,
the questions that only a person can answer. Guesses nothing that would move a number: a unit, a
day or a conversion that is not stated is asked for.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.intake.project import PARK_TABLES, load_project
from landuse.intake.safety import checked_path
from landuse.intake.survey import Surveyed, is_layer, survey_layer, survey_table
from landuse.issues import IssueLog
from landuse.messages import Lang, text
from landuse.pipeline.draft import ENTERPRISE_PARTS, Draft, Section, remark
from landuse.rules import Rules, load
from landuse.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["InitResult", "init_project"]

PACK: Final = "three-indicator"
_ORDER: Final = (
    "occupancy",
    "price_zones",
    "parks",
    "supply",
    "exemptions",
    "corrections",
    "confirmed_links",
    *PARK_TABLES,
)
_LAYERS: Final = ("price_zones", "parks")


@dataclass(frozen=True)
class InitResult:
    """The file that was written, and as sentences what was recognised and what is asked."""

    path: Path
    recognised: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def init_project(
    folder: Path, parcels: Path, tables: list[Path], *, lang: Lang = "zh"
) -> InitResult:
    """Write ``folder/project.toml`` for these files.

    Raises :class:`landuse.errors.UserError` if there is one already, or if a file is absent or of
    a kind that is not read.
    """
    target = folder / "project.toml"
    if os.path.lexists(target):
        raise UserError.of("project.init_exists", file=str(target))
    files = _checked([parcels, *tables])
    rules = load(PACK, as_of=dt.date.max)
    draft = Draft(folder.absolute(), lang)
    land = survey_layer(files[0], rules, ("parcels",))
    others = [
        survey_layer(path, rules, _LAYERS) if is_layer(path) else survey_table(path, rules)
        for path in files[1:]
    ]
    firms = [seen for seen in others if seen.table == "enterprises"]
    _project(draft, folder, [land, *others])
    _parcels(draft, land)
    _enterprises(draft, firms, rules)
    for table in _ORDER:
        _other(draft, table, [seen for seen in others if seen.table == table])
    _strangers(draft, [seen for seen in others if not seen.table])
    draft.section("rules").line("pack", PACK, text("project.init_pack", lang))
    _write(target, draft.text())
    return InitResult(target, draft.recognised, [*draft.questions, *_unsound(target, lang)])


def _checked(paths: Iterable[Path]) -> list[Path]:
    log = IssueLog()
    found = []
    for path in paths:
        try:
            found.append(checked_path(str(path), Path.cwd()))
        except UserError as error:
            log.extend(error.issues)
    if len(log):
        raise UserError(list(log))
    return list(dict.fromkeys(found))


def _write(target: Path, content: str) -> None:
    try:
        data = content.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError.of("project.init_odd_name", value=ascii(content[error.start])) from error
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise UserError.of("project.init_exists", file=str(target)) from error
    except OSError as error:
        value = error.strerror or str(error)
        raise UserError.of("project.init_not_written", file=str(target), value=value) from error


def _unsound(target: Path, lang: Lang) -> list[str]:
    """What must be answered before the file loads at all."""
    try:
        load_project(target)
    except UserError as error:
        return [f"{text('project.init_first', lang)}{line}" for line in error.lines(lang)]
    return []


def _project(draft: Draft, folder: Path, surveyed: list[Surveyed]) -> None:
    section = draft.section("project")
    section.line("name", folder.absolute().name or "landuse", draft.say("init_name"))
    years = sorted(
        {year for seen in surveyed for year in seen.years if seen.table == "enterprises"}
    )
    if years:
        section.line("year", years[-1], draft.say("init_year", years=", ".join(map(str, years))))
    else:
        section.ask(draft.say("init_ask_year"), "year", dt.date.min.year + 2024)
    day = dt.date(years[-1] + 1, 6, 30) if years else dt.date(2026, 6, 30)
    section.ask(draft.say("init_ask_as_of"), "as_of", day)


def _parcels(draft: Draft, seen: Surveyed) -> None:
    section = _source(draft, "parcels", [seen])
    if "parcel_id" not in seen.names and not seen.faults:
        section.ask(draft.say("init_ask_key", name="parcel_id"), "columns.parcel_id", "…")
    if not seen.crs:
        section.ask(draft.say("init_ask_crs"), "crs", "EPSG:4549")
    if "registered_area" in seen.names and "registered_area" not in seen.units:
        if seen.area_unit:
            section.line("area_unit", seen.area_unit, draft.say("init_area_guess"))
        else:
            section.ask(draft.say("init_ask_area"), "area_unit", "m2")
    section.columns([seen])


def _enterprises(draft: Draft, firms: list[Surveyed], rules: Rules) -> None:
    if not firms:
        section = draft.section("enterprises")
        section.ask(draft.say("init_ask_enterprises"), "path", "企业.xlsx")
        return
    groups = _same_columns(firms)
    attributes = set(ENTERPRISE_PARTS)
    groups.sort(key=lambda group: -len(group[0].names & attributes))
    for number, group in enumerate(groups):
        section = _source(draft, "enterprises", group, more=number > 0)
        _units(draft, section, group[0], rules)
        names = group[0].names
        if {"x", "y"} <= names:
            likely = "EPSG:4549" if group[0].in_metres else "EPSG:4490"
            section.ask(draft.say("init_ask_points"), "crs", likely)
        section.columns(group)
    found = {name for seen in firms for name in seen.names}
    energy = {entry.key for entry in rules.energy}
    absent = [
        figure.title_zh if draft.lang == "zh" else figure.title_en
        for figure in rules.figures
        if figure.key not in found and not (figure.key == "energy_tce" and found & energy)
    ]
    if absent:
        section.remark(draft.ask("init_ask_figures", names=", ".join(absent)))


def _same_columns(firms: list[Surveyed]) -> list[list[Surveyed]]:
    """Tables with the same columns are one input in several files."""
    groups: dict[tuple[object, ...], list[Surveyed]] = {}
    for seen in firms:
        key = (tuple(sorted(seen.columns.items())), tuple(sorted(seen.by_year)), seen.unit_line)
        groups.setdefault(key, []).append(seen)
    return list(groups.values())


def _units(draft: Draft, section: Section, seen: Surveyed, rules: Rules) -> None:
    stated = {UNITS[unit].dimension: unit for unit in seen.unit_line if unit in UNITS}
    money = [f.key for f in rules.figures if UNITS[f.unit].dimension == "money"]
    unclear = [name for name in money if name in seen.names and name not in seen.units]
    if unclear and "money" in stated:
        section.line("money_unit", stated["money"], draft.say("init_unit_line"))
    elif unclear:
        section.ask(
            draft.say("init_ask_money", names=_headings(seen, unclear)), "money_unit", "wan"
        )
    physical = [energy for energy in rules.energy if energy.key in seen.names]
    if physical:
        section.ask(draft.say("init_ask_basis"), "energy_basis", "calorific")
    for energy in physical:
        if energy.key not in seen.units and UNITS[energy.unit].dimension not in stated:
            headings = _headings(seen, [energy.key])
            section.remark(draft.ask("init_ask_energy", names=headings, unit=energy.unit))
    if physical:
        last = physical[-1]
        unit = seen.units.get(last.key) or stated.get(UNITS[last.unit].dimension) or last.unit
        words = {"name": last.key, "heading": _headings(seen, [last.key]), "unit": unit}
        section.remark(remark(draft.say("init_blank_energy", **words)))


def _headings(seen: Surveyed, names: Iterable[str]) -> str:
    return ", ".join(seen.columns.get(name) or "/".join(seen.by_year.get(name, ())) or name
                     for name in names)  # fmt: skip


def _other(draft: Draft, table: str, found: list[Surveyed]) -> None:
    if not found:
        return
    groups = _same_columns(found)
    section = _source(draft, table, groups[0])
    seen = groups[0][0]
    for group in groups[1:]:
        names = ", ".join(draft.path(one.path) for one in group)
        section.remark(draft.ask("init_ask_second", value=names, table=table))
    if table in {"occupancy", "supply"} and "area" in seen.names and "area" not in seen.units:
        section.ask(draft.say("init_ask_area"), "area_unit", "m2")
    money = [name for name in ("price", "total_investment", "invested") if name in seen.names]
    unclear = [name for name in money if name not in seen.units]
    if table == "supply" and unclear:
        section.ask(
            draft.say("init_ask_money", names=_headings(seen, unclear)), "money_unit", "wan"
        )
    if table in _LAYERS and not seen.crs:
        section.ask(draft.say("init_ask_crs"), "crs", "EPSG:4490")
    section.columns(groups[0])


def _source(draft: Draft, table: str, group: list[Surveyed], *, more: bool = False) -> Section:
    """The section of an input with its path; faults of reading become questions in it."""
    section = draft.section(f"{table}.tables" if more else table, repeated=more)
    paths = [draft.path(seen.path) for seen in group]
    section.line("path", paths[0] if len(paths) == 1 else paths, draft.say(f"init_{table}"))
    first = group[0]
    if first.rivals:
        section.line("sheet", first.sheet)
        others = ", ".join(first.rivals)
        section.remark(draft.ask("init_ask_sheet", value=first.sheet, others=others))
    for issue in (issue for seen in group for issue in seen.faults):
        section.remark(draft.ask_text(f"{issue.message(draft.lang)} {issue.hint(draft.lang)}"))
    count = len(first.columns) + len(first.by_year)
    draft.recognised.append(
        draft.say("init_found", file=", ".join(paths), table=draft.say(f"init_{table}"), n=count)
    )
    return section


def _strangers(draft: Draft, found: list[Surveyed]) -> None:
    for seen in found:
        place = os.fspath(draft.path(seen.path))
        reasons = " ".join(issue.message(draft.lang) for issue in seen.faults)
        columns = ", ".join(seen.unread[:8])
        draft.loose(draft.say("init_ask_stranger", file=place, reason=reasons or columns))
