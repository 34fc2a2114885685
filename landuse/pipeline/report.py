"""The draft report on parks: its tables, its text, its pictures, written whole or not at all."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.errors import UserError
from landuse.messages import text
from landuse.parks.shown import half_up, wan_text
from landuse.parks.words import measure_word
from landuse.pipeline import report_tables as made
from landuse.pipeline.enterprise import candidates, promise_lists, proposals
from landuse.pipeline.report_text import percent, sections
from landuse.publish.report.document import write_report
from landuse.publish.report.model import Book, Number, Section, Table, plain
from landuse.publish.report.pictures import bars, heat, park_map
from landuse.publish.report.workbook import write_tables
from landuse.publish.whole import whole_file
from landuse.schema.park_plots import RELAPSES, REVITALISED_YEARS
from landuse.schema.park_results import ASSESSMENT, ASSESSMENT_PARTS, PROJECT_STATES
from landuse.schema.periods import Span, read_period

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook

__all__ = ["Report", "make_report", "period_word", "report_of"]

_MILLION: Final = 1_000_000
_BAD: Final = ("wrong", "contradiction", "bound_fails")


@dataclass(frozen=True)
class Report:
    """A report before it is written."""

    title: str
    note: str
    book: Book
    sections: tuple[Section, ...]


def period_word(span: Span, lang: Lang) -> str:
    """A period in words: 2026年上半年."""
    name, last = span.text.partition("-")[2], span.last
    if span.cumulative:
        return text("report.period_to", lang, year=span.year, n=last)
    if not name:
        return text("report.period_year", lang, year=span.year)
    if name in ("H1", "H2"):
        return text(f"report.period_{name}", lang, year=span.year)
    kind = "Q" if name.startswith("Q") else "month"
    return text(f"report.period_{kind}", lang, year=span.year, n=int(name.lstrip("Q")))


def report_of(park_book: ParkBook, period: str, lang: Lang = "zh") -> Report:
    """Tables and text of the report on ``period``.

    Raises :class:`landuse.errors.UserError` for a text that is no period, or one without figures.
    """
    span = read_period(period)
    given = sorted(set(park_book.figures["period"]))
    if span.text not in given and given:
        known = ", ".join(given[-12:])
        raise UserError.of("report.no_period", value=span.text, known=known)
    book = Book(text("report.sheet", lang))
    reasons = proposals(park_book, lang)
    checked = _checked(park_book, lang)
    listed = _lists(park_book, lang)
    tables = [
        made.land(park_book, lang), made.ratios(park_book, lang),
        made.economy(park_book, span.text, lang), made.projects_by_park(park_book, lang),
        made.promises(park_book, lang), *listed, *reasons, _contradictions(park_book, lang),
        checked, _issues(park_book, lang),
    ]  # fmt: skip
    book.add([_facts(park_book, span, lang), *tables])
    word = period_word(span, lang)
    title = text("report.title", lang, name=plain(park_book.project.name), period=word)
    return Report(title, text("report.draft_note", lang), book, sections(book, lang))


def _lists(park_book: ParkBook, lang: Lang) -> list[Table]:
    late, detail = promise_lists(park_book, lang)
    projects = ("project", "park", "state", "since", "next_stage", "next_planned", "delay_days",
                "stopped_days", "planned_investment_wan_micro", "invested_wan_micro")  # fmt: skip
    graded = ("park", "park_type", "score", "grade", "rank", "ranked")
    part = ("park", "indicator", "value", "zero_at", "full_at", "weight", "part")
    years = ("number", "part", "year", "offset", "area_m2_micro", "tax_wan_micro",
             "output_wan_micro", "energy_tce_micro", "tax_wan_per_mu", "output_wan_per_mu",
             "missing")  # fmt: skip
    again = ("number", "part", "parcel_ids", "accepted_on", "year", "relapsed_as")
    titles = {
        one.key: one.title_zh if lang == "zh" else one.title_en
        for group in park_book.rules.types.values()
        for one in group
    }
    parts = park_book.assessment_parts
    parts = parts.assign(indicator=[titles.get(str(one), str(one)) for one in parts["indicator"]])
    return [
        made.listed("project_list", park_book.projects, PROJECT_STATES, projects, lang),
        late,
        detail,
        made.listed("assessment", park_book.assessment, ASSESSMENT, graded, lang),
        made.listed("assessment_parts", parts, ASSESSMENT_PARTS, part, lang),
        made.listed("revitalised", park_book.before_after, REVITALISED_YEARS, years, lang),
        made.listed("relapses", park_book.relapses, RELAPSES, again, lang),
    ]


def _contradictions(park_book: ParkBook, lang: Lang) -> Table:
    frame = park_book.contradictions.copy()
    frame["rule"] = [text(f"report.rule_{one}", lang) for one in frame["rule"]]
    frame["whom"] = [
        text("report.scope_city", lang) if scope == "city" else key
        for scope, key in zip(frame["scope"], frame["key"], strict=True)
    ]
    frame["measure"] = [measure_word(one, lang) for one in frame["measure"]]
    names = ("rule", "whom", "period", "measure", "stated", "computed", "stated_at",
             "computed_from")  # fmt: skip
    return made.sheet_of("contradictions", frame, names, lang)


def _checked(park_book: ParkBook, lang: Lang) -> Table:
    frame = park_book.checked.copy()
    frame["verdict"] = [text(f"report.verdict_{one}", lang) for one in frame["verdict"]]
    names = ("claim", "where", "subject", "measure", "period", "relation", "stated", "inputs",
             "verdict", "computed", "low", "high", "problem")  # fmt: skip
    return made.sheet_of("checked", frame, names, lang)


def _issues(park_book: ParkBook, lang: Lang) -> Table:
    said = [
        {"code": one.code, "message": one.message(lang)}
        for one in park_book.log
        if one.code.partition(".")[0] in ("parks", "park_tables")
    ]
    frame = pd.DataFrame(said, columns=["code", "message"], dtype="str")
    return made.sheet_of("issues", frame, ("code", "message"), lang)


def _facts(park_book: ParkBook, span: Span, lang: Lang) -> Table:
    """Figures that stand in no other table; what is not known has no row."""
    heads = {name: text(f"report.col_{name}", lang) for name in ("item", "amount", "content")}
    table = Table("facts", text("report.table_facts", lang), heads)
    words = {
        "name": park_book.project.name,
        "period": f"{period_word(span, lang)} {span.text}",
        "as_of": park_book.as_of.isoformat(),
        "year": str(park_book.project.year),
    }
    for name, said in words.items():
        label = text(f"report.fact_{name}", lang)
        table.rows[name,] = {"item": label, "content": plain(said)}
    numbers = {
        **_counts(park_book), **_signed(park_book, span), **_factories(park_book),
        **_ledger(park_book),
    }  # fmt: skip
    for name, shown in numbers.items():
        if shown:
            label = text(f"report.fact_{name}", lang)
            table.rows[name,] = {"item": label, "amount": Number(shown)}
    return table


def _counts(park_book: ParkBook) -> dict[str, str]:
    book, found = park_book, proposals(park_book, "zh")[0]
    checked, register = book.checked, book.inputs.park_register
    lists = candidates(book)
    fits = text("parks.met_fits", "zh")
    counts = {
        "parks": int((book.accounts["park"] != "").sum()),
        "planned": int((register["has_plan"] == "yes").sum()),
        "contradictions": len(book.contradictions),
        "checked": len(checked),
        "wrong": int(checked["verdict"].isin(_BAD).sum()),
        "proposals": sum(row["status"] == fits for row in found.rows.values()),
        "short_promises": len(promise_lists(book, "zh")[0].rows),
        **{short: len(lists[name]) for short, name in
           (("near", "near_the_line"), ("fast", "fast_growing")) if name in lists},
    }  # fmt: skip
    return {name: str(count) for name, count in counts.items()}


def _signed(park_book: ParkBook, span: Span) -> dict[str, str]:
    """What was signed in the period, and where all signed firms come from."""
    projects, promises = park_book.inputs.projects, park_book.inputs.promises
    days = projects["signed_on"]
    here = (days.dt.year == span.year) & days.dt.month.between(span.first, span.last)
    money = projects.loc[here, "planned_investment_wan_micro"].dropna()
    firms = promises.drop_duplicates(["uscc", "name"])
    outside, local = (int((firms["origin"] == one).sum()) for one in ("outside", "local"))
    floor = sum(int(value) for value in promises["floor_m2_micro"].dropna())
    return {
        "signed_projects": str(int(here.sum())),
        "signed_wan": wan_text(sum(int(value) for value in money)),
        "signed_firms": str(len(firms)),
        "outside": str(outside),
        "local": str(local),
        "outside_share": percent(outside, len(firms)),
        "signed_floor": half_up(Fraction(floor, _MILLION), 2),
    }


def _factories(park_book: ParkBook) -> dict[str, str]:
    """Standard factories of all parks; nothing where a park does not state them."""
    register = park_book.inputs.park_register
    sums: dict[str, int] = {}
    for name in ("planned", "built", "vacant"):
        values = register[f"factory_{name}_m2_micro"]
        if len(values) and values.notna().all():
            sums[name] = sum(int(value) for value in values)
    found = {f"factory_{n}": half_up(Fraction(total, _MILLION), 2) for n, total in sums.items()}
    if {"planned", "built"} <= sums.keys():
        found["factory_share"] = percent(sums["built"], sums["planned"])
    return found


def _ledger(park_book: ParkBook) -> dict[str, str]:
    if park_book.ledger is None:
        return {}
    head = park_book.ledger.headline
    mu = {"case_mu": head.mu_e4, "revitalised_mu": head.revitalised_mu_e4,
          "disposed_mu": head.disposed_mu_e4, "remaining_mu": head.remaining_mu_e4}  # fmt: skip
    return {
        "cases": str(head.cases),
        "open": str(head.open_cases),
        "closed": str(head.closed_cases),
        **{name: half_up(Fraction(amount, 10_000), 2) for name, amount in mu.items()},
        "revitalised_floor": half_up(Fraction(head.revitalised_floor_m2_e2, 100), 2),
        "relapses": str(len(park_book.relapses)),
    }


def make_report(
    park_book: ParkBook,
    period: str,
    out: Path,
    *,
    lang: Lang = "zh",
    template: Path | None = None,
    over: bool = False,
) -> tuple[Path, Path]:
    """Write ``report-PERIOD.docx`` and ``.xlsx`` into the folder ``out``; both or none of them.

    Raises :class:`landuse.errors.UserError` where they exist (unless ``over``), for a bad template,
    and where no Chinese font is there for the pictures.
    """
    report = report_of(park_book, period, lang)
    out.mkdir(parents=True, exist_ok=True)
    stem = f"report-{read_period(period).text}"
    document, workbook = out / f"{stem}.docx", out / f"{stem}.xlsx"
    with tempfile.TemporaryDirectory() as scratch, whole_file(document, over=over) as one:
        pictures = _pictures(park_book, report.book, Path(scratch), lang)
        heading = (report.title, report.note)
        write_report(
            report.sections, report.book, pictures, heading, park_book.as_of, one, lang, template
        )
        with whole_file(workbook, over=over) as two:
            write_tables(report.book, report.title, park_book.as_of, two, lang)
    return document, workbook


def _pictures(park_book: ParkBook, book: Book, folder: Path, lang: Lang) -> dict[str, Path]:
    found = {name: folder / f"{name}.png" for name in ("target", "clusters", "heat", "map")}
    economy = book.tables["economy"]
    reached = _bars(economy, "share_of_target", ("all", "park"))
    line = next((c["elapsed"] for c in economy.rows.values()
                 if isinstance(c.get("elapsed"), Number)), None)  # fmt: skip
    clusters = _bars(economy, "value_yi", ("cluster",))
    if reached:
        mark = line if isinstance(line, Number) else None
        bars(reached, text("report.chart_target", lang), found["target"], mark)
    if clusters:
        bars(clusters, text("report.chart_clusters", lang), found["clusters"])
    ratios = book.tables["ratios"]
    if ratios.rows:
        columns = [name for name in ratios.columns if name != "park" and _known(ratios, name)]
        heat(ratios, columns, text("report.chart_heat", lang), found["heat"])
    title = text("report.chart_map", lang)
    boundaries = park_book.computed.inputs.parks
    park_map(boundaries, park_book.computed.parcels, title, found["map"], lang)
    return {name: path for name, path in found.items() if path.exists()}


def _known(table: Table, column: str) -> bool:
    return any(isinstance(cells.get(column), Number) for cells in table.rows.values())


def _bars(table: Table, column: str, scopes: tuple[str, ...]) -> list[tuple[str, Number]]:
    found: list[tuple[str, Number]] = []
    for key, cells in table.rows.items():
        value: Any = cells.get(column)
        if key[0] in scopes and isinstance(value, Number):
            found.append((f"{cells['whom']} {cells['measure']}", value))
    return found
