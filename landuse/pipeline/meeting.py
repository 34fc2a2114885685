"""The minutes of a meeting, from the ledger to the files that people sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.ledger.days import LOCAL, day_of
from landuse.ledger.meetings import Minutes, MinutesRow, VerdictSum, minutes
from landuse.ledger.states import word
from landuse.messages import text
from landuse.publish.minutes import MinutesContent, MinutesLine, MinutesSum, write_minutes
from landuse.scaled import MU, to_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from landuse.ledger.store import Ledger
    from landuse.messages import Lang

__all__ = ["minutes_content", "write_meeting"]


def write_meeting(
    ledger: Ledger,
    number: str,
    path: Path,
    *,
    about: Mapping[str, str],
    lang: Lang = "zh",
    over: bool = False,
) -> None:
    """Write the minutes of the meeting ``number`` as ``.docx`` or ``.xlsx``.

    ``about`` names the plots without a verdict (parcel code → holder, enterprise). Raises
    :class:`landuse.errors.UserError`.
    """
    with ledger.read() as session:
        found = minutes(session, number)
    write_minutes(minutes_content(found, about, lang), path, lang=lang, over=over)


def minutes_content(found: Minutes, about: Mapping[str, str], lang: Lang = "zh") -> MinutesContent:
    """What the minutes say, in words."""
    meeting = found.meeting
    facts = [
        ("number", meeting.number),
        ("run", meeting.run_id),
        ("opened", _when(meeting.opened_at, meeting.opened_by, lang)),
        ("agenda", text("minutes.agenda_of", lang, n=len(meeting.agenda))),
    ]
    if meeting.closed_at is not None:
        facts.insert(3, ("closed", _when(meeting.closed_at, meeting.closed_by, lang)))
    return MinutesContent(
        number=meeting.number,
        title=text("minutes.title", lang, title=meeting.title),
        facts=tuple((text(f"minutes.{name}", lang), said) for name, said in facts),
        lines=tuple(_line(row, lang) for row in found.rows),
        sums=tuple(_sum(one, lang) for one in found.sums),
        whole=_sum(found.whole, lang),
        undecided=tuple((parcel, about.get(parcel, "")) for parcel in found.undecided),
        day=day_of(meeting.closed_at or meeting.opened_at),
        is_open=meeting.closed_at is None,
    )


def _moment(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def _when(at: datetime, by: str, lang: Lang) -> str:
    return text("minutes.when_and_who", lang, at=_moment(at), by=by)


def _line(row: MinutesRow, lang: Lang) -> MinutesLine:
    line = row.line
    remarks = []
    if not row.on_agenda:
        remarks.append(text("minutes.not_on_agenda", lang))
    if not row.stands:
        remarks.append(text("minutes.undone", lang, by=line.undone_by))
    if row.undone_later:
        remarks.append(text("minutes.undone_later", lang, by=line.undone_by))
    if line.opened_case:
        remarks.append(text("minutes.opened_case", lang))
    if line.deciding_authority:
        remarks.append(text("minutes.authority", lang, value=line.deciding_authority))
    return MinutesLine(
        parcel_id=line.parcel_id,
        number=line.number,
        enterprises=line.enterprises,
        mu=_mu(line.mu_e4),
        verdict=text(f"review.verdict_{line.verdict}", lang),
        move=_move(line.from_state, line.to_state, lang),
        comment=line.comment,
        by=line.by,
        at=_moment(line.at),
        remark=("；" if lang == "zh" else "; ").join(remarks),
    )


def _mu(mu_e4: int) -> str:
    """All four decimals, so that a column of them stands in line.

    >>> _mu(500_000)
    '50.0000'
    """
    return f"{to_decimal(mu_e4, MU):.{MU}f}"


def _move(before: str, after: str, lang: Lang) -> str:
    named = [word("state", state, lang) for state in (before, after) if state]
    return " → ".join(dict.fromkeys(named))


def _sum(one: VerdictSum, lang: Lang) -> MinutesSum:
    label = f"review.verdict_{one.verdict}" if one.verdict else "minutes.whole"
    return MinutesSum(text(label, lang), one.plots, one.cases, _mu(one.mu_e4))
