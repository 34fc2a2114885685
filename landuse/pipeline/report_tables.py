"""The tables about parks as people read them: words for codes, figures rounded once, half up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.messages import text
from landuse.parks.shown import UNITS, half_up, mu_text, number, percent_text, ratio, wan_text
from landuse.parks.words import (
    criterion_word,
    measure_word,
    met_word,
    ratio_word,
    state_word,
    type_word,
    unit_word,
    verdict_word,
)
from landuse.publish.report.model import Cell, LongRows, Number, Table, plain
from landuse.schema.park_results import LAND_ACCOUNTS

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook
    from landuse.schema.frame import Column
    from landuse.schema.frame import Table as Schema

__all__ = ["ALL", "counted", "economy", "land", "listed", "listing", "number_cell", "of_period",
           "promises", "ratios", "sheet_of"]  # fmt: skip

ALL: Final = "*"
"""Row key of the sum of all parks."""
LAND: Final = (
    "total", "undevelopable", "built", "partly_used", "not_started", "idle", "undetermined",
    "available", "excess", "supplied", "developable", "expropriated", "reserve", "cleared", "ready",
    "low_efficiency", "low_efficiency_idle",
)  # fmt: skip


def _yes_no(code: str, lang: Lang) -> str:
    return text(f"workbook.{code}", lang) if code in ("yes", "no") else code


_WORDS: Final[dict[str, Callable[[str, Lang], str]]] = {
    "park_type": type_word, "verdict": verdict_word, "state": state_word, "next_stage": state_word,
    "measure": measure_word, "criterion": criterion_word, "met": met_word, "status": met_word,
    "ratio": ratio_word, "has_plan": _yes_no,
}  # fmt: skip


def number_cell(shown: str) -> Cell:
    """A figure; ``None`` where it is missing."""
    return Number(shown) if shown else None


def land(book: ParkBook, lang: Lang) -> Table:
    """The land account of each park in mu, land outside the parks, and the sum of the parks."""
    heads = {"park": _label("park", lang), "type": _label("park_type", lang)}
    schema = LAND_ACCOUNTS
    heads |= {n: _headed(schema.column(f"{n}_m2_micro").label(lang), "mu", lang) for n in LAND}
    heads |= {
        "revitalised": _headed(text("report.col_revitalised", lang), "mu", lang),
        "revitalised_floor": _headed(text("report.col_revitalised_floor", lang), "m2", lang),
        "parcels": text("report.col_parcels", lang),
    }
    table = Table("land", text("report.table_land", lang), heads)
    accounts = book.accounts
    inside = accounts[accounts["park"] != ""]
    for row in accounts.sort_values("park", ascending=True).to_dict("records"):
        park = str(row["park"])
        name = plain(park) or text("report.outside", lang)
        kind = type_word(str(book.types.get(park, "")), lang)
        table.rows[park,] = {"park": name, "type": kind, **_land_cells(row)}
    sums = {str(name): _sum(inside[name]) for name in inside.columns if name.endswith(_COUNTED)}
    whole = {"park": text("report.all_parks", lang), "type": "", **_land_cells(sums)}
    table.rows[ALL,] = whole
    return table


_COUNTED: Final = ("_m2_micro", "_e4", "_e2", "_count")


def _sum(values: pd.Series[Any]) -> int | None:
    """A sum; none where one of the parks does not know its part."""
    return None if values.isna().any() else sum(int(value) for value in values)


def _land_cells(row: Mapping[Any, Any]) -> dict[str, Cell]:
    cells = {name: number_cell(mu_text(number(row[f"{name}_m2_micro"]))) for name in LAND}
    mu, floor = number(row["revitalised_mu_e4"]), number(row["revitalised_floor_m2_e2"])
    count = number(row["parcel_count"])
    return {
        **cells,
        "revitalised": number_cell(half_up(Fraction(mu or 0, 10_000), 2)),
        "revitalised_floor": number_cell(half_up(Fraction(floor or 0, 100), 2)),
        "parcels": number_cell(str(count)),
    }


def _label(name: str, lang: Lang) -> str:
    return text(f"report.col_{name}", lang)


def _headed(label: str, unit: str, lang: Lang) -> str:
    return text("report.with_unit", lang, label=label, unit=text(f"report.unit_{unit}", lang))


def ratios(book: ParkBook, lang: Lang) -> Table:
    """The land-intensity ratios, a row a park."""
    frame = book.ratios
    units = dict(zip(frame["ratio"], frame["unit"], strict=True))
    heads = {"park": _label("park", lang)}
    for key, unit in units.items():
        word = unit_word(unit, lang).strip()
        label = ratio_word(key, lang)
        heads[key] = text("report.with_unit", lang, label=label, unit=word) if word else label
    table = Table("ratios", text("report.table_ratios", lang), heads)
    for row in frame.to_dict("records"):
        park = str(row["park"])
        cells = table.rows.setdefault((park,), {"park": plain(park)})
        share = ratio(number(row["numerator_micro"]), number(row["denominator_micro"]))
        shown = "" if share is None else half_up(share * UNITS[str(row["unit"])], 2)
        cells[str(row["ratio"])] = number_cell(shown)
    return table


_MONEY: Final = ("value", "before", "city", "target", "expected")


def of_period(figures: pd.DataFrame, period: str, cumulative: bool | None = None) -> pd.DataFrame:
    """The figures of one period; ``cumulative`` tells May from January to May, which have one name:
    without it May itself, where it is there."""
    here = figures[figures["period"] == period]
    running = here["cumulative"].astype(bool)
    wanted = bool(running.all()) if cumulative is None else cumulative
    return here[running == wanted]


def economy(book: ParkBook, period: str, lang: Lang, cumulative: bool | None = None) -> Table:
    """The figures of one period: parks and their sum, clusters, firms by scale, the city."""
    heads = {name: _label(name, lang) for name in ("scope", "whom", "measure")}
    heads["value_yi"] = _headed(_label("value", lang), "yi", lang)
    heads["before_yi"] = _headed(_label("before", lang), "yi", lang)
    heads |= {name: _headed(_label(name, lang), "wan", lang) for name in _MONEY}
    shares = ("growth", "share_of_city", "share_of_target", "elapsed")
    heads |= {name: _headed(_label(name, lang), "percent", lang) for name in shares}
    heads |= {"firms": _label("firms", lang), "expected_from": _label("expected_from", lang)}
    heads |= {name: _label(name, lang) for name in ("conflict", "source", "parks")}
    note = text("report.note_economy", lang)
    table = Table("economy", text("report.table_economy", lang), heads, note=note)
    rows = of_period(book.figures, period, cumulative).to_dict("records")
    ordered: list[Mapping[Any, Any]] = [*_sums(rows), *rows]
    for one in ordered:
        key = (str(one["scope"]), str(one["key"]), str(one["measure"]))
        table.rows[key] = _period_cells(one, lang)
    return table


def _period_cells(row: Mapping[Any, Any], lang: Lang) -> dict[str, Cell]:
    measure, scope = str(row["measure"]), str(row["scope"])
    value, before = number(row["value_micro"]), number(row["before_micro"])
    target = number(row["target_micro"]) if pd.notna(row["target_micro"]) else None
    counted = measure == "firms"
    gain = None if value is None or before is None else value - before
    elapsed = row["elapsed"]
    due = "" if pd.isna(elapsed) else half_up(Fraction(round(float(elapsed) * 12), 12) * 100, 2)
    money = {
        "value": value, "before": before, "city": number(row["city_micro"]), "target": target,
        "expected": number(row["expected_year_micro"]),
    }  # fmt: skip
    share = "" if pd.isna(elapsed) else percent_text(value, target)
    cells: dict[str, Cell] = {
        "scope": text(f"report.scope_{scope}", lang),
        "whom": _whom(scope, str(row["key"]), lang),
        "measure": measure_word(measure, lang),
        "growth": number_cell(percent_text(gain, before)),
        "share_of_city": number_cell(percent_text(value, money["city"])),
        "share_of_target": number_cell(share),
        "elapsed": number_cell(due),
        "conflict": plain(str(row["conflict"])),
        "expected_from": _expected(str(row["expected_from"]), lang),
        "source": plain(" ".join(str(row[f"source_{n}"]) for n in ("file", "sheet", "row"))),
        "parks": number_cell(str(row.get("parks", ""))),
    }
    if counted:
        return {**cells, "firms": number_cell("" if value is None else _units(value))}
    return {
        **cells,
        "value_yi": number_cell(_yi(value)),
        "before_yi": number_cell(_yi(before)),
        **{name: number_cell(wan_text(amount)) for name, amount in money.items()},
    }


def _yi(micro: int | None) -> str:
    return "" if micro is None else half_up(Fraction(micro, 10**10), 2)


def _units(micro: int) -> str:
    return half_up(Fraction(micro, 1_000_000), 0)


def _expected(code: str, lang: Lang) -> str:
    return text(f"report.expected_{code}", lang) if code else ""


def _whom(scope: str, key: str, lang: Lang) -> str:
    if scope == "all":
        return text("report.all_parks", lang)
    return plain(key) or text("report.scope_city", lang)


def _sums(rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """All parks that state a measure together (``parks``: how many these are); missing where the
    figure of one of them is not known."""
    groups: dict[str, list[Mapping[Any, Any]]] = {}
    for row in rows:
        if row["scope"] == "park":
            groups.setdefault(str(row["measure"]), []).append(row)
    amounts = ("value_micro", "before_micro", "target_micro", "expected_year_micro")
    out = []
    for measure, members in groups.items():
        first = members[0]
        whole = {name: _sum(pd.Series([m[name] for m in members], dtype="Int64"))
                 for name in amounts}  # fmt: skip
        cities = {number(m["city_micro"]) for m in members}
        out.append(
            {
                **whole, "scope": "all", "key": "", "measure": measure,
                "city_micro": cities.pop() if len(cities) == 1 else None,
                "elapsed": first["elapsed"], "conflict": "", "expected_from": "",
                "source_file": "", "source_sheet": "", "source_row": "", "parks": len(members),
            }
        )  # fmt: skip
    return out


def promises(book: ParkBook, lang: Lang) -> Table:
    """Promises by park: how many of each verdict, and the shortfall of tax and output."""
    from landuse.parks.promises import VERDICTS, promises_by_park

    heads = {"park": _label("park", lang), "promises": _label("promises", lang)}
    heads |= {verdict: verdict_word(verdict, lang) for verdict in VERDICTS}
    short = {name: f"{name}_shortfall_wan_micro" for name in ("tax", "output", "investment")}
    for name in short:
        label = text("report.col_shortfall", lang, name=measure_word(name, lang))
        heads[name] = _headed(label, "wan", lang)
    table = Table("promises", text("report.table_promises", lang), heads)
    frame = promises_by_park(book.promises)
    rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    counted = ("promises", *VERDICTS, *short.values())
    sums = {name: sum(int(row[name]) for row in rows if not pd.isna(row[name])) for name in counted}
    for row in [*rows, {"park": ALL, **sums}]:
        park = str(row["park"])
        table.rows[park,] = {
            "park": text("report.all_parks", lang) if park == ALL else plain(park),
            **{name: Number(str(int(row[name]))) for name in ("promises", *VERDICTS)},
            **{
                name: None if pd.isna(row[column]) else number_cell(wan_text(int(row[column])))
                for name, column in short.items()
            },
        }
    return table


def listed(
    key: str, frame: pd.DataFrame, schema: Schema, names: Iterable[str], lang: Lang
) -> Table:
    """Rows of a computed table with the columns ``names``, in words and units of people."""
    table = listing(key, frame, schema, names, lang)
    table.rows = {(str(at),): dict(cells) for at, cells in enumerate(table.each())}
    table.long = None
    return table


def listing(
    key: str,
    frame: pd.DataFrame,
    schema: Schema,
    names: Iterable[str],
    lang: Lang,
    first: Mapping[str, str] | None = None,
) -> Table:
    """As :func:`listed`, with rows that are made when they are written.

    ``first``: further columns of texts that stand before, with their headings.
    """
    columns = [schema.column(name) for name in names]
    before = dict(first or {})
    heads = before | {c.name: _headed_column(c, lang) for c in columns}
    mine = frame[[*before, *(one.name for one in columns)]]

    def made(start: int, end: int) -> list[dict[str, Cell]]:
        return [
            {
                **{name: plain(str(row[name])) for name in before},
                **{c.name: _shown(c.name, c.unit, row[c.name], lang) for c in columns},
            }
            for row in mine.iloc[start:end].to_dict("records")
        ]

    return Table(key, text(f"report.table_{key}", lang), heads, long=LongRows(len(mine), made))


_SHOWN_IN: Final = {"1e-6 m2": "mu", "1e-6 wan": "wan", "1e-4 mu": "mu", "1e-2 m2": "m2",
                    "1e-6 wan/mu": "wan_per_mu", "wan/mu": "wan_per_mu", "1e-6 tce": "tce",
                    "day": "day"}  # fmt: skip


def _headed_column(column: Column, lang: Lang) -> str:
    label = column.label(lang)
    if _is_floor(column.name):
        return _headed(label, "m2", lang)
    return _headed(label, _SHOWN_IN[column.unit], lang) if column.unit in _SHOWN_IN else label


def _is_floor(name: str) -> bool:
    """Floors are told in m², land in mu."""
    return name.endswith("_m2_micro") and ("floor" in name or "factory" in name)


def _shown(name: str, unit: str, value: object, lang: Lang) -> Cell:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, bool):
        return text(f"workbook.{'yes' if value else 'no'}", lang)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, str):
        word = _WORDS.get(name)
        return word(value, lang) if word and value else plain(value)
    if isinstance(value, float):
        return Number(half_up(Fraction(value), 2))
    whole = int(str(value))
    scale = {"1e-6 wan": 6, "1e-4 mu": 4, "1e-2 m2": 2, "1e-6 wan/mu": 6, "1e-6 tce": 6}
    if _is_floor(name):
        return Number(half_up(Fraction(whole, 10**6), 2))
    if unit == "1e-6 m2":
        return Number(mu_text(whole))
    if unit == "1e-6":
        return Number(half_up(Fraction(whole, 10**6), 2))
    if unit in scale:
        return Number(half_up(Fraction(whole, 10 ** scale[unit]), 2))
    return Number(str(whole))


def sheet_of(key: str, frame: pd.DataFrame, names: Iterable[str], lang: Lang) -> Table:
    """Rows of texts as a table, made when they are written; heads are ``report.col_<name>``."""
    named = list(names)
    mine = frame[named]

    def made(start: int, end: int) -> list[dict[str, Cell]]:
        rows = mine.iloc[start:end].to_dict("records")
        return [{name: plain(str(row[name])) for name in named} for row in rows]

    heads = {name: _label(name, lang) for name in named}
    return Table(key, text(f"report.table_{key}", lang), heads, long=LongRows(len(mine), made))


def counted(
    key: str, counts: Mapping[str, int], lang: Lang, words: Callable[[str], str] = plain
) -> Table:
    """How many there are of each, the most first; a row a name."""
    heads = {"item": _label("item", lang), "count": _label("count", lang)}
    table = Table(key, text(f"report.table_{key}", lang), heads)
    for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        table.rows[name,] = {"item": words(name), "count": Number(str(count))}
    return table
