"""Contradictions as pages list them: both values, what they are about, and where each stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.parks.words import measure_word
from landuse.web.park_tables import word_of

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.park_site import ParkFigures

__all__ = ["BAD", "Faults", "counts", "faults_of"]

BAD: Final = ("wrong", "contradiction", "bound_fails", "cannot_tell")
"""Verdicts of the checker that somebody has to look at."""
_OF_PARKS: Final = ("parks", "park_tables")
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Faults:
    """``contradictions``: kind, whom, period, measure, stated, other, where, where;
    ``checked``: claim, subject, measure, period, stated, verdict, computed, where, remark;
    ``issues``: sentence, hint. What a reader may not see of files and rows is blank."""

    contradictions: list[dict[str, str]]
    checked: list[dict[str, str]]
    right: int
    issues: list[tuple[str, str]]


def faults_of(figures: ParkFigures, lang: Lang, *, park: str = "", full: bool) -> Faults:
    """Those of one park, or all of them. ``full``: with file, sheet and row, and the issues."""
    found = figures.once(("faults", lang, park), lambda: _all(figures, lang, park))
    if full:
        return found
    hidden = ("stated_at", "computed_from", "where", "problem")
    bare = [[{**row, **{name: "" for name in hidden if name in row}} for row in rows]
            for rows in (found.contradictions, found.checked)]  # fmt: skip
    return Faults(bare[0], bare[1], found.right, [])


def counts(figures: ParkFigures, parks: list[str]) -> dict[str, int]:
    """How many contradictions and stated figures that do not hold each park has."""
    frame = figures.book.contradictions
    mine = frame[frame["scope"].isin(["park", "park_scale"])]
    named = Counter(str(one).partition("|")[0] for one in mine["key"])
    checked = figures.book.checked
    subjects = [str(one) for one in checked.loc[checked["verdict"].isin(BAD), "subject"]]
    return {park: named[park] + sum(park in one for one in subjects) for park in parks}


def _all(figures: ParkFigures, lang: Lang, park: str) -> Faults:
    book = figures.book
    frame = book.contradictions
    if park:
        whose = frame["key"].str.partition("|")[0] if len(frame) else frame["key"]
        frame = frame[frame["scope"].isin(["park", "park_scale"]) & (whose == park)]
    checked = book.checked
    if park:
        checked = checked[checked["subject"].str.contains(park, regex=False)]
    bad = checked[checked["verdict"].isin(BAD)]
    issues = [(one.message(lang), one.hint(lang)) for one in book.log
              if one.code.partition(".")[0] in _OF_PARKS and _about(one, park)]  # fmt: skip
    return Faults(
        [_contradiction(row, lang) for row in frame.to_dict("records")],
        [_claim(row, lang) for row in bad.to_dict("records")],
        len(checked) - len(bad),
        issues[:_MOST],
    )


def _about(issue: Any, park: str) -> bool:  # noqa: ANN401 - an Issue
    """Whether an issue names the park: as its key, at its beginning, or in its sentence."""
    if not park:
        return True
    key = str(issue.key or "")
    return key == park or key.startswith(f"{park} ") or f"“{park}”" in issue.message("zh")


def _contradiction(row: dict[Any, Any], lang: Lang) -> dict[str, str]:
    whom = text("report.scope_city", lang) if row["scope"] == "city" else str(row["key"])
    return {
        "rule": word_of(f"report.rule_{row['rule']}", lang, str(row["rule"])),
        "whom": whom,
        "measure": measure_word(str(row["measure"]), lang),
        **{name: str(row[name]) for name in
           ("period", "stated", "computed", "stated_at", "computed_from")},
    }  # fmt: skip


def _claim(row: dict[Any, Any], lang: Lang) -> dict[str, str]:
    names = ("claim", "subject", "measure", "period", "stated", "inputs", "computed", "low",
             "high", "where", "problem")  # fmt: skip
    said = {name: str(row[name]) for name in names}
    code = str(row["verdict"])
    return {**said, "code": code, "verdict": word_of(f"report.verdict_{code}", lang, code)}
