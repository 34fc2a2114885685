"""The differentiated assessment: parks scored by the pack of their type and ranked within it.

Scores are exact fractions, rounded to 6 decimals before they are graded and ranked, so that
neither the order of the parks nor the unit in which a pack states its lines can show.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang, text
from landuse.parks.frames import typed
from landuse.parks.shown import UNITS, half_up, joined, number, ratio
from landuse.schema.park_results import ASSESSMENT, ASSESSMENT_PARTS

if TYPE_CHECKING:
    import pandas as pd

    from landuse.rules.park_pack import ParkIndicator, ParkRules

__all__ = ["assess_parks", "explain_assessment"]

_MILLION: Final = 1_000_000


def assess_parks(measures: pd.DataFrame, rules: ParkRules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ASSESSMENT (one row a park) and ASSESSMENT_PARTS (one an indicator of its type).

    ``measures`` is PARK_MEASURES. An indicator gives nothing at ``zero_at``, its weight at
    ``full_at`` and beyond, in a straight line between. A park that lacks one is ungraded, or
    (``missing = "left_out"``) scored on the others, their weights scaled up to the whole.
    """
    parks, parts = [], []
    for row in measures.sort_values("park").to_dict("records"):
        one = {str(name): value for name, value in row.items()}
        found, mine = _score(one, rules)
        parks.append(found)
        parts += mine
    _rank(parks)
    return typed(parks, ASSESSMENT), typed(parts, ASSESSMENT_PARTS)


def _score(row: dict[str, Any], rules: ParkRules) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    indicators = rules.types.get(str(row["park_type"]), ())
    parts = [_part(row, indicator) for indicator in indicators]
    missing = [part["indicator"] for part in parts if part["exact"] is None]
    given = [part for part in parts if part["exact"] is not None]
    score: Fraction | None = None
    if given and (not missing or rules.missing == "left_out"):
        reached = sum((part["exact"] for part in given), Fraction(0))
        weights = {indicator.key: indicator.weight for indicator in indicators}
        counted = sum((weights[part["indicator"]] for part in given), Fraction(0))
        score = reached * sum(weights.values(), Fraction(0)) / counted
    micro = None if score is None else round(score * _MILLION)
    status = "no_type" if not indicators else "ungraded" if micro is None else "graded"
    park = {
        "park": row["park"],
        "park_type": row["park_type"],
        "score": None if micro is None else micro / _MILLION,
        "micro": micro,
        "grade": "" if micro is None else _grade(micro, rules),
        "rank": None,
        "ranked": None,
        "status": status,
        "missing": joined(missing),
    }
    return park, parts


def _part(row: dict[str, Any], indicator: ParkIndicator) -> dict[str, Any]:
    """One indicator of one park: its value, and what it gives."""
    top = number(row[f"{indicator.numerator}_micro"])
    bottom = number(row[f"{indicator.denominator}_micro"])
    share = ratio(top, bottom)
    value = None if share is None else share * UNITS[indicator.unit]
    part = None if value is None else _points(value, indicator)
    return {
        "park": row["park"],
        "indicator": indicator.key,
        "numerator_micro": top,
        "denominator_micro": bottom,
        "value": None if value is None else float(value),
        "zero_at": float(indicator.zero_at),
        "full_at": float(indicator.full_at),
        "weight": float(indicator.weight),
        "part": None if part is None else float(part),
        "exact": part,
    }


def _grade(micro: int, rules: ParkRules) -> str:
    """The first grade whose line the score reaches."""
    return next(name for name, line in rules.grades.items() if micro >= line * _MILLION)


def _rank(parks: list[dict[str, Any]]) -> None:
    """Best first within each type; equal scores share the best place (1, 2, 2, 4)."""
    for kind in {park["park_type"] for park in parks}:
        scores = [p["micro"] for p in parks if p["park_type"] == kind and p["micro"] is not None]
        for park in parks:
            if park["park_type"] == kind and park["micro"] is not None:
                park["rank"] = 1 + sum(score > park["micro"] for score in scores)
                park["ranked"] = len(scores)


def explain_assessment(
    park: str, assessment: pd.DataFrame, parts: pd.DataFrame, rules: ParkRules, lang: Lang
) -> list[str]:
    """Why a park has its grade, sentence by sentence: the outcome, then each indicator.

    ``assessment`` and ``parts`` are the results of :func:`assess_parks`. ``KeyError`` for a park
    that is not in them.
    """
    row = {str(r["park"]): r for r in assessment.to_dict("records")}[park]
    kind = str(row["park_type"])
    indicators = {indicator.key: indicator for indicator in rules.types.get(kind, ())}
    values: dict[str, object] = {"park": park}
    if row["status"] == "graded":
        values |= {
            "type": text(f"parks.type_{kind}", lang), "grade": row["grade"],
            "score": half_up(Fraction(round(float(row["score"]) * _MILLION), _MILLION), 2),
            "rank": int(row["rank"]), "ranked": int(row["ranked"]),
        }  # fmt: skip
    elif row["status"] == "ungraded":
        names = [_title(indicators[key], lang) for key in str(row["missing"]).split("; ")]
        values["names"] = ("、" if lang == "zh" else ", ").join(names)
    sentences = [text(f"parks.explain_{row['status']}", lang, **values)]
    mine = parts[parts["park"] == park].to_dict("records")
    sentences += [_sentence(part, indicators[str(part["indicator"])], lang) for part in mine]
    return sentences


def _title(indicator: ParkIndicator, lang: Lang) -> str:
    return indicator.title_zh if lang == "zh" else indicator.title_en


def _sentence(part: dict[Any, Any], indicator: ParkIndicator, lang: Lang) -> str:
    top, bottom = number(part["numerator_micro"]), number(part["denominator_micro"])
    share = ratio(top, bottom)
    title = _title(indicator, lang)
    if share is None:
        return text("parks.explain_missing", lang, title=title)
    unit = text(f"parks.unit_{indicator.unit.replace('/', '_per_')}", lang)
    return text(
        "parks.explain_part", lang, title=title, unit=unit,
        value=half_up(share * UNITS[indicator.unit], 2), zero=_plain(indicator.zero_at),
        full=_plain(indicator.full_at), weight=_plain(indicator.weight),
        part=half_up(_points(share * UNITS[indicator.unit], indicator), 2),
    )  # fmt: skip


def _points(value: Fraction, indicator: ParkIndicator) -> Fraction:
    """What a value gives: from nothing at ``zero_at`` to the weight at ``full_at``."""
    along = (value - indicator.zero_at) / (indicator.full_at - indicator.zero_at)
    return indicator.weight * min(max(along, Fraction(0)), Fraction(1))


def _plain(value: Fraction) -> str:
    return f"{float(value):g}"
