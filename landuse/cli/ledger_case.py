"""One case on the terminal: what people wrote, what the runs computed, and what may come next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from landuse.cli import ledger_screen as screen
from landuse.ledger import states
from landuse.ledger.reading import findings_beside
from landuse.ledger.stale import in_words, local
from landuse.ledger.undo import undone
from landuse.messages import text

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

    from landuse.ledger.models import Case, CaseParcel, Event
    from landuse.ledger.reading import Beside
    from landuse.messages import Lang

__all__ = ["event_row", "show_case", "show_history"]

_WRITTEN: Final = (
    "park", "township", "address", "responsible_unit", "responsible_person", "issue_type",
    "progress", "problems", "notes",
)  # fmt: skip


def show_case(session: Session, case: Case, today: dt.date, lang: Lang) -> None:
    """Everything about one case."""
    _head(session, case, lang)
    live = [row.parcel_id for row in case.parcels if not row.removed]
    found = findings_beside(session, live)
    _parcels(case, {one.parcel_id for one in found}, lang)
    _parts(case, lang)
    _papers(case, lang)
    _beside(found, today, lang)
    _next(case, lang)


def _head(session: Session, case: Case, lang: Lang) -> None:
    from landuse.ledger.models import Case as Model

    former = session.get(Model, case.relapse_of) if case.relapse_of else None
    whole = session.get(Model, case.carried_from) if case.carried_from else None
    disposed = sum(part.mu_e4 or 0 for part in case.parts if not part.removed)
    state = screen.word("state", case.state, lang)
    if case.state == "deferred" and case.previous_state:
        before = screen.word("state", case.previous_state, lang)
        state = text("ledger_cli.deferred_from", lang, state=state, before=before)
    publication = " – ".join(
        screen.day(one) for one in (case.publication_from, case.publication_to) if one
    )
    values: list[tuple[str, object]] = [
        ("kind", screen.word("kind", case.kind, lang)),
        ("state", state),
        ("enterprises", case.original_enterprises),
        ("mu", screen.mu(case.case_mu_e4)),
        ("disposed", screen.mu(disposed)),
        ("remaining", screen.mu(case.case_mu_e4 - disposed)),
        ("floor", screen.floor(case.floor_area_m2_e2)),
        *((name, getattr(case, name)) for name in _WRITTEN),
        ("deadline", screen.day(case.deadline)),
        ("publication", publication),
        ("accepted_on", screen.day(case.accepted_on)),
        ("relapse_of", former.number if former else ""),
        ("carried_from", whole.number if whole else ""),
        ("opened", f"{local(case.opened_at)} {case.opened_by}"),
        ("revision", case.revision),
    ]
    screen.pairs(text("ledger_cli.title_case", lang, number=case.number), values, lang)


def _parcels(case: Case, found: set[str], lang: Lang) -> None:
    """The parcels; one that no run ever found (a case by hand) is not said to be still found."""
    cells = [
        (
            row.parcel_id,
            row.previously_part_of or "",
            text(f"ledger_cli.found_{_standing(row, found)}", lang),
        )
        for row in case.parcels
        if not row.removed
    ]
    title = text("ledger_cli.title_parcels", lang)
    screen.rows(title, ("parcel", "part_of", "still_found"), cells, lang)


def _standing(row: CaseParcel, found: set[str]) -> str:
    if not row.is_found:
        return "no"
    return "yes" if row.parcel_id in found else "never"


def _parts(case: Case, lang: Lang) -> None:
    cells = [
        (
            *(row.seq, screen.word("way", row.way, lang) if row.way else ""),
            *(screen.mu(row.mu_e4), screen.floor(row.floor_area_m2_e2), row.receiving_enterprise),
            *(screen.day(row.started_on), screen.day(row.accepted_on)),
        )
        for row in case.parts
        if not row.removed
    ]
    heads = ("n", "way", "mu", "floor", "receiver", "started_on", "accepted_on")
    screen.rows(text("ledger_cli.title_parts", lang), heads, cells, lang)


def _papers(case: Case, lang: Lang) -> None:
    cells = [
        (
            *(row.seq, screen.word("paper", row.kind, lang), row.name, screen.day(row.dated)),
            *(screen.day(row.served_on), screen.day(row.deadline), row.sha256[:12]),
        )
        for row in case.documents
        if not row.removed
    ]
    heads = ("n", "paper", "name", "dated", "served_on", "reply_by", "sha256")
    screen.rows(text("ledger_cli.title_papers", lang), heads, cells, lang)


def _beside(found: Sequence[Beside], today: dt.date, lang: Lang) -> None:
    """The computed figures; the clock of idle land is read on the day.

    A narrow terminal names the parcel only where there are several.
    """
    table = [
        {
            "kind": screen.word("kind", one.kind, lang),
            "parcel": one.parcel_id,
            "run": one.run_id,
            "as_of": one.as_of,
            "mu": screen.mu(one.mu_e4),
            "figures": _figures(one, today, lang),
        }
        for one in found
    ]
    heads = ["kind", "parcel", "run", "as_of", "mu", "figures"]
    if not screen.is_wide():
        single = len({one.parcel_id for one in found}) == 1
        heads = ["kind", *([] if single else ["parcel"]), "as_of", "mu", "figures"]
    cells = [[row[head] for head in heads] for row in table]
    screen.rows(text("ledger_cli.title_findings", lang), heads, cells, lang)


def _figures(one: Beside, today: dt.date, lang: Lang) -> str:
    detail = one.detail
    if one.kind == "idle":
        passed = [detail.get(name) for name in ("one_year_on", "two_years_on")]
        full = sum(day is not None and day <= today.isoformat() for day in passed)
        return text(
            "ledger_cli.figures_idle",
            lang,
            finding=_word("finding", detail.get("finding"), lang),
            cause=_word("cause", detail.get("cause"), lang),
            base=detail.get("base_on") or "?",
            years=full,
            consequence=_proposal(detail, lang),
        )
    units = detail.get("units") or []
    return "\n".join(
        text(
            "ledger_cli.figures_low",
            lang,
            name=unit.get("name") or unit.get("uscc"),
            score=unit.get("score"),
            rank=unit.get("rank"),
            n=unit.get("cohort_size"),
            cutoff=unit.get("cutoff_score"),
        )
        for unit in units
    )


def _proposal(detail: Mapping[str, Any], lang: Lang) -> str:
    code = detail.get("consequence")
    return text(f"idle.consequence_{code}" if code else "ledger_cli.nothing_proposed", lang)


def _word(group: str, code: object, lang: Lang) -> str:
    if not code:
        return text("ledger_cli.not_stated", lang)
    return text(f"idle.{group}_{code}", lang)


def _next(case: Case, lang: Lang) -> None:
    moves = states.allowed(case.state, case.previous_state)
    if not moves:
        screen.say("no_moves", lang)
        return
    cells = []
    for move in moves:
        returns = case.state == "deferred" and move != "removed"
        needs = () if returns else states.STATES[move].needs
        joint = "、" if lang == "zh" else ", "
        words = joint.join(states.word("need", need, lang) for need in needs)
        cells.append((f"{states.word('state', move, lang)} ({move})", words))
    screen.rows(text("ledger_cli.title_moves", lang), ("may_become", "needs"), cells, lang)


def event_row(event: Event) -> dict[str, Any]:
    """One event for programs."""
    names = ("id", "seq", "act", "by", "entity", "entity_seq", "field", "why", "undo_of")
    return {
        "at": event.at.isoformat(),
        **{name: getattr(event, name) for name in names},
        "before": event.before_json,
        "after": event.after_json,
    }


def show_history(events: Sequence[Event], lang: Lang) -> None:
    """Who changed what, when and why; the numbers are those that ``undo`` takes."""
    gone = undone(list(events))
    cells = []
    for event in events:
        words = in_words(event)
        marks = []
        if event.id in gone:
            marks.append(text("ledger_cli.mark_undone", lang))
        if event.undo_of is not None:
            marks.append(text("ledger_cli.mark_undoes", lang, n=event.undo_of))
        what = words[f"field_{lang}"]
        if event.entity not in ("case", "finding"):
            what = f"{words[f'entity_{lang}']} {event.entity_seq} · {what}"
        change = (
            text("ledger_cli.created", lang)
            if event.field == "*"
            else f"{words[f'before_{lang}']} → {words[f'after_{lang}']}"
        )
        why = " ".join(part for part in (event.why, *marks) if part)
        cells.append((event.id, words["at"], event.by, what, change, why))
    heads = ("event", "at", "by", "what", "change", "why")
    screen.rows("", heads, cells, lang)
