"""Cases of the ledger as rows of its workbook: what is shown, and what is compared on return."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from landuse.ledger.book import BookCase, Found, Paper
from landuse.ledger.states import allowed, word
from landuse.messages import text
from landuse.publish.ledger_book_view import Key
from landuse.publish.words import idle, idle_list, number, yes_no

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = [
    "PART_COLUMNS",
    "Seen",
    "case_cells",
    "case_row",
    "idle_rows",
    "part_key",
    "part_rows",
    "remaining",
]

PART_COLUMNS: Final = {
    "way": "way",
    "part_mu_e4": "mu_e4",
    "part_floor_m2_e2": "floor_area_m2_e2",
    "receiving_enterprise": "receiving_enterprise",
    "started_on": "started_on",
    "part_accepted_on": "accepted_on",
}
"""Columns of the workbook that hold a field of a part."""
_TAX: Final = "tax_wan_per_mu"
_TAX_BEFORE: Final = f"last_year_{_TAX}"
_BETWEEN: Final = "、"
_USCC: Final = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUW-Y]{18}(?![0-9A-Z])")
"""A credit code that somebody wrote beside the enterprise."""
_COPIED: Final = (
    "number", "original_enterprises", "address", "township", "park", "case_mu_e4",
    "floor_area_m2_e2", "kind", "state", "responsible_unit", "responsible_person", "deadline",
    "issue_type", "problems", "progress", "notes", "publication_from", "publication_to",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What runs say beside the cases: findings by kind and parcel, newest first."""

    findings: Mapping[tuple[str, str], Sequence[Found]] = field(default_factory=dict)
    years: tuple[int, int] | None = None

    def of(self, case: BookCase) -> list[tuple[str, Sequence[Found]]]:
        """The findings on the parcels of a case by kind, without those of other kinds of case."""
        kinds = ("low_efficiency", "idle") if case.values["kind"] == "both" else (
            case.values["kind"],
        )  # fmt: skip
        return [
            (kind, self.findings[kind, parcel])
            for parcel in case.parcels
            for kind in kinds
            if (kind, parcel) in self.findings
        ]


def part_key(number: str, seq: int) -> str:
    """The hidden key of a part."""
    return f"{number}/{seq}"


def remaining(case: BookCase) -> int:
    """Case mu less the mu of its parts, mu × 10⁴."""
    return int(case.values["case_mu_e4"]) - sum(part["mu_e4"] or 0 for part in case.parts)


def case_row(case: BookCase, seen: Seen, lang: Lang, place: int) -> tuple[Key, dict[str, Any]]:
    """The row of a case with its hidden key; ``place`` is its running number."""
    row = {"seq_no": place, **case_cells(case, seen, lang)}
    return Key(case.number, case.revision, case.check), row


def case_cells(case: BookCase, seen: Seen, lang: Lang) -> dict[str, Any]:
    """The cells of a case by column name."""
    values = case.values
    row: dict[str, Any] = {name: values[name] for name in _COPIED}
    found = seen.of(case)
    row |= {
        "parcels": _BETWEEN.join(case.parcels),
        "uscc": _codes(found) or _BETWEEN.join(_USCC.findall(values["original_enterprises"])),
        "remaining_mu_e4": remaining(case),
        "finding": _finding(case, found, lang),
        "allowed": _allowed(values, lang),
        "several": len(case.parts) > 1,
        **_taxes(found, seen.years),
        **_disposal(case.parts),
    }
    return row


def _codes(found: Sequence[tuple[str, Sequence[Found]]]) -> str:
    codes: dict[str, None] = {}
    for _, years in found:
        ordered = sorted(
            years[0].enterprises, key=lambda one: (-(one.get("area_mu_e4") or 0), one["uscc"])
        )
        codes.update(dict.fromkeys(one["uscc"] for one in ordered if one.get("uscc")))
    return _BETWEEN.join(codes)


def _taxes(
    found: Sequence[tuple[str, Sequence[Found]]], years: tuple[int, int] | None
) -> dict[str, float | None]:
    """Tax per mu of the flagged enterprise with the lowest score, of the two years.

    The year before is that of its own run; without one, what the run of this year knows of it
    (last year's tax on this year's land).
    """
    taxes: dict[str, float | None] = {"tax_this_year": None, "tax_year_before": None}
    if years is None:
        return taxes
    for kind, runs in found:
        for one in runs:
            if kind == "low_efficiency" and one.year in years:
                name = "tax_this_year" if one.year == years[0] else "tax_year_before"
                if taxes[name] is None:
                    taxes[name] = one.detail.get(_TAX)
    if taxes["tax_year_before"] is None:
        taxes["tax_year_before"] = next(
            (one.detail.get(_TAX_BEFORE) for kind, runs in found for one in runs
             if kind == "low_efficiency" and one.year == years[0]), None,
        )  # fmt: skip
    return taxes


def _disposal(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The columns of a part: of the only one, or what several come to."""
    if not parts:
        return dict.fromkeys(PART_COLUMNS)
    if len(parts) == 1:
        return {column: parts[0][name] for column, name in PART_COLUMNS.items()}
    started = [part["started_on"] for part in parts]
    accepted = [part["accepted_on"] for part in parts]
    receivers = dict.fromkeys(
        part["receiving_enterprise"] for part in parts if part["receiving_enterprise"]
    )
    return {
        "way": tuple(dict.fromkeys(part["way"] for part in parts if part["way"])),
        "part_mu_e4": sum(part["mu_e4"] or 0 for part in parts),
        "part_floor_m2_e2": sum(part["floor_area_m2_e2"] or 0 for part in parts) or None,
        "receiving_enterprise": _BETWEEN.join(receivers),
        "started_on": min((day for day in started if day), default=None),
        "part_accepted_on": max(accepted) if all(accepted) else None,
    }


def _allowed(values: Mapping[str, Any], lang: Lang) -> str:
    joint = "、" if lang == "zh" else ", "
    states = allowed(values["state"], values["previous_state"])
    return joint.join(word("state", state, lang) for state in states)


def _finding(case: BookCase, found: Sequence[tuple[str, Sequence[Found]]], lang: Lang) -> str:
    if not found:
        return text("ledger_book.finding_none", lang)
    said = [] if case.is_found else [text("ledger_book.finding_lost", lang)]
    for kind, years in found:
        one = years[0]
        detail = one.detail
        if kind == "idle":
            said.append(
                text(
                    "ledger_book.finding_idle", lang, as_of=one.as_of.isoformat(),
                    finding=idle("finding", detail.get("finding") or "", lang),
                    base=detail.get("base_on") or "—",
                )
            )  # fmt: skip
        else:
            said.append(
                text(
                    "ledger_book.finding_low", lang, as_of=one.as_of.isoformat(),
                    score=number(detail.get("score"), 4), rank=detail.get("rank") or "—",
                    n=detail.get("cohort_size") or "—",
                )
            )  # fmt: skip
    return ("；" if lang == "zh" else "; ").join(dict.fromkeys(said))


def part_rows(cases: Sequence[BookCase]) -> list[tuple[Key, dict[str, Any]]]:
    """One row a part of the cases, in their order."""
    rows: list[tuple[Key, dict[str, Any]]] = []
    for case in cases:
        shared = {name: case.values[name] for name in
                  ("number", "original_enterprises", "park", "case_mu_e4", "state")}  # fmt: skip
        check = case.check if case.parts else ""
        for part in case.parts:
            row = {
                **shared,
                "seq_no": len(rows) + 1,
                "part_no": part["seq"],
                "parcels": _BETWEEN.join(case.parcels),
                "remaining_mu_e4": remaining(case),
                **{column: part[name] for column, name in PART_COLUMNS.items()},
            }
            key = Key(part_key(case.number, part["seq"]), case.revision, check)
            rows.append((key, row))
    return rows


def idle_rows(
    cases: Sequence[BookCase], seen: Seen, papers: Mapping[int, Sequence[Paper]], lang: Lang
) -> list[dict[str, Any]]:
    """One row a contract of each case of idle land, with its clock."""
    rows: list[dict[str, Any]] = []
    for case in cases:
        if case.values["kind"] == "low_efficiency":
            continue
        shared = {name: case.values[name] for name in (
            "number", "address", "case_mu_e4", "state", "responsible_unit", "responsible_person",
            "deadline", "accepted_on", "notes",
        )}  # fmt: skip
        shared["parcels"] = _BETWEEN.join(case.parcels)
        shared["papers"] = _papers(papers.get(case.key, ()), lang)
        found = [years[0].detail for kind, years in seen.of(case) if kind == "idle"]
        contracts = [one for detail in found for one in detail.get("contracts") or [detail]]
        rows += [
            {"seq_no": len(rows) + at, **shared, **_clock(one, lang)}
            for at, one in enumerate(contracts or [{}], 1)
        ]
    return rows


def _clock(one: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    fee = one.get("fee_wan_e6")
    days = {name: _day(one.get(name)) for name in ("base_on", "one_year_on", "two_years_on")}
    return {
        "contract_no": one.get("contract_no") or "",
        "holder": one.get("holder") or "",
        "finding": idle("finding", one.get("finding") or "", lang),
        "cause": idle("cause", one.get("cause") or "", lang),
        "consequence": _proposal(one, lang),
        "fee_wan": None if fee is None else fee / 1e6,
        "late_delivery": yes_no(one.get("late_delivery"), lang) if one else "",
        **days,
    }


def _proposal(one: Mapping[str, Any], lang: Lang) -> str:
    """What is proposed, and what the report asks for."""
    said = [idle("consequence", one.get("consequence") or "", lang)]
    if one.get("missing"):
        said.append(
            text("ledger_book.to_fill_in", lang, value=idle_list("name", one["missing"], lang))
        )
    return ("；" if lang == "zh" else "; ").join(part for part in said if part)


def _day(written: object) -> dt.date | None:
    return dt.date.fromisoformat(written) if isinstance(written, str) and written else None


def _papers(papers: Sequence[Paper], lang: Lang) -> str:
    said = []
    for paper in papers:
        named = not paper.kind or paper.kind == "other"
        kind = paper.name if named else word("paper", paper.kind, lang)
        day = paper.served_on or paper.dated
        said.append(
            text("ledger_book.paper_dated", lang, kind=kind, day=day.isoformat()) if day else kind
        )
    return ("；" if lang == "zh" else "; ").join(said)
