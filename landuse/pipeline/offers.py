"""Plots in disposal and vacant standard factories matched to demand, and why a plot is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse import parks
from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger.states import word
from landuse.messages import LANGUAGES
from landuse.parks.demand import FLOOR_OFFER
from landuse.parks.words import type_word
from landuse.pipeline.report_tables import listed
from landuse.schema.park_plots import PROPOSAL_REASONS, PROPOSALS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook
    from landuse.publish.report.model import Table

__all__ = ["matched", "offer_keys", "plot_cases_of", "proposals",
           "unready_plots"]  # fmt: skip

_CONFIRMED: Final = ("confirmed", "planned", "in_disposal", "awaiting_acceptance")
"""States from which on the land of a case is determined and may be given to somebody."""


def offer_keys(book: ParkBook, given: Iterable[str]) -> list[str]:
    """``given`` as keys of offers: the name of a park stands for its vacant floor space."""
    named = {str(one) for one in book.accounts["park"]} - {""}
    return [f"{FLOOR_OFFER}{one}" if one in named else one for one in given]


def matched(
    book: ParkBook, plots: list[str] | None = None, *, force: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PROPOSALS and PROPOSAL_REASONS for ``plots``: codes of plots in disposal (an open case of the
    ledger), ``floor:park`` or a park for its vacant factories; without them for all of these.

    Raises :class:`landuse.errors.UserError` that says of each other plot why it is not on offer;
    ``force`` takes any parcel of the project all the same.
    """
    keys = None if plots is None else offer_keys(book, plots)
    cases = _open_cases(book)
    if keys is not None:
        faults = [issue for one in keys if (issue := _refusal(book, one, cases, force=force))]
        if faults:
            raise UserError(faults)
    wanted = sorted(cases) if keys is None else [k for k in keys if not k.startswith(FLOOR_OFFER)]
    register = book.inputs.park_register
    plots_frame = _plots(book, wanted, cases)
    offered = parks.offers(plots_frame, register if len(register) else None, book.types)
    if keys is not None:
        offered = offered[offered["offer"].isin(keys)]
    return parks.match(book.inputs.demand, offered, book.rules)


def _open_cases(book: ParkBook) -> dict[str, str]:
    """Parcel of an open case → the case's number."""
    if book.ledger is None:
        return {}
    rows = book.ledger.plots
    return dict(zip(rows["parcel_id"], rows["case_number"], strict=True))


def _plots(book: ParkBook, wanted: list[str], cases: dict[str, str]) -> pd.DataFrame:
    """The plots as :func:`landuse.parks.offers` takes them."""
    parcels = book.computed.inputs.parcels
    mine = parcels[parcels["parcel_id"].isin(wanted)].sort_values("parcel_id")
    where = _largest_part(book)
    return pd.DataFrame(
        {
            "parcel_id": mine["parcel_id"],
            "park": [where.get(str(code), "") for code in mine["parcel_id"]],
            "area_m2_micro": mine["accounting_area_m2_micro"],
            "floor_m2_micro": mine["built_area_m2_micro"].astype("Int64"),
            "case_number": [cases.get(str(code), "") for code in mine["parcel_id"]],
        }
    )


def _refusal(book: ParkBook, key: str, cases: dict[str, str], *, force: bool) -> Issue | None:
    """Why something is not on offer; ``None`` where it is."""
    if key.startswith(FLOOR_OFFER):
        return _no_floor(book, key.removeprefix(FLOOR_OFFER))
    if key not in set(book.computed.inputs.parcels["parcel_id"]):
        return Issue("park_cli.unknown_plot", key=key, value=key)
    if force or key in cases:
        return None
    if book.ledger is None:
        return Issue("park_cli.plot_no_ledger", key=key, value=key)
    closed = plot_cases_of(book, [key])
    if closed.empty:
        return Issue("park_cli.plot_no_case", key=key, value=key)
    last = closed.iloc[-1]
    state = str(last["state"])
    words: dict[str, object] = {f"state_{lang}": word("state", state, lang) for lang in LANGUAGES}
    number = str(last["number"])
    return Issue("park_cli.plot_case_over", key=key, value=key, values={**words, "number": number})


def _no_floor(book: ParkBook, park: str) -> Issue | None:
    rows = book.inputs.park_register
    mine = rows[rows["park"] == park]["factory_vacant_m2_micro"]
    if mine.empty:
        known = "、".join(sorted(set(rows["park"]))) or "–"
        return Issue("park_cli.floor_no_park", key=park, value=park, values={"known": known})
    vacant = mine.iloc[0]
    if pd.isna(vacant):
        return Issue("park_cli.floor_not_stated", key=park, value=park)
    return None if int(vacant) > 0 else Issue("park_cli.floor_none", key=park, value=park)


def plot_cases_of(book: ParkBook, plots: Iterable[str]) -> pd.DataFrame:
    """FIRM_CASES, closed ones too, of any of ``plots``, in the order of their opening."""
    if book.ledger is None:
        from landuse.schema.park_firms import FIRM_CASES

        return FIRM_CASES.empty()
    wanted, cases = set(plots), book.ledger.cases
    mine = [bool(wanted & set(text.split("; "))) for text in cases["parcel_ids"]]
    return cases[np.array(mine, dtype=bool)]


def unready_plots(book: ParkBook, plots: Iterable[str]) -> list[tuple[str, str, str]]:
    """What to say of plots that are matched: (code, case number, state), where the case is none
    ("", "") or not confirmed yet."""
    cases = _open_cases(book)
    states = {} if book.ledger is None else dict(
        zip(book.ledger.cases["number"], book.ledger.cases["state"], strict=True)
    )  # fmt: skip
    found = []
    for one in offer_keys(book, plots):
        state = states.get(cases.get(one, ""), "")
        if not one.startswith(FLOOR_OFFER) and state not in _CONFIRMED:
            found.append((one, cases.get(one, ""), state))
    return found


def _largest_part(book: ParkBook) -> dict[str, str]:
    """The park of each parcel: where most of it lies; the smallest name of equal ones."""
    parts = book.land.parts.sort_values(["area_m2_micro", "park"], ascending=[False, True])
    first = parts.drop_duplicates("parcel_id")
    return dict(zip(first["parcel_id"], first["park"], strict=True))


def proposals(
    book: ParkBook, lang: Lang, plots: list[str] | None = None, *, force: bool = False
) -> tuple[Table, Table]:
    """Proposals and their reasons as people read them."""
    found, why = matched(book, plots, force=force)
    names = ("offer", "demand", "name", "status", "points", "rank")
    reasons = ("offer", "demand", "criterion", "hard", "met", "wanted", "offered", "points",
               "weight")  # fmt: skip
    kinds = why["criterion"] == "park_type"
    for name in ("wanted", "offered"):
        words = [type_word(one, lang) for one in why.loc[kinds, name]]
        why.loc[kinds, name] = pd.Series(words, index=why.index[kinds], dtype="str")
    return (
        listed("proposals", found, PROPOSALS, names, lang),
        listed("reasons", why, PROPOSAL_REASONS, reasons, lang),
    )
