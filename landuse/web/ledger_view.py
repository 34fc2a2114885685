"""The ledger's figures and previews as cells of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from landuse import scaled
from landuse.ledger.states import word
from landuse.ledger.words import value_word
from landuse.messages import text

if TYPE_CHECKING:
    from landuse.issues import Issue
    from landuse.messages import Lang
    from landuse.pipeline.ledger_book_import import Preview
    from landuse.pipeline.ledger_book_new import OfficePreview
    from landuse.pipeline.ledger_book_units import Change, RowReport

__all__ = ["headings", "headline", "preview_rows", "preview_sums", "state_rows", "told"]

_SHOWN: Final = 300


def mu(area_e4: int) -> str:
    """Mu at two to four decimals."""
    return scaled.to_text(area_e4, scaled.MU, least=2)


def headline(totals: Mapping[str, Any], lang: Lang) -> str:
    """The headline figures as one sentence, as at the terminal."""
    head = totals["headline"]
    return text(
        "ledger_cli.headline",
        lang,
        cases=head["cases"],
        closed=head["closed_cases"],
        mu=mu(head["mu_e4"]),
        revitalised=mu(head["revitalised_mu_e4"]),
        floor=scaled.to_text(head["revitalised_floor_m2_e2"], scaled.FLOOR_M2) or "0",
        disposed=mu(head["disposed_mu_e4"]),
        planned=mu(head["planned_mu_e4"]),
        remaining=mu(head["remaining_mu_e4"]),
    )


def state_rows(totals: Mapping[str, Any], lang: Lang) -> list[tuple[str, ...]]:
    """Each state with cases: its word, cases, mu, disposed, accepted and remaining mu."""
    return [
        (
            word("state", state, lang),
            f"{one['cases']:,}",
            *(mu(one[f"{part}mu_e4"]) for part in ("", "disposed_", "accepted_", "remaining_")),
        )
        for state, one in totals["by_state"].items()
    ]


def told(issue: Issue, lang: Lang) -> str:
    """An issue as one line, with its column and what to do."""
    place = f"{issue.column}{'：' if lang == 'zh' else ': '}" if issue.column else ""
    hint = issue.hint(lang)
    return f"{place}{issue.message(lang)}{f' → {hint}' if hint else ''}"


def preview_rows(preview: Preview, lang: Lang) -> list[dict[str, Any]]:
    """What becomes of each case of the file: ``kind``, ``place``, ``case``, ``lines``."""
    return [
        {
            "kind": row.kind,
            "place": [
                text("ledger_book.place", lang, sheet=sheet, row=n) for sheet, n in row.places
            ],
            "case": row.parcels if row.kind == "new" else row.number or row.parcels,
            "changes": [_change(one, row, lang) for one in row.changes],
            "issues": [told(one, lang) for one in row.issues],
            "notes": [told(one, lang) for one in row.notes],
        }
        for row in preview.rows[:_SHOWN]
    ]


def preview_sums(preview: Preview, lang: Lang) -> str:
    """How many cases change, are new, are refused."""
    names = ("change", "new", "conflict", "illegal")
    counts: dict[str, object] = {
        name: sum(row.kind == name for row in preview.rows) for name in names
    }
    return text("ledger_book.preview_sums", lang, unchanged=preview.unchanged, **counts)


def _change(one: Change, row: RowReport, lang: Lang) -> str:
    column = one.column.heading(lang)
    if one.part:
        column = text("ledger_book.of_part", lang, part=one.part, column=column)
    name = one.column.field or one.column.name
    after = value_word(name, _plain(one.after), lang)
    if not row.number or row.kind == "new":
        return text("ledger_book.states", lang, column=column, value=after)
    before = value_word(name, _plain(one.before), lang)
    return text("ledger_book.changes_to", lang, column=column, before=before, after=after)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def headings(preview: OfficePreview, lang: Lang) -> list[tuple[str, str]]:
    """Their heading and what it was taken for (blank: kept in the notes)."""
    from landuse.schema.ledger_book import CASES

    ours = {column.name: column.zh if lang == "zh" else column.en for column in CASES}
    office = preview.office
    return [
        *((heading, ours[name]) for name, heading in office.headings.items()),
        *((heading, "") for heading in office.kept),
    ]
