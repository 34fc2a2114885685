"""What the page of a park shows: the tables of the report, the rows that are this park's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.parks import explain_assessment
from landuse.parks.projects import STATES
from landuse.parks.promises import VERDICTS
from landuse.parks.shown import number, percent_text
from landuse.parks.words import account_word, state_word, type_word, verdict_word
from landuse.pipeline.report import period_word
from landuse.publish.park_charts import Bar, bars
from landuse.publish.report.model import Number, Table
from landuse.schema.periods import read_period
from landuse.web import park_faults, park_land
from landuse.web.park_tables import Key, address, firm_address, grouped, shown

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.park_site import ParkFigures

__all__ = ["ECONOMY", "chosen_period", "park_context", "parks_of", "periods_of", "pictures"]

PARTS: Final = ("undevelopable", "built", "partly_used", "not_started", "idle", "undetermined",
                "available")  # fmt: skip
"""What a park's land is divided into; less what lies beyond its total they add up to it."""
_BESIDE: Final = ("supplied", "developable", "expropriated", "reserve", "cleared", "ready",
                  "low_efficiency", "low_efficiency_idle", "revitalised", "revitalised_floor",
                  "parcels")  # fmt: skip
ECONOMY: Final = ("whom", "measure", "value", "firms", "before", "growth", "share_of_city",
                  "target", "share_of_target", "elapsed", "expected", "expected_share",
                  "expected_from", "conflict")  # fmt: skip
_FACTORY: Final = ("planned", "built", "let", "vacant")
_REGISTER: Final = ("level", "planning_state", "infrastructure", "environment_class",
                    "leading_divisions")  # fmt: skip


def parks_of(figures: ParkFigures) -> list[str]:
    """The names of the parks."""
    return [str(one) for one in figures.book.accounts["park"] if one]


def periods_of(figures: ParkFigures, lang: Lang) -> list[tuple[str, str]]:
    """Every period that has a figure, the one that ends last (and of these the longest) first."""

    def make() -> list[tuple[str, str]]:
        spans = {
            read_period(str(period), cumulative=bool(cumulative))
            for period, cumulative in set(
                zip(figures.book.figures["period"], figures.book.figures["cumulative"], strict=True)
            )
        }
        ordered = sorted(spans, key=lambda one: (-one.year, -one.last, one.first))
        return [(one.label, period_word(one, lang)) for one in ordered]

    return figures.once(("periods", lang), make)


def chosen_period(figures: ParkFigures, wished: str, lang: Lang, park: str = "") -> str:
    """``wished`` where there are figures of it, else the newest that the park (or any) has."""
    given = [period for period, _ in periods_of(figures, lang)]
    if wished in given:
        return wished
    rows = figures.book.figures
    here = rows[rows["key"] == park] if park else rows.iloc[:0]
    mine = {read_period(str(text), cumulative=bool(running)).label
            for text, running in zip(here["period"], here["cumulative"], strict=True)}  # fmt: skip
    return next((one for one in given if one in mine), given[0] if given else "")


def park_context(
    figures: ParkFigures, park: str, period: str, lang: Lang, *, run_id: str, full: bool
) -> dict[str, Any]:
    """Everything on the page of ``park``. ``full``: whether files and rows are named too."""
    chosen = chosen_period(figures, period, lang, park)
    return {
        "park": park,
        "type": type_word(str(figures.book.types.get(park, "")), lang),
        "about": _about(figures, park, lang),
        "factories": _factories(figures, park, lang),
        "periods": periods_of(figures, lang),
        "period": chosen,
        **_land(figures, park, lang),
        "ratios": park_land.ratio_rows(figures, park, lang),
        **_economy(figures, park, chosen, lang),
        **_projects(figures, park, lang, run_id),
        **_promises(figures, park, lang),
        "plots": park_land.plot_lists(figures, park, lang, run_id),
        **park_land.revitalised(figures, park, lang),
        **_assessment(figures, park, lang),
        "faults": park_faults.faults_of(figures, lang, park=park, full=full),
        "full": full,
    }


def _row(figures: ParkFigures, park: str) -> Mapping[str, Any] | None:
    """What the register states of a park."""
    register = figures.book.inputs.park_register
    rows = register[register["park"] == park]
    return {str(k): v for k, v in rows.iloc[0].items()} if len(rows) else None


def _about(figures: ParkFigures, park: str, lang: Lang) -> list[tuple[str, str]]:
    from landuse.schema.park_tables import PARK_REGISTER

    row = _row(figures, park)
    if row is None:
        return []
    plan = {"yes": "yes", "True": "yes", "no": "no", "False": "no"}.get(str(row["has_plan"]), "")
    found = [(PARK_REGISTER.column(name).label(lang), str(row[name])) for name in _REGISTER]
    label = PARK_REGISTER.column("has_plan").label(lang)
    said = text(f"web.{plan}", lang) if plan else text("park_pages.not_stated", lang)
    return [*((label, said) for label, said in found if said), (label, said)]


def _factories(figures: ParkFigures, park: str, lang: Lang) -> list[tuple[str, str, str]]:
    """Standard factories: words, m², and what share of the planned (of the built) it is."""
    row = _row(figures, park)
    if row is None:
        return []
    area = {name: number(row[f"factory_{name}_m2_micro"]) for name in _FACTORY}
    found = []
    for name in _FACTORY:
        micro = area[name]
        if micro is None:
            continue
        whole = area["planned"] if name == "built" else area["built"]
        share = "" if name == "planned" else percent_text(micro, whole)
        said = text(f"park_pages.factory_of_{'planned' if name == 'built' else 'built'}", lang,
                    share=share) if share else ""  # fmt: skip
        square = f"{micro / 1_000_000:,.2f}"
        found.append((text(f"park_pages.factory_{name}", lang), square, said))
    return found


def _land(figures: ParkFigures, park: str, lang: Lang) -> dict[str, Any]:
    """The land account: parts, their sum, what stands beside it, what is stated otherwise."""
    table, book = figures.table("land", lang), figures.book
    cells = table.rows[park,]
    account = book.accounts[book.accounts["park"] == park].iloc[0]
    micro = {name: number(account[f"{name}_m2_micro"]) for name in (*PARTS, "excess", "total")}
    total = micro["total"] or 0
    whole = sum(micro[name] or 0 for name in PARTS) - (micro["excess"] or 0)
    rows = [
        (name, account_word(name, lang), _text(cells[name]), percent_text(micro[name], total))
        for name in (*PARTS, "excess")
        if name in PARTS or micro["excess"]
    ]
    drawn = [
        Bar(label, float(said.replace(",", "")), text("park_pages.mu_share", lang, mu=said,
            share=share or "–"), park_land.COLOURS.get(name, park_land.COLOURS[""]))
        for name, label, said, share in rows
    ]  # fmt: skip
    beside = [(name, table.columns[name], _text(cells[name])) for name in _BESIDE
              if isinstance(cells.get(name), Number)]  # fmt: skip
    return {
        "land_rows": rows,
        "land_total": _text(cells["total"]),
        "land_from": text(f"park_pages.total_{account['total_from']}", lang),
        "land_adds_up": whole == total,
        "land_beside": beside,
        "land_stated": park_land.stated_rows(account, lang),
        "land_picture": bars(drawn, text("park_pages.land", lang)),
    }


def _text(cell: object) -> str:
    return grouped(cell.text) if isinstance(cell, Number) else ""


def _economy(figures: ParkFigures, park: str, period: str, lang: Lang) -> dict[str, Any]:
    if not period:
        nothing = dict.fromkeys(("economy", "scales", "clusters"))
        return {**nothing, "economy_picture": "", "cluster_picture": ""}
    table = figures.economy(period, lang)
    mine = [key for key in table.rows if key[0] in ("park", "park_scale")
            and key[1].partition("|")[0] == park]  # fmt: skip
    clusters = [key for key in table.rows if key[0] == "cluster"]
    by_scale = any(key[0] == "park_scale" for key in mine)
    scales = figures.balance("scales", period, lang)
    mine_of = [key for key in scales.rows if key[0] == park]
    wide = with_expected(figures, period, table, mine, lang)
    return {
        "economy": shown(wide, ECONOMY[0 if by_scale else 1 :], rows=mine) if mine else None,
        "scales": shown(scales, rows=mine_of) if mine_of else None,
        "clusters": shown(table, ECONOMY, rows=clusters) if clusters else None,
        **pictures(table, mine, clusters, lang),
    }


def with_expected(
    figures: ParkFigures, period: str, table: Table, rows: list[Key], lang: Lang
) -> Table:
    """The economy table with what share of the target the expected year is."""
    shares: dict[Key, str] = {
        (str(row["scope"]), str(row["key"]), str(row["measure"])): percent_text(
            number(row["expected_year_micro"]), number(row["target_micro"])
        )
        for row in figures.of_period(period).to_dict("records")
    }
    head = text("park_pages.col_expected_share", lang)
    made = Table(table.key, table.title, {**table.columns, "expected_share": head}, note=table.note)
    for key in rows:
        share = shares.get(key, "")
        made.rows[key] = {**table.rows[key], "expected_share": Number(share) if share else None}
    return made


def pictures(table: Table, mine: list[Key], clusters: list[Key], lang: Lang) -> dict[str, str]:
    """Shares of the annual target against the part of the year gone; clusters by output."""
    reached, gone = [], None
    for key in mine:
        cells = table.rows[key]
        share, elapsed = cells.get("share_of_target"), cells.get("elapsed")
        if isinstance(share, Number):
            name = (
                str(cells["measure"])
                if key[0] in ("park", "all")
                else f"{cells['whom']} {cells['measure']}"
            )
            reached.append(Bar(name, float(share.text), f"{share.text} %"))
            if isinstance(elapsed, Number):
                said = text("park_pages.year_gone", lang, share=elapsed.text)
                gone = (float(elapsed.text), said)
    biggest = [
        Bar(
            str(table.rows[key]["whom"]), float(cell.text), text("park_pages.yi", lang, n=cell.text)
        )
        for key in clusters
        if key[2] == "output" and isinstance(cell := table.rows[key].get("value_yi"), Number)
    ]
    return {
        "economy_picture": bars(reached, text("park_pages.against_target", lang), line=gone),
        "cluster_picture": bars(biggest, text("park_pages.clusters_output", lang)),
    }


def _projects(figures: ParkFigures, park: str, lang: Lang, run_id: str) -> dict[str, Any]:
    book, table = figures.book, figures.table("project_list", lang)
    mine = [str(at) for at in (book.projects["park"] == park).to_numpy().nonzero()[0]]
    states = book.projects.iloc[[int(at) for at in mine]]["state"].value_counts()
    return {
        "project_counts": [(state_word(one, lang), int(states[one])) for one in STATES
                           if one in states.index],
        "projects": shown(park_land.with_stops(figures, table, mine, lang),
                          links=park_land.project_links(figures, mine, run_id)) if mine else None,
        "project_sums": shown(figures.table("projects", lang), rows=[(park,)]),
    }  # fmt: skip


def _promises(figures: ParkFigures, park: str, lang: Lang) -> dict[str, Any]:
    book, table = figures.book, figures.table("firm_promises", lang)
    mine = [(str(at),) for at in (book.promises["park"] == park).to_numpy().nonzero()[0]]
    sums = figures.table("promises", lang)
    counts = sums.rows.get((park,), {})
    codes = book.promises["uscc"]
    columns = [name for name in table.columns if name != "park"]
    return {
        "promise_counts": [(verdict_word(one, lang), cell.text,
                            address("/promises", park=park, verdict=one))
                           for one in VERDICTS if isinstance(cell := counts.get(one), Number)],
        "promise_sums": shown(sums, rows=[(park,)]) if counts else None,
        "promises": shown(
            table, columns, rows=mine,
            links=dict.fromkeys(("name", "uscc"), lambda key, _: _firm(codes, key)),
        ) if mine else None,
    }  # fmt: skip


def _firm(codes: Any, key: Key) -> str:  # noqa: ANN401 - a column
    code = str(codes.iloc[int(key[0])])
    return firm_address(code) if code else ""


def _assessment(figures: ParkFigures, park: str, lang: Lang) -> dict[str, Any]:
    book = figures.book
    rows = book.assessment[book.assessment["park"] == park]
    if rows.empty:
        return {"grade": None, "reasons": []}
    said = explain_assessment(park, book.assessment, book.assessment_parts, book.rules, lang)
    row = rows.iloc[0]
    graded = str(row["status"]) == "graded"
    grade = {"grade": str(row["grade"]), "rank": int(row["rank"]), "ranked": int(row["ranked"]),
             "score": f"{float(row['score']):.2f}"} if graded else None  # fmt: skip
    return {"grade": grade, "reasons": said}
