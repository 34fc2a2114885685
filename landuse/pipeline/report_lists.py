"""The lists behind the report: register, clusters, scale, chains, growth, revitalised plots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse import parks
from landuse.messages import text
from landuse.parks.clusters import cluster_sums, scale_balance
from landuse.parks.projects import STATES
from landuse.parks.shown import UNITS, half_up, number, percent_text, ratio, wan_text
from landuse.parks.words import measure_word, state_word
from landuse.pipeline.report_tables import ALL, counted, listing, number_cell, sheet_of
from landuse.publish.report.model import Cell, Number, Table, plain
from landuse.schema.park_plots import RELAPSES, REVITALISED_YEARS
from landuse.schema.park_results import (
    ASSESSMENT,
    ASSESSMENT_PARTS,
    PROJECT_STATES,
    PROMISE_PARTS,
    PROMISE_RESULTS,
)
from landuse.schema.park_tables import PARK_REGISTER, PROMISES

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook

__all__ = [
    "clusters",
    "contradictions",
    "firms",
    "long_lists",
    "projects_by_park",
    "scales",
    "signed",
    "turned",
]

_PROJECTS: Final = (
    "project", "park", "state", "since", "next_stage", "next_planned", "delay_days",
    "stopped_days", "planned_investment_wan_micro", "invested_wan_micro",
    "planned_floor_m2_micro", "built_floor_m2_micro",
)  # fmt: skip
_REGISTER: Final = (
    "park", "level", "park_type", "planning_state", "has_plan", "infrastructure",
    *(f"factory_{name}_m2_micro" for name in ("planned", "built", "let", "vacant")),
    "planned_plot_ratio_micro", "environment_class", "leading_divisions", "jobs",
)  # fmt: skip


def _heads(names: Mapping[str, str], lang: Lang) -> dict[str, str]:
    """Headings; a name with a unit has it in brackets."""
    heads = {}
    for name, unit in names.items():
        label = text(f"report.col_{name}", lang)
        with_unit = {"label": label, "unit": text(f"report.unit_{unit}", lang)} if unit else {}
        heads[name] = text("report.with_unit", lang, **with_unit) if unit else label
    return heads


def register(book: ParkBook, lang: Lang) -> Table:
    """The parks as they are kept, with infrastructure and standard factories."""
    return listing("register", book.inputs.park_register, PARK_REGISTER, _REGISTER, lang)


def infrastructure(book: ParkBook, lang: Lang) -> Table:
    """How many parks have which infrastructure (七通一平 …)."""
    states = Counter(str(one) for one in book.inputs.park_register["infrastructure"])
    return counted("infrastructure", states, lang, lambda one: plain(one) or _unstated(lang))


def _unstated(lang: Lang) -> str:
    return text("report.not_stated", lang)


def clusters(figures: pd.DataFrame, lang: Lang) -> Table:
    """The clusters by kind (leading, special), measure by measure; ``figures``: of one period."""
    units = {"value_yi": "yi", "before": "wan", "growth": "percent", "share_of_clusters": "percent",
             "share_of_above": "percent", "share_of_city": "percent"}  # fmt: skip
    heads = _heads(
        {"cluster_kind": "", "measure": "", "clusters": "", **units, "missing": ""}, lang
    )
    table = Table("cluster_sums", text("report.table_cluster_sums", lang), heads)
    for row in cluster_sums(figures).to_dict("records"):
        kind, measure = str(row["cluster_kind"]), str(row["measure"])
        value, before = number(row["value_micro"]), number(row["before_micro"])
        gain = None if value is None or before is None else value - before
        counted_ = measure == "firms"
        table.rows[kind, measure] = {
            "cluster_kind": text(f"report.kind_{kind or 'none'}", lang),
            "measure": measure_word(measure, lang),
            "clusters": Number(str(int(row["clusters"]))),
            "value_yi": None if counted_ else number_cell(_yi(value)),
            "before": None if counted_ else number_cell(wan_text(before)),
            "growth": number_cell(percent_text(gain, before)),
            "share_of_clusters": number_cell(percent_text(value, _all_of(figures, measure))),
            "share_of_above": number_cell(percent_text(value, number(row["above_micro"]))),
            "share_of_city": number_cell(percent_text(value, number(row["city_micro"]))),
            "missing": plain(str(row["missing"])),
        }
    return table


def _all_of(figures: pd.DataFrame, measure: str) -> int | None:
    """All clusters together."""
    mine = figures[(figures["scope"] == "cluster") & (figures["measure"] == measure)]
    values = mine["value_micro"]
    return None if values.isna().any() else sum(int(one) for one in values)


def _yi(value: int | None) -> str:
    return "" if value is None else half_up(Fraction(value, 10**10), 2)


def scales(figures: pd.DataFrame, lang: Lang) -> Table:
    """Firms above and below scale against the whole, of the county and of each park."""
    names = {"park": "", "measure": "", "above": "yi", "below": "yi", "sum": "yi", "whole": "yi",
             "share_above": "percent", "verdict": ""}  # fmt: skip
    table = Table("scales", text("report.table_scales", lang), _heads(names, lang))
    for row in scale_balance(figures).to_dict("records"):
        park, measure = str(row["park"]), str(row["measure"])
        if measure == "firms":
            continue
        amounts = {
            name: number(row[f"{name}_micro"]) for name in ("above", "below", "sum", "whole")
        }
        table.rows[park, measure] = {
            "park": plain(park) or text("report.scope_city", lang),
            "measure": measure_word(measure, lang),
            **{name: number_cell(_yi(amount)) for name, amount in amounts.items()},
            "share_above": number_cell(percent_text(amounts["above"], amounts["sum"])),
            "verdict": text(f"report.balance_{row['verdict']}", lang),
        }
    return table


_INVESTMENT: Final = ("planned_wan", "invested", "planned_both", "invested_both")
"""Sums of all projects that state one, then of those that state both."""


def projects_by_park(book: ParkBook, lang: Lang) -> Table:
    """How many projects stand where, planned and actual investment; a row a park and the sum.

    The share is of the projects that state both, whose sums stand beside it.
    """
    heads = _heads({"park": "", "projects": ""}, lang)
    heads |= {state: state_word(state, lang) for state in STATES}
    heads |= _heads({**dict.fromkeys(_INVESTMENT, "wan"), "invested_share": "percent"}, lang)
    heads |= _heads({"late": ""}, lang)
    table = Table("projects", text("report.table_projects", lang), heads)
    groups = [(str(park), rows) for park, rows in book.projects.groupby("park", sort=True)]
    columns = ["planned_investment_wan_micro", "invested_wan_micro"]
    for park, rows in [*groups, (ALL, book.projects)]:
        name = text("report.all_parks", lang) if park == ALL else plain(park)
        counts = rows["state"].value_counts()
        both = rows.dropna(subset=columns)
        money = [_known(frame[column]) for frame in (rows, both) for column in columns]
        table.rows[park,] = {
            "park": name or text("report.outside", lang),
            "projects": Number(str(len(rows))),
            **{state: Number(str(int(counts.get(state, 0)))) for state in STATES},
            **{n: number_cell(wan_text(w)) for n, w in zip(_INVESTMENT, money, strict=True)},
            "invested_share": number_cell(percent_text(money[3], money[2])),
            "late": Number(str(int(rows["delay_days"].notna().sum()))),
        }
    return table


def _known(values: pd.Series[Any]) -> int | None:
    """The sum of what is stated; none where nobody states it."""
    given = values.dropna()
    return sum(int(value) for value in given) if len(given) else None


def signed(book: ParkBook, lang: Lang) -> list[Table]:
    """Signed firms: where from, of what kinds, in which chains (链主 "1+N")."""
    given = parks.signed_firms(book.inputs.promises)
    places = Counter(
        (str(one), str(district))
        for one, district in zip(given["origin"], given["origin_district"], strict=True)
    )
    names = {
        f"{_origin(one, lang)} {plain(district)}".strip(): count
        for (one, district), count in places.items()
    }
    kinds = Counter(kind for one in given["kinds"] for kind in str(one).split("; ") if kind)
    return [
        counted("origins", names, lang),
        counted("kinds", kinds, lang),
        _chains(book, lang),
        _chain_firms(book, lang),
    ]


def _origin(code: str, lang: Lang) -> str:
    return text(f"report.origin_{code or 'none'}", lang)


def _chains(book: ParkBook, lang: Lang) -> Table:
    """A row a chain: its leaders, and how many firms stand around them."""
    names = {"chain": "", "leaders": "", "members": ""}
    table = Table("chains", text("report.table_chains", lang), _heads(names, lang))
    for row in book.chains.to_dict("records"):
        chain = str(row["chain"])
        table.rows[chain,] = {
            "chain": plain(chain),
            "leaders": plain("、".join(str(row["leader_names"]).split("; "))),
            "members": Number(str(int(row["members"]))),
        }
    return table


def _chain_firms(book: ParkBook, lang: Lang) -> Table:
    found = book.chain_firms
    roles = [text(f"report.role_{one or 'none'}", lang) for one in found["chain_role"]]
    names = ("chain", "chain_role", "uscc", "name", "park")
    return sheet_of("chain_firms", found.assign(chain_role=roles), names, lang)


def firms(found: Mapping[str, pd.DataFrame], lang: Lang) -> list[Table]:
    """Firms near the line of scale, and those that grow fast; ``found`` as
    :func:`landuse.pipeline.enterprise.candidates` gives it."""
    near = _firms("near", {"line": "wan", "gap": "wan"}, lang)
    for row in _records(found.get("near_the_line")):
        near.rows[str(row["uscc"]),] = {
            **_who(row),
            "line": Number(wan_text(int(row["line_wan_micro"]))),
            "gap": Number(wan_text(int(row["gap_wan_micro"]))),
        }
    fast = _firms("fast", {"before": "wan", "growth": "percent"}, lang)
    for row in _records(found.get("fast_growing")):
        now, before = int(row["value_wan_micro"]), int(row["before_wan_micro"])
        fast.rows[str(row["uscc"]),] = {
            **_who(row),
            "before": Number(wan_text(before)),
            "growth": number_cell(percent_text(now - before, before)),
        }
    return [near, fast]


def _firms(key: str, more: Mapping[str, str], lang: Lang) -> Table:
    names = {"uscc": "", "name": "", "division": "", "value": "wan", **more}
    return Table(key, text(f"report.table_{key}", lang), _heads(names, lang))


def _records(frame: pd.DataFrame | None) -> list[dict[Any, Any]]:
    return [] if frame is None else frame.to_dict("records")


def _who(row: Mapping[Any, Any]) -> dict[str, Cell]:
    value = Number(wan_text(int(row["value_wan_micro"])))
    return {**{n: plain(str(row[n])) for n in ("uscc", "name", "division")}, "value": value}


def turned(book: ParkBook, lang: Lang) -> Table:
    """Each revitalised plot: tax and output per mu the year before it was accepted, and latest."""
    per_mu = {f"{name}_{when}": "wan_per_mu" for name in ("tax", "output")
              for when in ("before", "after")}  # fmt: skip
    names = {"number": "", "part": "", "parcel_id": "", "accepted_on": "", "last_year": "",
             **per_mu, "relapsed": ""}  # fmt: skip
    table = Table("turned", text("report.table_turned", lang), _heads(names, lang))
    again = {(str(r["number"]), int(r["part"])) for r in _records(book.relapses)}
    for pair, rows in book.before_after.groupby(["number", "part"], sort=True):
        case, part = (str(one) for one in pair)
        years = {int(row["offset"]): row for row in rows.sort_values("year").to_dict("records")}
        known = [at for at, row in years.items() if number(row["area_m2_micro"])]
        earlier, later = [at for at in known if at < 0], [at for at in known if at > 0]
        first = years[max(earlier)] if earlier else {}
        last = years[max(later)] if later else {}
        table.rows[case, part] = {
            "number": plain(case),
            "part": Number(part),
            **_accepted(book, case, int(part)),
            "last_year": Number(str(int(last["year"]))) if last else None,
            **{f"{name}_before": _each_mu(first, name) for name in ("tax", "output")},
            **{f"{name}_after": _each_mu(last, name) for name in ("tax", "output")},
            "relapsed": text(f"workbook.{'yes' if (case, int(part)) in again else 'no'}", lang),
        }
    return table


def _accepted(book: ParkBook, case: str, part: int) -> dict[str, Cell]:
    if book.ledger is None:
        return {}
    done = book.ledger.disposals
    mine = done[(done["number"] == case) & (done["part"] == part)]
    if mine.empty:
        return {}
    day = mine["accepted_on"].iloc[0]
    said = "" if pd.isna(day) else day.date().isoformat()
    return {"parcel_id": plain(str(mine["parcel_ids"].iloc[0])), "accepted_on": said}


def _each_mu(row: Mapping[Any, Any], name: str) -> Cell:
    if not row:
        return None
    share = ratio(number(row[f"{name}_wan_micro"]), number(row["area_m2_micro"]))
    return None if share is None else Number(half_up(share * UNITS["wan/mu"], 2))


def contradictions(book: ParkBook, lang: Lang, park: str = "") -> Table:
    """What contradicts itself, with both values and where they stand; of one park, or all."""
    frame = book.contradictions
    if park:
        whose = frame["key"].str.partition("|")[0]
        frame = frame[frame["scope"].isin(["park", "park_scale"]) & (whose == park)]
    city = frame["scope"] == "city"
    said = frame.assign(
        rule=[text(f"report.rule_{one}", lang) for one in frame["rule"]],
        whom=frame["key"].mask(city, text("report.scope_city", lang)),
        measure=[measure_word(one, lang) for one in frame["measure"]],
    )
    names = ("rule", "whom", "period", "measure", "stated", "computed", "stated_at",
             "computed_from")  # fmt: skip
    return sheet_of("contradictions", said, names, lang)


def long_lists(book: ParkBook, lang: Lang) -> list[Table]:
    """Every list that the text does not cite row by row: written as it is made."""
    titles = {
        one.key: one.title_zh if lang == "zh" else one.title_en
        for group in book.rules.types.values()
        for one in group
    }
    parts = book.assessment_parts
    parts = parts.assign(indicator=[titles.get(str(one), str(one)) for one in parts["indicator"]])
    part = ("park", "indicator", "value", "zero_at", "full_at", "weight", "part")
    years = ("number", "part", "year", "offset", "area_m2_micro", "tax_wan_micro",
             "output_wan_micro", "energy_tce_micro", "tax_wan_per_mu", "output_wan_per_mu",
             "missing")  # fmt: skip
    again = ("number", "part", "parcel_ids", "accepted_on", "year", "relapsed_as")
    graded = ("park", "park_type", "score", "grade", "rank", "ranked")
    return [
        listing("assessment", book.assessment, ASSESSMENT, graded, lang),
        listing("assessment_parts", parts, ASSESSMENT_PARTS, part, lang),
        listing("project_list", book.projects, PROJECT_STATES, _PROJECTS, lang),
        *_promises(book, lang),
        listing("revitalised", book.before_after, REVITALISED_YEARS, years, lang),
        listing("relapses", book.relapses, RELAPSES, again, lang),
    ]


def _promises(book: ParkBook, lang: Lang) -> list[Table]:
    """Promises that are broken or kept in part, and every promise measure by measure."""
    whole = book.promises
    short = whole["verdict"].isin(["broken", "partly"]) & ~whole["superseded"]
    late = whole[short].sort_values(["park", "verdict", "uscc"])
    short_of = [f"{one}_shortfall_wan_micro" for one in ("tax", "output", "investment")]
    names = ("park", "uscc", "name", "due_year", "verdict", *short_of)
    measures = ("measure", "promised_wan_per_mu_micro", "measured_wan_per_mu", "verdict",
                "shortfall_wan_micro")  # fmt: skip
    named = whole.set_index("row")["name"]
    parts = book.promise_parts.assign(name=book.promise_parts["row"].map(named))
    first = {"name": PROMISES.column("name").label(lang)}
    return [
        listing("broken", late, PROMISE_RESULTS, names, lang),
        listing("promise_parts", parts, PROMISE_PARTS, measures, lang, first),
    ]
