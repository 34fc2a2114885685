"""Stated figures against what they must follow from: other statements, or what is computed here.

An input ``=03`` is what claim 03 states; ``=计算:台账面积`` is a figure of the book itself, and
``=计算:可用地@镇级`` one of some parks: those of a name, a level or a type; of firms @
names their district, of projects that were signed the period.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse import parks
from landuse.errors import UserError
from landuse.parks.shown import half_up
from landuse.parks.words import type_word
from landuse.schema.periods import read_period
from landuse.stated import Claim, check_all, read_figure

if TYPE_CHECKING:
    from landuse.pipeline.parks import ParkBook

__all__ = ["COMPUTED", "checked_figures", "computed_figure"]

COMPUTED: Final = "计算"
"""What a reference to a computed figure begins with."""
_LAND: Final = {
    "总面积": "total", "不可建设": "undevelopable", "已征": "expropriated", "收储": "reserve",
    "净地": "cleared", "已达到供地条件": "ready", "已供": "supplied", "已建成": "built",
    "疑似闲置": "idle", "疑似低效": "low_efficiency", "可用地": "available",
}  # fmt: skip
_FACTORY: Final = {
    "厂房规划": "planned",
    "厂房建成": "built",
    "厂房已租": "let",
    "厂房空置": "vacant",
}
_LEDGER: Final = {
    "台账宗数": ("cases", "宗", 1), "台账面积": ("mu_e4", "亩", 10**4),
    "盘活面积": ("revitalised_mu_e4", "亩", 10**4),
    "盘活厂房": ("revitalised_floor_m2_e2", "平方米", 100),
    "处置中面积": ("disposed_mu_e4", "亩", 10**4), "剩余面积": ("remaining_mu_e4", "亩", 10**4),
}  # fmt: skip
_ORIGINS: Final = {"签约企业": "", "本地企业": "local", "外地企业": "outside"}
_MU: Final = Fraction(3, 2_000 * 10**6)
"""10⁻⁶ m² in mu."""
_DECIMALS: Final = 10
_Value = tuple[Fraction, str]


def computed_figure(book: ParkBook, reference: str) -> str:
    """The figure that ``reference`` (without =计算:) names, with its unit, to ten decimals: it is
    exact but for them.

    Raises :class:`landuse.errors.UserError` for a name that is not known, or a figure that is not
    known because a part of it is missing.
    """
    name, _, whom = unicodedata.normalize("NFKC", reference).partition("@")
    found = _FIGURES[name.strip()](book, whom.strip()) if name.strip() in _FIGURES else None
    if found is None:
        known = "、".join(sorted(_FIGURES))
        raise UserError.of("stated.unknown_computed", value=reference, known=known)
    value, unit = found
    counted = unit in ("家", "宗", "个")
    return f"{value if counted else half_up(value, _DECIMALS)}{unit}"


def _land(column: str) -> Callable[[ParkBook, str], _Value | None]:
    def of(book: ParkBook, whom: str) -> _Value | None:
        rows = book.accounts[book.accounts["park"].isin(_parks(book, whom))]
        values = rows[f"{column}_m2_micro"]
        if values.empty or values.isna().any():
            return None
        return _MU * sum(int(value) for value in values), "亩"

    return of


def _parks(book: ParkBook, whom: str) -> list[str]:
    """The parks of a name, a level or a type; all without one."""
    register = book.inputs.park_register
    levels = dict(zip(register["park"], register["level"], strict=True))
    names = [str(name) for name in book.accounts["park"] if name]
    return [
        name
        for name in names
        if whom in ("", name, levels.get(name)) or whom == type_word(book.types.get(name, ""), "zh")
    ]


def _count_parks(book: ParkBook, whom: str) -> _Value | None:
    parks = _parks(book, whom)
    return (Fraction(len(parks)), "个") if parks else None


def _planned(book: ParkBook, whom: str) -> _Value | None:
    register = book.inputs.park_register
    mine = register[register["park"].isin(_parks(book, whom))]
    return None if mine.empty else (Fraction(int((mine["has_plan"] == "yes").sum())), "个")


def _factory(column: str) -> Callable[[ParkBook, str], _Value | None]:
    def of(book: ParkBook, whom: str) -> _Value | None:
        register = book.inputs.park_register
        values = register.loc[
            register["park"].isin(_parks(book, whom)), f"factory_{column}_m2_micro"
        ]
        if values.empty or values.isna().any():
            return None
        return Fraction(sum(int(value) for value in values), 10**6), "平方米"

    return of


def _ledger(name: str, unit: str, scale: int) -> Callable[[ParkBook, str], _Value | None]:
    def of(book: ParkBook, whom: str) -> _Value | None:
        if book.ledger is None or whom:
            return None
        return Fraction(int(getattr(book.ledger.headline, name)), scale), unit

    return of


def _idle(book: ParkBook, whom: str) -> pd.DataFrame | None:
    """The parts of idle parcels, those in no park too; none where no contract is known."""
    if book.contracts is None or (whom and not _parks(book, whom)):
        return None
    status = book.land.status
    plots = set(status.loc[status["land_status"] == "idle", "parcel_id"])
    parts = book.land.parts
    here = parts["parcel_id"].isin(plots)
    return parts[here & parts["park"].isin(_parks(book, whom))] if whom else parts[here]


def _idle_plots(book: ParkBook, whom: str) -> _Value | None:
    parts = _idle(book, whom)
    return None if parts is None else (Fraction(parts["parcel_id"].nunique()), "宗")


def _idle_land(book: ParkBook, whom: str) -> _Value | None:
    parts = _idle(book, whom)
    if parts is None:
        return None
    return _MU * sum(int(value) for value in parts["area_m2_micro"]), "亩"


def _firms(origin: str) -> Callable[[ParkBook, str], _Value | None]:
    def of(book: ParkBook, whom: str) -> _Value | None:
        firms = parks.signed_firms(book.inputs.promises)
        if origin:
            firms = firms[firms["origin"] == origin]
        if whom:
            firms = firms[firms["origin_district"] == whom]
        if whom and firms.empty:
            return None
        return Fraction(len(firms)), "家"

    return of


def _floor(book: ParkBook, whom: str) -> _Value | None:
    values = book.inputs.promises["floor_m2_micro"]
    if whom or values.empty or values.isna().any():
        return None
    return Fraction(sum(int(value) for value in values), 10**6), "平方米"


def _signed(book: ParkBook, whom: str) -> pd.DataFrame:
    """The projects signed in a period; all that were signed without one."""
    projects = book.inputs.projects
    days = projects["signed_on"]
    if not whom:
        return projects[days.notna()]
    span = read_period(whom)
    here = (days.dt.year == span.year) & days.dt.month.between(span.first, span.last)
    found: pd.DataFrame = projects[here]
    return found


def _signed_projects(book: ParkBook, whom: str) -> _Value:
    return Fraction(len(_signed(book, whom))), "个"


def _signed_investment(book: ParkBook, whom: str) -> _Value | None:
    return _wan(_signed(book, whom), "planned_investment")


def _wan(rows: pd.DataFrame, column: str) -> _Value | None:
    values = rows[f"{column}_wan_micro"]
    if values.empty or values.isna().any():
        return None
    return Fraction(sum(int(value) for value in values), 10**6), "万元"


def _investment(column: str) -> Callable[[ParkBook, str], _Value | None]:
    """Of the projects (of some parks) that state both what is planned and what is done."""

    def of(book: ParkBook, whom: str) -> _Value | None:
        rows = book.inputs.projects.dropna(
            subset=["planned_investment_wan_micro", "invested_wan_micro"]
        )
        return _wan(rows[rows["park"].isin(_parks(book, whom))] if whom else rows, column)

    return of


_FIGURES: Final[dict[str, Callable[[ParkBook, str], _Value | None]]] = {
    **{name: _land(column) for name, column in _LAND.items()},
    **{name: _factory(column) for name, column in _FACTORY.items()},
    **{name: _ledger(*of) for name, of in _LEDGER.items()},
    **{name: _firms(origin) for name, origin in _ORIGINS.items()},
    "园区数": _count_parks,
    "有规划园区数": _planned,
    "闲置宗数": _idle_plots,
    "闲置面积": _idle_land,
    "签约厂房": _floor,
    "签约项目": _signed_projects,
    "签约投资": _signed_investment,
    "项目计划投资": _investment("planned_investment"),
    "项目完成投资": _investment("invested"),
}


def checked_figures(stated: pd.DataFrame, book: ParkBook | None = None) -> pd.DataFrame:
    """The verdict on every claim of STATED, with where it stands; what cannot be read is said so.

    An input ``=claim`` is what that claim states, in its unit; ``=计算:…`` a figure of ``book``.
    """
    rows = {str(row["claim"]): row for row in stated.to_dict("records")}
    frames = []
    for number, row in sorted(rows.items()):
        claim = _claim(number, row, rows, None)
        try:
            resolved = _claim(number, row, rows, book)
            found = check_all([resolved]).assign(inputs=_shown(row, resolved))
        except UserError as fault:
            found = check_all([])
            found.loc[0] = dict.fromkeys(found.columns, "")
            found = found.assign(
                name=claim.name, where=claim.where, relation=claim.relation, stated=claim.stated,
                inputs="; ".join(claim.inputs), verdict="cannot_tell",
                problem=fault.lines("zh")[0],
            )  # fmt: skip
        about = {name: str(row[name]) for name in ("subject", "measure", "period")}
        frames.append(found.assign(claim=number, **about))
    if not frames:
        return check_all([]).assign(claim="", subject="", measure="", period="", problem="")
    whole = pd.concat(frames, ignore_index=True)
    if "problem" not in whole.columns:
        whole["problem"] = ""
    return whole.fillna("")


def _shown(row: Mapping[Any, Any], claim: Claim) -> str:
    """The inputs as people read them: computed figures with their name, to two decimals."""
    said = []
    for part, text in zip(str(row["inputs"]).split("; "), claim.inputs, strict=True):
        if part.startswith(f"={COMPUTED}"):
            figure = read_figure(text)
            said.append(f"{part[1:]} {figure.show(figure.value, min(figure.digits, 2))}")
        else:
            said.append(text)
    return "; ".join(said)


def _claim(
    number: str,
    row: Mapping[Any, Any],
    rows: Mapping[str, Mapping[Any, Any]],
    book: ParkBook | None,
) -> Claim:
    """The claim with its references resolved, those to computed figures only with a ``book``."""
    texts, units = [], []
    given = str(row["input_units"]).split("; ")
    for place, part in enumerate(str(row["inputs"]).split("; ")):
        unit = given[place] if place < len(given) else ""
        name = part.removeprefix("=").strip() if part.startswith("=") else ""
        if name in rows:
            texts.append(str(rows[name]["stated"]))
            units.append(str(rows[name]["unit"]))
            continue
        computed = book is not None and name.startswith(COMPUTED)
        reference = name.removeprefix(COMPUTED).lstrip(":： ")
        texts.append(computed_figure(book, reference) if computed and book else part)
        units.append("" if computed else unit)
    where = " ".join(str(row[name]) for name in ("document", "place") if row[name])
    return Claim(
        number, str(row["relation"]), tuple(texts), str(row["stated"]), str(row["unit"]),
        tuple(units), where,
    )  # fmt: skip
