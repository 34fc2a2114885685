"""Figures of the report that stand in no list: counts, sums of the register, of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from landuse import parks
from landuse.messages import text
from landuse.parks.shown import half_up, percent_text, wan_text
from landuse.publish.report.model import Number, Table, plain

if TYPE_CHECKING:
    import pandas as pd

    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook
    from landuse.schema.periods import Span

__all__ = ["ISSUES_OF", "facts", "period_word"]

ISSUES_OF: Final = ("parks", "park_tables")
"""Whose issues the report lists."""

_MILLION: Final = 1_000_000
_BAD: Final = ("wrong", "contradiction", "bound_fails")


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


def facts(
    book: ParkBook, span: Span, fits: int, lists: Mapping[str, pd.DataFrame], lang: Lang
) -> Table:
    """What is known has a row; ``fits``: proposals that fit, ``lists``: firms by list."""
    heads = {name: text(f"report.col_{name}", lang) for name in ("item", "amount", "content")}
    table = Table("facts", text("report.table_facts", lang), heads)
    words = {
        "name": book.project.name,
        "period": period_word(span, lang),
        "as_of": book.as_of.isoformat(),
        "year": str(book.project.year),
    }
    for name, said in words.items():
        label = text(f"report.fact_{name}", lang)
        table.rows[name,] = {"item": label, "content": plain(said)}
    numbers = {
        **_counts(book, fits, lists), **_signed(book, span), **_factories(book),
        **_floors(book.projects), **_ledger(book),
    }  # fmt: skip
    for name, shown in numbers.items():
        if shown:
            label = text(f"report.fact_{name}", lang)
            table.rows[name,] = {"item": label, "amount": Number(shown)}
    return table


def _counts(book: ParkBook, fits: int, lists: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    checked, register, verdicts = book.checked, book.inputs.park_register, book.promises["verdict"]
    short = verdicts.isin(["broken", "partly"]) & ~book.promises["superseded"]
    counts = {
        "parks": int((book.accounts["park"] != "").sum()),
        "planned": int((register["has_plan"] == "yes").sum()),
        "contradictions": len(book.contradictions),
        "issues": sum(one.code.partition(".")[0] in ISSUES_OF for one in book.log),
        "checked": len(checked),
        "wrong": int(checked["verdict"].isin(_BAD).sum()),
        "proposals": fits,
        "short_promises": int(short.sum()),
        "delayed": int(book.projects["delay_days"].notna().sum()),
        **{one: len(lists[name]) for one, name in
           (("near", "near_the_line"), ("fast", "fast_growing")) if name in lists},
    }  # fmt: skip
    return {name: str(count) for name, count in counts.items()}


def _signed(book: ParkBook, span: Span) -> dict[str, str]:
    """What was signed in the period, and where all signed firms come from."""
    projects, promises = book.inputs.projects, book.inputs.promises
    days = projects["signed_on"]
    here = (days.dt.year == span.year) & days.dt.month.between(span.first, span.last)
    money = projects.loc[here, "planned_investment_wan_micro"].dropna()
    firms = parks.signed_firms(promises)
    outside, local = (int((firms["origin"] == one).sum()) for one in ("outside", "local"))
    floor = sum(int(value) for value in promises["floor_m2_micro"].dropna())
    chains = {str(one) for one in promises["chain"]} - {""}
    return {
        "signed_projects": str(int(here.sum())),
        "signed_wan": wan_text(sum(int(value) for value in money)),
        "signed_silent": str(int(here.sum()) - len(money)),
        "signed_firms": str(len(firms)),
        "outside": str(outside),
        "outside_share": percent_text(outside, len(firms), 1),
        "local": str(local),
        "local_share": percent_text(local, len(firms), 1),
        "origin_silent": str(len(firms) - outside - local),
        "signed_floor": _square_metres(floor),
        "floor_silent": str(int(promises["floor_m2_micro"].isna().sum())),
        "chains": str(len(chains)),
    }


def _square_metres(micro: int) -> str:
    return half_up(Fraction(micro, _MILLION), 2)


def _factories(book: ParkBook) -> dict[str, str]:
    """Standard factories of all parks; nothing where a park does not state them."""
    register = book.inputs.park_register
    sums: dict[str, int] = {}
    for name in ("planned", "built", "let", "vacant"):
        values = register[f"factory_{name}_m2_micro"]
        if len(values) and values.notna().all():
            sums[name] = sum(int(value) for value in values)
    found = {f"factory_{name}": _square_metres(total) for name, total in sums.items()}
    if {"planned", "built"} <= sums.keys():
        found["factory_share"] = percent_text(sums["built"], sums["planned"])
    return found


def _floors(projects: pd.DataFrame) -> dict[str, str]:
    """Floor space of the projects that state both what is planned and what is built."""
    planned, built = "planned_floor_m2_micro", "built_floor_m2_micro"
    both = projects.dropna(subset=[planned, built])
    if both.empty:
        return {}
    sums = {name: sum(int(one) for one in both[name]) for name in (planned, built)}
    return {
        "floor_planned": _square_metres(sums[planned]),
        "floor_built": _square_metres(sums[built]),
        "floor_share": percent_text(sums[built], sums[planned]),
    }


def _ledger(book: ParkBook) -> dict[str, str]:
    if book.ledger is None:
        return {}
    head = book.ledger.headline
    mu = {"case_mu": head.mu_e4, "revitalised_mu": head.revitalised_mu_e4,
          "disposed_mu": head.disposed_mu_e4, "remaining_mu": head.remaining_mu_e4}  # fmt: skip
    return {
        "cases": str(head.cases),
        "open": str(head.open_cases),
        "closed": str(head.closed_cases),
        **{name: half_up(Fraction(amount, 10_000), 2) for name, amount in mu.items()},
        "revitalised_floor": half_up(Fraction(head.revitalised_floor_m2_e2, 100), 2),
        "turned": str(len(book.before_after.drop_duplicates(["number", "part"]))),
        "relapses": str(len(book.relapses)),
    }
