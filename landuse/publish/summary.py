"""The first sheet: what was run, under which rules, and what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.columns import tables_of
from landuse.publish.idle_sheets import status_rows, total_rows
from landuse.publish.run_tables import RunTables
from landuse.publish.sheets import Cell, Styles, clean, new_worksheet, page_setup, row_height
from landuse.rules import Rules, show
from landuse.schema.frame import Column

__all__ = ["write_summary"]

_WIDTHS: Final = (44, 34, 18, 14, 30, *(14,) * 6)
_STATUSES: Final = ("low_efficiency", "ranked", "exempt", "ungraded", "sample_too_small")
_LONG_HEAD: Final = 8


def write_summary(book: Any, run: RunTables, styles: Styles, lang: Lang) -> None:  # noqa: ANN401
    """Project, totals by class and status, cohorts, rows read, rules with overrides, inputs."""
    page = new_worksheet(book, text("workbook.sheet_summary", lang))
    for place, width in enumerate(_WIDTHS):
        page.set_column(place, place, width)
    land_only = run.manifest.get("examined") == ["idle"]
    title = text("workbook.title_idle" if land_only else "workbook.title", lang)
    page.write_string(0, 0, clean(title), styles.title)
    page.write_string(1, 0, clean(text("workbook.disclaimer", lang)), styles.note)
    at = 3
    for section in _sections(run, lang):
        at = _write_section(page, at, section, styles) + 1
    page.fit_to_pages(1, 0)
    page_setup(page, f"{run.manifest['project']['name']}　{text('workbook.sheet_summary', lang)}")


@dataclass(frozen=True, slots=True)
class _Section:
    """A small table under a title; ``columns`` give the form of its numbers, if they are known."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    columns: Sequence[Column] = ()


def _write_section(page: Any, at: int, section: _Section, styles: Styles) -> int:  # noqa: ANN401
    """Write one table from row ``at`` on and give the row after it."""
    page.write_string(at, 0, clean(section.title), styles.section)
    if max(map(len, section.head)) > _LONG_HEAD:
        page.set_row(at + 1, 42)
    for place, label in enumerate(section.head):
        page.write_string(at + 1, place, clean(label), styles.head)
    for row, line in enumerate(section.rows, at + 2):
        height = row_height(line, _WIDTHS)
        if height:
            page.set_row(row, height)
        for place, value in enumerate(line):
            if value is None or value != value:
                page.write_blank(row, place, None, styles.text)
            elif not isinstance(value, int | float):
                page.write_string(row, place, clean(str(value)), styles.text)
            else:
                known = section.columns[place] if section.columns else None
                form = styles.number(known) if known else styles.figure(value)
                page.write_number(row, place, value, form)
    return at + 2 + len(section.rows)


def _sections(run: RunTables, lang: Lang) -> Iterator[_Section]:
    def say(name: str) -> str:
        return text(f"workbook.{name}", lang)

    yield _Section(say("sum_project"), [say("col_name"), say("col_value")], _project(run, lang))
    mu = text("workbook.heading", lang, label=say("col_mu"), unit=say("unit_mu"))
    yield _Section(say("head_land"), [say("col_name"), say("col_count"), mu], _land(run, lang))
    if "idle_parcels" in run.totals:
        yield from _idle(run, lang)
    if run.graded:
        yield _Section(say("head_units"), [say("col_name"), say("col_count")], _statuses(run, lang))
        yield _table(run, "cohorts", say("head_cohorts"), lang)
    yield _table(run, "counts", say("head_counts"), lang)
    head = [say(f"col_{name}") for name in ("name", "value", "unit", "changed", "source")]
    yield _Section(say("head_rules"), head, _rules(run.rules, lang))
    files: list[list[Cell]] = [[one["path"], one["sha256"]] for one in run.manifest["inputs"]]
    yield _Section(say("head_inputs"), [say("col_name"), "SHA-256"], files)
    facts: list[list[Cell]] = [
        [one.get(lang, ""), one.get("file", "")] for one in run.manifest.get("facts", [])
    ]
    if facts:
        yield _Section(say("head_facts"), [say("col_name"), say("col_source")], facts)


def _project(run: RunTables, lang: Lang) -> list[list[Cell]]:
    manifest = run.manifest
    project, rules = manifest["project"], manifest["rules"]
    pairs: list[tuple[str, Cell]] = [
        ("sum_project", project["name"]),
        ("sum_year", str(project["year"])),
        ("sum_as_of", project["as_of"]),
        ("sum_run", manifest["run_id"]),
        ("sum_version", manifest["versions"].get("landuse", "")),
        ("sum_pack", f"{rules['pack']}　{rules[f'title_{lang}']}"),
        ("sum_pack_version", rules["version"]),
        ("sum_digest", rules["digest"]),
        ("sum_crs", project["crs"]),
        ("sum_reference", manifest["reference_price_yuan_per_m2"]),
    ]
    return [[text(f"workbook.{name}", lang), value] for name, value in pairs]


def _land(run: RunTables, lang: Lang) -> list[list[Cell]]:
    totals = run.totals
    rows: list[list[Cell]] = [
        [text("workbook.sum_parcels", lang), totals["parcels"], float(totals["parcels_mu"])],
        [
            text("workbook.sum_in_scope", lang),
            totals["in_scope_parcels"],
            float(totals["in_scope_mu"]),
        ],
    ]
    if run.graded:
        flagged: list[Cell] = [totals["low_efficiency_parcels"], float(totals["low_efficiency_mu"])]
        rows.append([text("workbook.sum_flagged", lang), *flagged])
    if "idle_parcels" in totals:
        idle: list[Cell] = [totals["idle_parcels"], float(totals["idle_mu"])]
        rows.append([text("workbook.sum_idle", lang), *idle])
    if not run.graded:
        return rows
    by_class = text("workbook.sum_of_class", lang)
    for kind, one in totals["classes"].items():
        label = f"{by_class}：{words.word('class', kind, lang)}"
        rows.append([label, one["count"], float(one["mu"])])
    return rows


def _idle(run: RunTables, lang: Lang) -> Iterator[_Section]:
    """Contracts by finding with the fees proposed, and parcels by land status."""

    def say(name: str, unit: str = "") -> str:
        label = text(f"workbook.{name}", lang)
        return words.labelled(label, unit, lang)

    head = [say("col_name"), say("col_count"), say("col_fee", "wan")]
    yield _Section(say("head_idle"), head, total_rows(run.totals, lang))
    head = [say("col_name"), say("col_count"), say("col_mu", "mu")]
    yield _Section(say("head_land_status"), head, status_rows(run.totals, lang))


def _statuses(run: RunTables, lang: Lang) -> list[list[Cell]]:
    units: Mapping[str, int] = run.totals["units"]
    known = [one for one in _STATUSES if one in units]
    order = known + sorted(set(units) - set(known))
    return [[words.word("status", one, lang), units[one]] for one in order]


def _table(run: RunTables, name: str, title: str, lang: Lang) -> _Section:
    table = {one.name: one for one in tables_of(run.rules)}[name]
    frame = getattr(run, name)[table.names].astype(object)
    rows = [
        [
            words.cohort(line[0], lang)
            if name == "cohorts"
            else words.word("table", line[0], lang),
            *(_cell(value) for value in line[1:]),
        ]
        for line in frame.itertuples(index=False)
    ]
    head = [words.heading(column, lang) for column in table]
    return _Section(title, head, rows, tuple(table))


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever a frame holds
    if isinstance(value, str):
        return value
    return value if isinstance(value, int | float) and value == value else None


def _rules(rules: Rules, lang: Lang) -> list[list[Cell]]:
    """Every value of the pack; which of them the project changed."""
    changed = {
        name.partition(".")[2] for name, origin in rules.provenance.items() if origin.overridden
    }
    yes, pack = text("workbook.yes", lang), text("rules.group_pack", lang)
    return [
        [f"{group} · {name}", value, unit, yes if name in changed else "", source]
        for group, name, value, unit, source in show(rules, lang)
        if group != pack  # stands above
    ]
