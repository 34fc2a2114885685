"""Which contracts suggest idle land, and what is proposed (Order 53 of 2012; method, section 7).

Every comparison is of whole numbers or days. A contract that states too little is *undetermined*
and says what is missing; a blank is never read as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.exact import below
from landuse.idle.clock import Clock, clock, on_or_before, years_after
from landuse.idle.remarks import joined, oddities
from landuse.idle.status import contract_status
from landuse.schema.tables import IDLE

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction

    import numpy.typing as npt

    from landuse.rules.model import Rules

    Bools = npt.NDArray[np.bool_]
    Days = npt.NDArray[np.datetime64]
    Texts = npt.NDArray[np.object_]

__all__ = ["contract_findings"]

_FEN: Final = 10_000
"""A fee is stated in 万元 with two decimals: this many millionths."""
_DATES: Final = (
    "agreed_delivery", "delivered_on", "agreed_start", "extended_start", "actual_start",
    "completed_on", "suspended_since",
)  # fmt: skip
_OF_START: Final = ("actual_start", "completed_on", "extended_start", "agreed_start")
"""A start can be neither shown nor excluded where one of these could not be read."""


@dataclass(frozen=True)
class _Case:
    """What the dates of each contract say on the day."""

    day: dict[str, Days]
    unread: dict[str, Bools]
    collective: Bools
    started: Bools
    completed: Bools
    late: Bools
    start: Clock
    base_from: Texts
    pause: Clock
    paused: Bools


def contract_findings(
    supply: pd.DataFrame, parcels: pd.DataFrame, rules: Rules, as_of: dt.date
) -> pd.DataFrame:
    """IDLE: one row a contract of ``supply``, sorted by contract and parcel."""
    order = ["contract_no", "parcel_id", "source_file", "source_row"]
    supply = supply.sort_values(order, ignore_index=True)
    today = np.datetime64(as_of.isoformat(), "D")
    case = _case(supply, today)
    finding, missing = _findings(supply, case, rules, today)
    consequence = _consequences(finding, supply["cause"].to_numpy(dtype=object), case, today)
    fee, stated_before = _fees(supply, consequence == "fee", rules)
    remarks = {
        "collective": case.collective,
        **oddities(supply, case.day, case.started, today),
        "price_of_contract": stated_before,
    }
    known = supply["parcel_id"].isin(parcels["parcel_id"]).to_numpy()
    area = parcels.set_index("parcel_id")["accounting_area_m2_micro"].reindex(supply["parcel_id"])
    frame = supply.assign(
        finding=finding,
        land_status=contract_status(finding, case.started, case.completed),
        **_clock_columns(case),
        consequence=consequence,
        fee_wan_micro=fee,
        late_delivery=case.late,
        collective=case.collective,
        missing=_asked(missing, finding, consequence, supply),
        remarks=joined(remarks, len(supply)),
        known_parcel=known,
        accounting_area_m2_micro=area.astype("Int64").array,
    )
    texts = ["finding", "land_status", "base_from", "consequence", "missing", "remarks"]
    return IDLE.check(frame.astype(dict.fromkeys(texts, "str"))[IDLE.names])


def _days(supply: pd.DataFrame, name: str) -> Days:
    return supply[name].to_numpy().astype("datetime64[D]")


def _case(supply: pd.DataFrame, today: np.datetime64) -> _Case:
    day = {name: _days(supply, name) for name in _DATES}
    completed = on_or_before(day["completed_on"], today)
    started = on_or_before(day["actual_start"], today) | completed
    base, base_from = _base(day)
    delivered = day["delivered_on"]
    late = (delivered > day["agreed_delivery"]) | (delivered > day["agreed_start"])
    collective = supply["parcel_id"].str.match(r"[0-9]{12}J").to_numpy(dtype=bool)
    paused = started & ~completed & on_or_before(day["suspended_since"], today)
    return _Case(
        day=day,
        unread=_unread(supply),
        collective=collective,
        started=started,
        completed=completed,
        late=np.asarray(late, dtype=bool),
        start=clock(base, today),
        base_from=base_from,
        pause=clock(day["suspended_since"], today),
        paused=paused,
    )


def _unread(supply: pd.DataFrame) -> dict[str, Bools]:
    """Where the cell of a date says something that could not be read: it is no blank."""
    listed = [frozenset(text.split("; ")) if text else frozenset() for text in supply["unread"]]
    return {name: np.array([name in row for row in listed], dtype=bool) for name in _DATES}


def _base(day: dict[str, Days]) -> tuple[Days, Texts]:
    """The extended start, else the agreed start, else one year after delivery."""
    sources = {
        "delivery": years_after(day["delivered_on"], 1),
        "agreed": day["agreed_start"],
        "extended": day["extended_start"],
    }
    base = np.full(len(day["agreed_start"]), np.datetime64("NaT"), dtype="datetime64[D]")
    base_from = np.full(len(base), "", dtype=object)
    for name, days in sources.items():
        given = ~np.isnat(days)
        base[given], base_from[given] = days[given], name
    return base, base_from


@dataclass(frozen=True)
class _Answer:
    """Where a test holds, where it cannot be told, and for what want."""

    holds: Bools
    unclear: Bools
    wanting: dict[str, Bools]


def _findings(
    supply: pd.DataFrame, case: _Case, rules: Rules, today: np.datetime64
) -> tuple[Texts, Texts]:
    """The finding of each contract, and what is missing where it is undetermined."""
    start, pause = _not_started(case, today), _stalled(supply, case, rules, today)
    finding = np.select(
        [start.holds, pause.holds, start.unclear | pause.unclear],
        ["not_started", "stalled", "undetermined"],
        default="",
    ).astype(object)
    return finding, joined({**start.wanting, **pause.wanting}, len(supply))


def _not_started(case: _Case, today: np.datetime64) -> _Answer:
    """No start by the end of the day, and a year full since the base."""
    waiting = ~case.collective & ~case.started
    no_base = np.isnat(case.start.base)
    by_extension = case.base_from == "extended"
    wanting = {name: waiting & case.unread[name] for name in _OF_START}
    wanting["agreed_start"] = waiting & (no_base | (case.unread["agreed_start"] & ~by_extension))
    wanting["delivered_on"] = waiting & no_base
    unclear = np.logical_or.reduce(list(wanting.values()))
    holds = waiting & ~unclear & on_or_before(case.start.one_year, today)
    return _Answer(holds, unclear, wanting)


def _stalled(supply: pd.DataFrame, case: _Case, rules: Rules, today: np.datetime64) -> _Answer:
    """Started, suspended for a full year, and too little of the land or the money put in.

    A ratio that is missing neither proves nor excludes; nor does a date that cannot be read.
    """
    vague = case.unread["suspended_since"] | case.unread["completed_on"]
    full = case.paused & on_or_before(case.pause.one_year, today)
    full |= case.started & ~case.completed & case.unread["suspended_since"]
    full &= ~case.collective
    area = _below(supply, "area_started_m2", "area_to_start_m2", rules.idle_area_share, full)
    money = _below(
        supply, "invested_wan", "total_investment_wan", rules.idle_investment_share, full
    )
    short = area.holds | money.holds
    unclear = full & np.where(short, vague, area.unclear | money.unclear)
    wanting = {name: unclear & case.unread[name] for name in ("suspended_since", "completed_on")}
    for ratio in (area, money):
        wanting |= {name: unclear & ~short & absent for name, absent in ratio.wanting.items()}
    return _Answer(full & short & ~vague, unclear, wanting)


def _below(supply: pd.DataFrame, part: str, whole: str, line: Fraction, wanted: Bools) -> _Answer:
    """part ÷ whole < line, exactly; only rows of ``wanted`` are looked at.

    A part that is missing or negative, or a whole that is not above zero, makes no ratio.
    """
    top, bottom = (supply[f"{name}_micro"].to_numpy(dtype=object)[wanted] for name in (part, whole))
    no_top = np.array([value is pd.NA or value < 0 for value in top], dtype=bool)
    no_bottom = np.array([value is pd.NA or value <= 0 for value in bottom], dtype=bool)
    holds = np.array(
        [
            not (one or two) and below(a, b, line)
            for a, b, one, two in zip(top, bottom, no_top, no_bottom, strict=True)
        ],
        dtype=bool,
    )

    def spread(values: Bools) -> Bools:
        out = np.zeros(len(supply), dtype=bool)
        out[wanted] = values
        return out

    short = {part: no_top, whole: no_bottom}
    absent = {name.rsplit("_", 1)[0]: spread(values) for name, values in short.items()}
    return _Answer(spread(holds), spread(no_top | no_bottom), absent)


def _consequences(finding: Texts, cause: Texts, case: _Case, today: np.datetime64) -> Texts:
    """What is proposed: late delivery shields from fee and withdrawal whatever the cause says."""
    idle = (finding == "not_started") | (finding == "stalled")
    by_firm = (finding == "not_started") & (cause == "enterprise")
    return np.select(
        [
            idle & case.late,
            by_firm & on_or_before(case.start.two_years, today),
            by_firm,
            idle & (cause != ""),
        ],
        ["late_delivery", "withdrawal", "fee", "negotiated"],
        default="",
    ).astype(object)


def _fees(supply: pd.DataFrame, due: Bools, rules: Rules) -> tuple[pd.arrays.IntegerArray, Bools]:
    """The fee of each contract in 10⁻⁶ 万元, rounded to 0.01 万元, halves up as money is charged.

    A contract over several parcels that states one price on each row states it once: the fee
    stands on its first row, the second result marks the others.
    """
    price = supply["price_wan_micro"]
    again = (
        supply["contract_no"].ne("")
        & price.notna()
        & supply.assign(due=due).duplicated(["contract_no", "price_wan_micro", "due"])
        & (supply.groupby("contract_no")["price_wan_micro"].transform("nunique") == 1)
    ).to_numpy() & due
    given = due & price.notna().to_numpy() & ~again
    share = rules.idle_fee_share
    fee = np.zeros(len(supply), dtype=np.int64)
    fee[given] = [_half_up(value * share) for value in price[given].tolist()]
    return pd.arrays.IntegerArray(fee, ~given), again


def _half_up(micro: Fraction) -> int:
    return int((micro * 2 + _FEN) // (2 * _FEN)) * _FEN


def _clock_columns(case: _Case) -> dict[str, Any]:
    """The clock that runs: of the start until there is one, then of the suspension."""
    waiting, paused = ~case.collective & ~case.started, ~case.collective & case.paused
    base_from = np.where(waiting, case.base_from, np.where(paused, "suspended", ""))
    columns: dict[str, Any] = {"base_from": base_from}
    names = {"base_on": "base", "one_year_on": "one_year", "two_years_on": "two_years"}
    for column, name in names.items():
        never = np.datetime64("NaT")
        days = np.where(paused, getattr(case.pause, name), never)
        days = np.where(waiting, getattr(case.start, name), days)
        columns[column] = days.astype("datetime64[s]")
    start, pause = pd.Series(case.start.days_to_next), pd.Series(case.pause.days_to_next)
    columns["days_to_next"] = start.where(waiting, pause.where(paused)).array
    return columns


def _asked(missing: Texts, finding: Texts, consequence: Texts, supply: pd.DataFrame) -> Texts:
    """What the report asks for: what the finding lacks, then what the proposal lacks."""
    idle = (finding == "not_started") | (finding == "stalled")
    blank = {name: supply[name].isna().to_numpy() for name in ("price_wan_micro", "delivered_on")}
    charged = (consequence == "fee") | (consequence == "withdrawal")
    more = {
        "cause": idle & (supply["cause"] == "").to_numpy(),
        "price": (consequence == "fee") & blank["price_wan_micro"],
        "delivered_on": charged & blank["delivered_on"],
    }
    proposal = joined(more, len(supply))
    return np.where(missing == "", proposal, missing)
