"""Plots as lists, maps and workbooks show them: one row a plot, filtered and added up alike.

Takes the tables of a run and the latest case of each parcel; gives rows, masks and totals. Does not
compute a figure that the tables have not: the figures of a plot are those of its main user.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.errors import UserError
from landuse.exact import total
from landuse.publish.plot_rows import (
    cases_among,
    cases_of,
    plot_rows,
    plot_users,
    with_cases,
)
from landuse.schema.plot_filter import DIGITS, NONE, SCORE, PlotFilter, fold

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.publish.run_tables import RunTables
    from landuse.rules.model import Rules

__all__ = ["CLASSES", "PlotTable", "plot_table"]

CLASSES: Final = (
    "revitalised",
    "both",
    "idle",
    "low_efficiency",
    "no_enterprise",
    "normal",
    "not_graded",
    "out_of_scope",
)
"""The one class of a plot, the weightier first."""

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class PlotTable:
    """The plots of a run with the state of their cases.

    ``rows``: one row a plot in the order of the codes: ``parcel_id park park_type township holder
    land_class`` (with ``revitalised``) ``run_class accounting_area_mu flagged_area_mu
    is_low_efficiency is_idle enterprise_count contracts``, of the main user ``main_uscc main_name
    industry_code division cohort status``, each indicator of the pack (raw), ``score rank
    cohort_size cutoff_score margin firmness flips_under is_tied``, and of the latest case
    ``case_number case_kind case_state case_revision case_open accepted_on accepted_mu
    accepted_floor_m2 revitalised_year`` (blank or missing without one).

    ``users``: one row a plot and user: ``plot`` (place in ``rows``), ``parcel_id uscc name area_mu
    flagged division`` and the indicators and score. ``cases``: PLOT_CASES of these plots.
    """

    rows: pd.DataFrame
    users: pd.DataFrame
    cases: pd.DataFrame
    rules: Rules
    examined: frozenset[str] = field(default=frozenset({"low_efficiency", "idle"}))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def measures(self) -> tuple[str, ...]:
        """What a range can be asked of: the indicators of the pack, and the score."""
        return (*(one.key for one in self.rules.indicators), SCORE)

    def filter(self, wish: PlotFilter) -> Mask:
        """Which rows pass; :class:`landuse.errors.UserError` for an indicator nobody knows."""
        rows = self.rows
        passed = np.ones(len(rows), dtype=bool)
        if wish.indicator and wish.indicator not in self.measures:
            known = ", ".join(self.measures)
            raise UserError.of("map_command.unknown_indicator", value=wish.indicator, known=known)
        if wish.classes:
            passed &= rows["land_class"].isin(wish.classes).to_numpy()
        if wish.states:
            passed &= _is_one_of(rows["case_state"], wish.states)
        if wish.parks:
            passed &= _is_one_of(rows["park"], wish.parks)
        if wish.industries or wish.has_range:
            passed &= self._has_user(wish)
        wanted = fold(wish.text)
        if wanted:
            passed &= self._texts.str.contains(wanted, regex=False).to_numpy(dtype=bool)
        return passed

    def _has_user(self, wish: PlotFilter) -> Mask:
        users = self.users
        met = np.ones(len(users), dtype=bool)
        if wish.industries:
            met &= _is_one_of(users["division"], wish.industries)
        if wish.has_range:
            value = np.round(users[wish.indicator].to_numpy(dtype=np.float64), DIGITS)
            met &= ~np.isnan(value)
            if wish.least is not None:
                met &= value >= wish.least
            if wish.most is not None:
                met &= value <= wish.most
        found = np.zeros(len(self.rows), dtype=bool)
        found[users["plot"].to_numpy()[met]] = True
        return found

    def with_cases(self, cases: pd.DataFrame) -> PlotTable:
        """The same plots with other cases (PLOT_CASES); what the run says is not made anew."""
        latest = cases_among(self.rows["parcel_id"], cases)
        made = replace(self, rows=with_cases(self.rows, latest), cases=latest)
        made.__dict__["_still_texts"] = self._still_texts  # folded once however often cases change
        return made

    @cached_property
    def _texts(self) -> pd.Series[str]:
        """What is searched of each plot, folded; parts apart by a line that no wish contains."""
        return self._still_texts + "\n" + _folded(self.rows["case_number"])

    @cached_property
    def _still_texts(self) -> pd.Series[str]:
        rows = self.rows
        joined = rows["contracts"].map(_folded_list).astype("str")
        for name in ("parcel_id", "holder", "park"):
            joined = joined + "\n" + _folded(rows[name])
        people = _folded(self.users["name"]) + "\n" + _folded(self.users["uscc"])
        of_plot = people.groupby(self.users["plot"]).agg("\n".join)
        return joined + "\n" + of_plot.reindex(rows.index).fillna("").astype("str")

    def totals(self, mask: Mask | None = None) -> dict[str, Any]:
        """Counts and mu of the plots in ``mask`` (all without one).

        ``classes``: class → ``count`` and ``mu`` (accounting area), in the order of the legend, for
        each class that the run knows or that occurs; ``total``; ``low_efficiency`` (flagged mu) and
        ``idle``; ``revitalised``: ``cases``, ``mu`` and ``floor_m2`` of the accepted parts of their
        cases that are not removed, each case once.
        """
        rows = self.rows if mask is None else self.rows[mask]
        area = rows["accounting_area_mu"].to_numpy()
        kind = rows["land_class"].to_numpy()
        low, idle = rows["is_low_efficiency"].to_numpy(), rows["is_idle"].to_numpy()
        flagged_mu = total(rows["flagged_area_mu"].to_numpy())
        classes = {one: (kind == one) for one in CLASSES}
        return {
            "classes": {
                one: {"count": int(member.sum()), "mu": total(area[member])}
                for one, member in classes.items()
                if member.any()
            },
            "total": {"count": len(rows), "mu": total(area)},
            "low_efficiency": {"count": int(low.sum()), "mu": flagged_mu},
            "idle": {"count": int(idle.sum()), "mu": total(area[idle])},
            "revitalised": self._revitalised(rows["parcel_id"]),
        }

    def _revitalised(self, parcels: pd.Series[str]) -> dict[str, Any]:
        """The accepted parts of the cases of some plots (the ledger's headline figure)."""
        cases = self.cases
        here = cases["parcel_id"].isin(parcels) & (cases["state"] != "removed")
        once = cases[here & (cases["accepted_mu"] > 0)].drop_duplicates("number")
        return {
            "cases": len(once),
            "mu": total(once["accepted_mu"].to_numpy(dtype=np.float64)),
            "floor_m2": total(once["accepted_floor_m2"].fillna(0).to_numpy(dtype=np.float64)),
        }


def plot_table(run: RunTables, cases: pd.DataFrame | None = None) -> PlotTable:
    """The plots of ``run``; ``cases`` is PLOT_CASES where there is a ledger.

    Parcels of ``cases`` that the run has not are left out.
    """
    latest = cases_of(run, cases)
    rows, users = plot_rows(run, latest), plot_users(run)
    examined = frozenset(run.manifest.get("examined", ("low_efficiency", "idle")))
    return PlotTable(rows, users, latest, run.rules, examined)


def _is_one_of(column: pd.Series[str], wanted: tuple[str, ...]) -> Mask:
    """Whether each text is wanted; a blank one is :data:`NONE`."""
    return column.isin(["" if one == NONE else one for one in wanted]).to_numpy()


def _folded(column: pd.Series[str]) -> pd.Series[str]:
    at, values = pd.factorize(column.fillna("").astype("object"))
    folded: npt.NDArray[np.object_] = np.array([fold(one) for one in values], dtype=object)
    return pd.Series(folded[at] if len(folded) else [], index=column.index, dtype="str")


def _folded_list(listed: str) -> str:
    return "\n".join(fold(one) for one in listed.split("; "))
