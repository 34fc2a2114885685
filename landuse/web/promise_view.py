"""Promises on pages: by park, one by one with each measure, and what the shown ones fall short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.parks.promises import MEASURED, VERDICTS
from landuse.parks.shown import half_up, number, wan_text
from landuse.parks.words import measure_word, verdict_word
from landuse.pipeline.report_tables import ALL
from landuse.publish.report.model import Table
from landuse.web.park_tables import (
    Shown,
    address,
    firm_address,
    grouped,
    park_address,
    shown,
)

if TYPE_CHECKING:
    import pandas as pd

    from landuse.messages import Lang
    from landuse.pipeline.park_site import ParkFigures

__all__ = ["CHUNK", "EVERY", "SHORT", "promise_context", "promised"]

EVERY: Final = "all"
SHORT: Final = "short"
"""Verdicts together: all of them; those that fall short (broken, or kept in part)."""
CHUNK: Final = 200
_SHORT: Final = ("broken", "partly")


def promise_context(
    figures: ParkFigures, park: str, verdict: str, start: int, lang: Lang
) -> dict[str, Any]:
    """The table by park, the promises that are asked for, and the sum of their shortfalls.

    Promises that a later one replaced are listed only where all are asked for; no sum counts them.
    """
    frame = figures.book.promises
    rows = _wanted(frame, park, verdict)
    counted = rows[~rows["superseded"]]
    sums = [
        (measure_word(one, lang), grouped(wan_text(total)))
        for one in MEASURED
        if (total := _sum(counted[f"{one}_shortfall_wan_micro"]))
    ]
    by_park = figures.table("promises", lang)
    links: dict[str, Any] = {
        verdict: lambda key, _, verdict=verdict: _filter(key[0], verdict) for verdict in VERDICTS
    }
    links["park"] = lambda key, _: park_address(key[0]) if key[0] not in ("", ALL) else ""
    parks = [key for key in by_park.rows if key != (ALL,)]
    return {
        "by_park": shown(by_park, rows=[*parks, (ALL,)], foot=[(ALL,)], links=links, most=1000),
        "promises": promised(figures, rows.iloc[start : start + CHUNK], lang),
        "count": len(rows),
        "chunk": CHUNK,
        "sums": sums,
    }


def _filter(park: str, verdict: str) -> str:
    return address("/promises", park="" if park == ALL else park, verdict=verdict)


def _wanted(frame: pd.DataFrame, park: str, verdict: str) -> pd.DataFrame:
    fits = frame["park"] == park if park else frame["park"].notna()
    if verdict != EVERY:
        codes = _SHORT if verdict == SHORT else (verdict,)
        fits = fits & frame["verdict"].isin(codes) & ~frame["superseded"]
    order = {code: at for at, code in enumerate(("broken", "partly", *VERDICTS[:1], *VERDICTS[3:]))}
    rows = frame[fits]
    rows = rows.assign(order=rows["verdict"].map(order))
    return rows.sort_values(["park", "order", "name", "row"], kind="stable")


def _sum(values: pd.Series[int]) -> int:
    return sum(int(value) for value in values.dropna())


def promised(figures: ParkFigures, rows: pd.DataFrame, lang: Lang) -> Shown:
    """One row a promise: what was promised and measured of each measure, and the verdict."""
    parts: dict[int, list[dict[Any, Any]]] = {}
    near = figures.book.promise_parts
    for part in near[near["row"].isin(rows["row"])].to_dict("records"):
        parts.setdefault(int(part["row"]), []).append(part)
    whole = figures.table("firm_promises", lang)
    columns = {**whole.columns, "measures": text("park_pages.col_measures", lang)}
    table = Table("firm_promises", whole.title, columns)
    places = {row: str(at) for at, row in enumerate(figures.book.promises["row"])}
    for row in rows.to_dict("records"):
        at = places[row["row"]]
        said = "；".join(_measure(part, lang) for part in parts.get(int(row["row"]), ()))
        mark = text("park_pages.superseded", lang) if row["superseded"] else ""
        table.rows[at,] = {**whole.rows[at,], "measures": f"{mark}{said}"}
    codes = figures.book.promises["uscc"]

    def firm(key: tuple[str, ...], _: object) -> str:
        code = str(codes.iloc[int(key[0])])
        return firm_address(code) if code else ""

    links: dict[str, Any] = {"name": firm, "uscc": firm,
                             "park": lambda _, cells: park_address(str(cells["park"]))}  # fmt: skip
    return shown(table, links=links, most=CHUNK)


def _measure(part: dict[Any, Any], lang: Lang) -> str:
    """A promised measure in words: 税收 30.00 → 12.31 未兑现."""
    from fractions import Fraction

    promised = number(part["promised_wan_per_mu_micro"]) or 0
    value, area = number(part["measured_wan_micro"]), number(part["area_m2_micro"])
    measured = None if value is None or not area else Fraction(value * 2000, area * 3)
    return text(
        "park_pages.promised_measured", lang,
        measure=measure_word(str(part["measure"]), lang),
        promised=half_up(Fraction(promised, 10**6), 2),
        measured="–" if measured is None else half_up(measured, 2),
        verdict=verdict_word(str(part["verdict"]), lang),
    )  # fmt: skip
