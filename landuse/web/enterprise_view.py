"""Firms on pages: all of them to search in, lists that name candidates, and the file of one."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.messages import text
from landuse.pipeline.enterprise_tables import firm_tables
from landuse.publish.park_charts import Bar, bars
from landuse.publish.report.model import Number, Table, plain
from landuse.publish.words import cohort, status_label
from landuse.web.park_land import plot_address
from landuse.web.park_tables import Key, Shown, firm_address, park_address, shown, word_of
from landuse.web.promise_view import promised

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.enterprise import Firm
    from landuse.pipeline.park_site import ParkFigures
    from landuse.publish.report.model import Cell

__all__ = [
    "CHUNK",
    "Wish",
    "close_codes",
    "firm_context",
    "listed_firms",
    "lists_of",
    "one_list",
    "statuses",
]

CHUNK: Final = 100
"""Firms on one page of the list."""
_NAMED: Final = ("name", "uscc", "cohort", "park", "area_mu", "tax_wan", "output_wan", "score",
                 "rank", "status", "tags")  # fmt: skip
_NEAR: Final = 2
"""A code that differs in so many signs at most is offered for one that nobody has."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the firms is asked for: words in name or code, a park, a status; from which row."""

    words: str = ""
    park: str = ""
    status: str = ""
    start: int = 0


def _fold(said: str) -> str:
    return "".join(unicodedata.normalize("NFKC", said).lower().split())


def _index(figures: ParkFigures) -> pd.DataFrame:
    """Every firm that the batch or a promise knows: its row of units, park, and text to search."""
    book = figures.book
    units = book.computed.evaluation.units
    given = book.inputs.promises[["uscc", "name"]]
    only = given[(given["uscc"] != "") & ~given["uscc"].isin(units["uscc"])]
    firms = pd.concat([units, only.drop_duplicates("uscc")], ignore_index=True)
    firms["park"] = firms["uscc"].map(_parks(figures)).fillna("")
    said = firms["name"].fillna("").astype("str") + "\n" + firms["uscc"].astype("str")
    firms["folded"] = [_fold(one) for one in said]
    for name in ("status", "cohort", "name"):
        firms[name] = firms[name].fillna("").astype("str")
    return firms.sort_values(["name", "uscc"], ignore_index=True)


def _parks(figures: ParkFigures) -> dict[str, str]:
    """The park in which most of each firm's land lies; the smallest name of equal ones."""
    parts = figures.book.land.parts
    links = figures.book.computed.links[["uscc", "parcel_id", "area_m2_micro"]]
    first = parts.sort_values(["area_m2_micro", "park"], ascending=[False, True])
    first = first.drop_duplicates("parcel_id")
    where = dict(zip(first["parcel_id"], first["park"], strict=True))
    rows = links.assign(park=links["parcel_id"].map(where).fillna(""))
    sums = rows.groupby(["uscc", "park"])["area_m2_micro"].sum().reset_index()
    sums = sums.sort_values(["area_m2_micro", "park"], ascending=[False, True])
    largest = sums.drop_duplicates("uscc")
    return dict(zip(largest["uscc"], largest["park"], strict=True))


def _tags(figures: ParkFigures, lang: Lang) -> dict[str, str]:
    """Code → the lists on which a firm stands, in words."""

    def make() -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for name, frame in figures.lists().items():
            if "uscc" in frame.columns:
                for code in frame["uscc"]:
                    found.setdefault(str(code), []).append(_list_word(name, lang))
        return {code: "、".join(words) for code, words in found.items()}

    return figures.once(("tags", lang), make)


def _list_word(name: str, lang: Lang) -> str:
    return word_of(f"park_pages.list_{name}", lang, name)


def statuses(figures: ParkFigures, lang: Lang) -> list[tuple[str, str]]:
    """Every status that a firm has, in words."""
    firms = figures.once("firms", lambda: _index(figures))
    return [(one, status_label(one, lang)) for one in sorted(set(firms["status"]) - {""})]


def listed_firms(figures: ParkFigures, wish: Wish, lang: Lang) -> tuple[Shown, int]:
    """The firms that fit ``wish``, a page of them, and how many there are."""
    firms = figures.once("firms", lambda: _index(figures))
    fits = np.ones(len(firms), dtype=bool)
    if wish.words.strip():
        fits &= firms["folded"].str.contains(_fold(wish.words), regex=False).to_numpy()
    if wish.park:
        fits &= (firms["park"] == wish.park).to_numpy()
    if wish.status:
        fits &= (firms["status"] == wish.status).to_numpy()
    places = fits.nonzero()[0]
    tags = _tags(figures, lang)
    heads = {name: text(f"park_pages.col_{name}", lang) for name in _NAMED}
    heads["rank"] = text("park_pages.col_firm_rank", lang)  # of a park, 1 is the best
    table = Table("firms", text("park_pages.firms", lang), heads)
    for at in places[wish.start : wish.start + CHUNK]:
        row = firms.iloc[at]
        code = str(row["uscc"])
        table.rows[code,] = {**_unit_cells(row, lang), "tags": tags.get(code, "")}
    links = {
        "name": lambda key, _: firm_address(key[0]),
        "park": lambda _, cells: park_address(str(cells["park"])),
    }
    return shown(table, _NAMED, links=links), len(places)


def _unit_cells(row: Any, lang: Lang) -> dict[str, Cell]:  # noqa: ANN401 - a row
    def figure(name: str) -> Cell:
        value = row.get(name)
        return None if value is None or pd.isna(value) else Number(f"{float(value):.2f}")

    rank, size, group = row.get("rank"), row.get("cohort_size"), str(row["cohort"])
    return {
        "name": plain(str(row["name"]) or str(row["uscc"])),
        "uscc": plain(str(row["uscc"])),
        "cohort": cohort(group, lang) if group else "",
        "park": plain(str(row["park"])),
        **{name: figure(name) for name in ("area_mu", "tax_wan", "output_wan", "score")},
        "rank": "" if rank is None or pd.isna(rank) else f"{int(rank)}/{int(size or 0)}",
        "status": status_label(row["status"], lang) if row["status"] else "",
    }


def lists_of(figures: ParkFigures, lang: Lang) -> list[tuple[str, str, int]]:
    """The lists of firms: key, words, how many rows they have."""
    return [(name, one.title, len(one)) for name, one in figures.list_tables(lang).items()]


def one_list(figures: ParkFigures, name: str, lang: Lang) -> Shown | None:
    """One of the lists; ``None`` for a name that is none."""
    table = figures.list_tables(lang).get(name)
    return None if table is None else shown(table, links=_links(figures, lang, ""), most=1000)


def _links(figures: ParkFigures, lang: Lang, run_id: str) -> dict[str, Any]:
    """Where the cells of a table about firms lead."""
    parks = figures.table("land", lang).rows

    def firm(_: Key, cells: Mapping[str, Cell]) -> str:
        return firm_address(str(cells["uscc"])) if cells.get("uscc") else ""

    def park(_: Key, cells: Mapping[str, Cell]) -> str:
        name = str(cells["park"])
        return park_address(name) if (name,) in parks else ""

    def plot(_: Key, cells: Mapping[str, Cell]) -> str:
        code = str(cells.get("parcel_id") or cells.get("parcel_ids") or "")
        return plot_address(run_id, code.split("; ", maxsplit=1)[0]) if code else ""

    return {"uscc": firm, "name": firm, "park": park,
            **dict.fromkeys(("parcel_id", "parcel_ids", "case", "number"), plot)}  # fmt: skip


def close_codes(figures: ParkFigures, code: str) -> list[str]:
    """Codes of the same length that differ from ``code`` in one or two signs, the nearest first."""
    known = [str(one) for one in figures.book.computed.inputs.enterprises["uscc"].unique()]
    known = sorted({one for one in known if len(one) == len(code)})
    if not code or not known:
        return []
    signs = np.array(known, dtype=f"U{len(code)}").view("U1").reshape(len(known), len(code))
    apart = (signs != np.array(list(code.upper()))).sum(axis=1)
    order = np.argsort(apart, kind="stable")[:3]
    return [known[at] for at in order if apart[at] <= _NEAR]


def firm_context(figures: ParkFigures, firm: Firm, lang: Lang, run_id: str) -> dict[str, Any]:
    """The file of one firm: every table of it, and pictures of its years."""
    tables = [one for one in firm_tables(firm, lang) if len(one)]
    links = _links(figures, lang, run_id)
    here = [name for name in links if name not in ("uscc", "name")]
    promises = promised(figures, firm.promises, lang)
    years = next((one for one in tables if one.key == "years"), None)
    return {
        "firm": firm,
        "tables": [
            promises
            if one.key == "firm_promises"
            else shown(
                one, links=links if one.key == "chain_firms" else {n: links[n] for n in here}
            )
            for one in tables
        ],
        "pictures": _pictures(years, lang) if years else [],
        "tags": [_list_word(name, lang) for name in firm.lists],
    }


def _pictures(years: Table, lang: Lang) -> list[tuple[str, str]]:
    """Tax and output per mu, year by year."""
    found = []
    for name in ("tax_wan_per_mu", "output_wan_per_mu"):
        drawn = [
            Bar(_year(cells), float(cell.text), cell.text)
            for cells in years.rows.values()
            if isinstance(cell := cells.get(name), Number)
        ]
        if drawn and name in years.columns:
            found.append((years.columns[name], bars(drawn, years.columns[name])))
    ranks = [(_year(cells), str(cells.get("rank") or "")) for cells in years.rows.values()]
    drawn = [Bar(year, _above(said), text("park_pages.rank_of", lang, rank=said.split("/")[0],
             size=said.split("/")[1])) for year, said in ranks if said.count("/") == 1]  # fmt: skip
    if drawn:
        label = text("park_pages.rank_picture", lang)
        found.append((label, bars(drawn, label, full=1.0)))
    return found


def _year(cells: Mapping[str, Cell]) -> str:
    cell = cells.get("year")
    return cell.text if isinstance(cell, Number) else str(cell or "")


def _above(said: str) -> float:
    """What share of its industry stands no higher, for the length of a bar; ranks are counted from
    the last.

    >>> _above("1/4"), _above("4/4")
    (0.25, 1.0)
    """
    rank, _, size = said.partition("/")
    return int(rank) / max(int(size), 1)
