"""The draft report on parks: its tables, its text, its pictures, written whole or not at all."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from landuse.errors import UserError
from landuse.messages import text
from landuse.parks.words import type_word
from landuse.pipeline import report_lists as lists
from landuse.pipeline import report_tables as made
from landuse.pipeline.enterprise import candidates, matched
from landuse.pipeline.report_facts import ISSUES_OF, facts, period_word
from landuse.pipeline.report_pictures import captions, draw
from landuse.pipeline.report_text import sections
from landuse.pipeline.report_writer import Writer
from landuse.publish.report.document import write_report
from landuse.publish.report.example import write_example
from landuse.publish.report.model import Book, Section, Table, plain
from landuse.publish.report.template import context_of, fill
from landuse.publish.report.workbook import write_tables
from landuse.publish.whole import whole_file
from landuse.schema.park_plots import PROPOSAL_REASONS, PROPOSALS
from landuse.schema.periods import Span, read_period

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook

__all__ = ["Report", "make_example", "make_report", "period_word", "report_of"]


@dataclass(frozen=True)
class Report:
    """A report before it is written."""

    title: str
    note: str
    book: Book
    sections: tuple[Section, ...]


def report_of(park_book: ParkBook, period: str, lang: Lang = "zh") -> Report:
    """Tables and text of the report on ``period``: a month, quarter, half-year or year.

    Raises :class:`landuse.errors.UserError` for a text that is no period, or one without figures.
    """
    span = read_period(period)
    figures = park_book.figures
    here = made.of_period(figures, span.text, span.cumulative)
    if here.empty:
        word = period_word(span, lang)
        raise UserError.of("report.no_period", value=word, known=_listed(figures, lang))
    book = Book(text("report.sheet", lang), figure=text("report.figure", lang))
    growing = candidates(park_book)
    found, why = matched(park_book)
    fits = int((found["status"] == "fits").sum())
    book.add(
        [
            facts(park_book, span, fits, growing, lang),
            made.land(park_book, lang), made.ratios(park_book, lang),
            lists.register(park_book, lang), lists.infrastructure(park_book, lang),
            made.economy(park_book, span.text, lang, span.cumulative),
            lists.clusters(here, lang), lists.scales(here, lang), *lists.firms(growing, lang),
            lists.projects_by_park(park_book, lang), *lists.signed(park_book, lang),
            made.promises(park_book, lang), lists.turned(park_book, lang),
            *lists.long_lists(park_book, lang), *_proposals(found, why, lang),
            lists.contradictions(park_book, lang), _checked(park_book, lang),
            _issues(park_book, lang),
        ]
    )  # fmt: skip
    book.pictures = captions(book, lang)
    word = period_word(span, lang)
    title = text("report.title", lang, name=plain(park_book.project.name), period=word)
    one = Writer(book, lang)
    known = {name: one.named("facts", (name,), "content") for name in ("period", "as_of", "year")}
    note = text("report.draft_note", lang) + one.say("about", **known)
    return Report(title, note, book, sections(book, span.label, lang))


def _listed(figures: pd.DataFrame, lang: Lang) -> str:
    """The periods that there are, the latest first, years before months."""
    pairs = figures[["period", "cumulative"]].drop_duplicates().itertuples(index=False)
    spans = [read_period(str(period), cumulative=bool(running)) for period, running in pairs]
    spans.sort(key=lambda one: (one.year, one.last, -one.first), reverse=True)
    words = [
        period_word(one, lang) + ("" if one.cumulative else f" ({one.text})")
        for one in spans[:_LISTED]
    ]
    return text("report.comma", lang).join(words) or text("report.no_periods", lang)


_LISTED: Final = 12


def _stem(span: Span) -> str:
    """The period in the name of a file: January to May is not May."""
    return f"{span.text}-cumulative" if span.cumulative else span.text


def _proposals(found: pd.DataFrame, why: pd.DataFrame, lang: Lang) -> list[Table]:
    names = ("offer", "demand", "name", "status", "points", "rank")
    reasons = ("offer", "demand", "criterion", "hard", "met", "wanted", "offered", "points",
               "weight")  # fmt: skip
    kinds = (why["criterion"] == "park_type").to_numpy()
    told = {}
    for name in ("wanted", "offered"):
        values = why[name].astype(object).to_numpy(copy=True)
        values[kinds] = [type_word(str(one), lang) for one in values[kinds]]
        told[name] = pd.Series(values, index=why.index, dtype="str")
    return [
        made.listing("proposals", found, PROPOSALS, names, lang),
        made.listing("reasons", why.assign(**told), PROPOSAL_REASONS, reasons, lang),
    ]


def _checked(park_book: ParkBook, lang: Lang) -> Table:
    frame = park_book.checked.copy()
    frame["verdict"] = [text(f"report.verdict_{one}", lang) for one in frame["verdict"]]
    frame["relation"] = [text(f"report.relation_{one}", lang) for one in frame["relation"]]
    names = ("claim", "where", "subject", "measure", "period", "relation", "stated", "inputs",
             "verdict", "computed", "low", "high", "problem")  # fmt: skip
    return made.sheet_of("checked", frame, names, lang)


def _issues(park_book: ParkBook, lang: Lang) -> Table:
    said = [
        {"code": one.code, "message": one.message(lang)}
        for one in park_book.log
        if one.code.partition(".")[0] in ISSUES_OF
    ]
    frame = pd.DataFrame(said, columns=["code", "message"], dtype="str")
    return made.sheet_of("issues", frame, ("code", "message"), lang)


def make_example(
    park_book: ParkBook, period: str, out: Path, *, lang: Lang = "zh", over: bool = False
) -> Path:
    """Write ``report-template.docx`` into ``out``: a template to begin with, and every name that a
    template can use. Raises :class:`landuse.errors.UserError` as :func:`make_report` does."""
    report = report_of(park_book, period, lang)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "report-template.docx"
    with whole_file(path, over=over) as part:
        write_example(report.sections, report.book, park_book.as_of, part, lang)
    return path


def make_report(
    park_book: ParkBook,
    period: str,
    out: Path,
    *,
    lang: Lang = "zh",
    template: Path | None = None,
    over: bool = False,
) -> tuple[Path, Path]:
    """Write ``report-PERIOD.docx`` and ``.xlsx`` into the folder ``out``; both or none of them.

    Raises :class:`landuse.errors.UserError` where they exist (unless ``over``), for a bad template,
    and where no Chinese font is there for the pictures.
    """
    report = report_of(park_book, period, lang)
    out.mkdir(parents=True, exist_ok=True)
    stem = f"report-{_stem(read_period(period))}"
    document, workbook = out / f"{stem}.docx", out / f"{stem}.xlsx"
    with (
        tempfile.TemporaryDirectory() as scratch,
        whole_file(workbook, over=over) as two,
        whole_file(document, over=over) as one,
    ):
        heading, filled = (report.title, report.note), Path(scratch) / "filled.docx"
        if template is not None:  # before the pictures: whoever has to mend it does not wait
            fill(template, context_of(report.sections, report.book, heading), filled)
        pictures = draw(park_book, report.book, Path(scratch), lang)
        write_report(
            report.sections, report.book, pictures, heading, park_book.as_of, one, lang,
            filled if template is not None else None,
        )  # fmt: skip
        write_tables(report.book, report.title, park_book.as_of, two, lang)
    return document, workbook
