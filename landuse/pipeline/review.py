"""What a reviewer works with: plots in order, one plot with all that is known, and their verdicts.

Composes the run, the ledger and the words of both; the pages and the API stand on it. Reads no
clock: who decides says when.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.ledger.meetings import MeetingLine, minutes, running_meeting
from landuse.ledger.plot_cases import plot_cases
from landuse.ledger.plot_facts import PlotFacts
from landuse.ledger.proposing import proposal_of
from landuse.ledger.reviews import ReviewLine, reviews_of
from landuse.ledger.states import allowed
from landuse.ledger.verdicts import VERDICTS, Proposal, VerdictNeeds, current_case, proposal, record
from landuse.pipeline.ledger_runs import read_run, shapes_in
from landuse.publish.plot_card import PlotCard, Spreads, plot_card, spreads
from landuse.publish.plot_list import ORDERS, in_order
from landuse.publish.plots import PlotTable, plot_table
from landuse.scaled import MU, parse
from landuse.schema.plot_filter import PlotFilter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Unpack

    import numpy as np
    import numpy.typing as npt
    from sqlalchemy.orm import Session

    from landuse.messages import Lang
    from landuse.pipeline.site import Site, SiteRun

__all__ = [
    "AGENDAS",
    "ListWish",
    "PlotReview",
    "Progress",
    "decide",
    "listed",
    "plot_facts",
    "plot_review",
    "progress",
    "state_of_plots",
]

AGENDAS: Final = ("", "agenda", "left")
"""All plots; those of the open meeting's agenda; those of them without a verdict."""


@dataclass(frozen=True, slots=True)
class ListWish:
    """Which plots in which order: a filter, one of ``ORDERS``, one of :data:`AGENDAS`."""

    filter: PlotFilter = field(default_factory=PlotFilter)
    order: str = ORDERS[0]
    agenda: str = ""

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]]) -> ListWish:
        """The wish of an address; an unknown order or agenda is the usual one.

        Raises :class:`landuse.errors.UserError` for a filter that cannot be.
        """
        given = list(pairs)
        last = dict(given)
        order, agenda = last.get("order", ""), last.get("agenda", "")
        return cls(
            PlotFilter.from_query(given),
            order if order in ORDERS else ORDERS[0],
            agenda if agenda in AGENDAS else "",
        )

    def to_query(self) -> list[tuple[str, str]]:
        """Names and values that :meth:`from_query` reads back."""
        pairs = self.filter.to_query()
        if self.order != ORDERS[0]:
            pairs.append(("order", self.order))
        if self.agenda:
            pairs.append(("agenda", self.agenda))
        return pairs


@dataclass(frozen=True, slots=True)
class Progress:
    """The open meeting on a run: how many plots of its agenda have a standing verdict."""

    meeting: MeetingLine
    total: int
    undecided: frozenset[str]

    @property
    def decided(self) -> int:
        """Plots of the agenda with a verdict."""
        return self.total - len(self.undecided)


@dataclass(frozen=True, slots=True)
class PlotReview:
    """One plot as its reviewer sees it: the card of the run, its case, what each verdict would do.

    ``case`` is the row of PLOT_CASES (``None`` without a case) with ``history`` (list of acts);
    ``moves`` the states that its case may go to, ``proposals`` one a verdict.
    """

    card: PlotCard
    case: dict[str, Any] | None
    moves: tuple[str, ...]
    proposals: tuple[Proposal, ...]
    reviews: tuple[ReviewLine, ...]
    progress: Progress | None


def listed(
    table: PlotTable, wish: ListWish, meeting: Progress | None = None
) -> npt.NDArray[np.intp]:
    """Places of the wished plots, in the wished order."""
    mask = table.filter(wish.filter)
    if wish.agenda and meeting is not None:
        wanted = meeting.meeting.agenda if wish.agenda == "agenda" else meeting.undecided
        mask = mask & table.rows["parcel_id"].isin(wanted).to_numpy()
    return in_order(table, mask, wish.order)


def progress(session: Session, run_id: str) -> Progress | None:
    """The open meeting on a run and how far it is."""
    meeting = running_meeting(session, run_id)
    if meeting is None:
        return None
    left = frozenset(minutes(session, meeting.number).undecided)
    return Progress(meeting, len(meeting.agenda), left)


def state_of_plots(session: Session) -> dict[str, str]:
    """Parcel → state of its latest case, for every parcel that has one."""
    cases = plot_cases(session)
    return dict(zip(cases["parcel_id"], cases["state"], strict=True))


def plot_review(
    site: Site, run_id: str, parcel_id: str, *, authority: bool, lang: Lang
) -> PlotReview:
    """All that stands on the card of a plot. ``authority``: who looks may confirm (认定).

    Raises :class:`landuse.errors.UserError` where the run has no such plot.
    """
    facts = plot_facts(site, run_id, parcel_id)
    with site.ledger().read() as session:
        case = _case(session, parcel_id)
        moves = _moves(session, parcel_id)
        offered = tuple(
            proposal(session, run_id, parcel_id, verdict, authority=authority, plot=facts)
            for verdict in VERDICTS
        )
        reviews = tuple(reviews_of(session, parcel_id=parcel_id, limit=50))
        meeting = progress(session, run_id)
    card = _card(site, run_id, parcel_id, case, lang)
    return PlotReview(card, case, moves, offered, reviews, meeting)


def _card(
    site: Site, run_id: str, parcel_id: str, case: dict[str, Any] | None, lang: Lang
) -> PlotCard:
    run = site.tables(run_id)
    spread: Spreads = site.once(run_id, "spreads", lambda _: spreads(run))
    found = run.parcels.loc[run.parcels["parcel_id"] == parcel_id, "land_class"]
    done = case is not None and case["state"] == "closed" and case["accepted_on"] is not None
    kind = "revitalised" if done else str(found.iloc[0]) if len(found) else ""
    card = plot_card(run, parcel_id, kind, spread, lang) if kind else None
    if card is None:
        raise UserError.of("review.unknown_plot", key=parcel_id)
    return card


def _case(session: Session, parcel_id: str) -> dict[str, Any] | None:
    rows = plot_cases(session, [parcel_id]).to_dict("records")
    if not rows:
        return None
    row = {str(name): value for name, value in rows[0].items()}
    for name in ("accepted_on", "deadline"):
        row[name] = None if row[name] != row[name] or row[name] is None else row[name].date()
    row["history"] = json.loads(str(row.pop("history_json")))
    return row


def _moves(session: Session, parcel_id: str) -> tuple[str, ...]:
    case = current_case(session, parcel_id)
    return () if case is None else allowed(case.state, case.previous_state)


def plot_facts(site: Site, run_id: str, parcel_id: str) -> PlotFacts | None:
    """What a case of this plot would begin with: what the run found on it, else its own figures.

    ``None`` where the run has no such plot.
    """
    found = site.once(run_id, "facts", _facts_of_run).get(parcel_id)
    if found is not None:
        return found
    table: PlotTable = site.once(run_id, "plots", lambda _: plot_table(site.tables(run_id)))
    rows = table.rows[table.rows["parcel_id"] == parcel_id]
    if rows.empty:
        return None
    row = rows.iloc[0]
    return PlotFacts(
        kind="low_efficiency",
        mu_e4=parse(f"{float(row['accounting_area_mu']):.{MU}f}", MU),
        enterprises=_people(table, parcel_id) or str(row["holder"]),
        park=str(row["park"]),
        township=str(row["township"]),
        geometry=shapes_in(site.run(run_id).folder, [parcel_id])[parcel_id],
    )


def _people(table: PlotTable, parcel_id: str) -> str:
    users = table.users[table.users["parcel_id"] == parcel_id]
    ordered = users.sort_values(["area_mu", "uscc"], ascending=[False, True])
    return "、".join(str(name or code) for name, code in zip(ordered["name"], ordered["uscc"],
                                                            strict=True))  # fmt: skip


def _facts_of_run(run: SiteRun) -> dict[str, PlotFacts]:
    recorded = read_run(run.folder)
    by_parcel: dict[str, dict[str, dict[str, Any]]] = {}
    for row in recorded.findings.to_dict("records"):
        named = {str(name): value for name, value in row.items()}
        by_parcel.setdefault(str(row["parcel_id"]), {})[str(row["kind"])] = named
    found = {}
    for parcel, rows in by_parcel.items():
        one = proposal_of(parcel, rows)
        found[parcel] = PlotFacts(
            one.kind, one.mu_e4, one.original_enterprises, one.park, one.township, one.geometry,
            is_found=True, as_of=recorded.as_of,
        )  # fmt: skip
    return found


def decide(
    site: Site,
    run_id: str,
    parcel_id: str,
    verdict: str,
    *,
    by: str,
    at: datetime,
    authority: bool,
    comment: str = "",
    expected_revision: int | None = None,
    expected_number: str = "",
    meeting: str = "",
    **needs: Unpack[VerdictNeeds],
) -> ReviewLine:
    """Take a verdict on a plot of a run; see :func:`landuse.ledger.verdicts.record`."""
    facts = plot_facts(site, run_id, parcel_id)
    if facts is None:
        raise UserError.of("review.unknown_plot", key=parcel_id)

    def work(session: Session) -> ReviewLine:
        return record(
            session,
            run_id,
            parcel_id,
            verdict,
            comment=comment,
            by=by,
            at=at,
            expected_revision=expected_revision,
            expected_number=expected_number,
            meeting=meeting,
            authority=authority,
            plot=facts,
            **needs,
        )

    return site.ledger().transact(work)
