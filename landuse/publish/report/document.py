"""The report as a Word document: sections with cited figures, pictures, and own templates.

Text only ever becomes text runs, so that a hostile name stays a name: a template knows whole
paragraphs as placeholders and evaluates nothing.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.minutes_document import same_bytes
from landuse.publish.report.model import CITED, Book, Number, Section
from landuse.publish.visible import visible

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["write_report"]

_PLACE: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_FONT: Final = "宋体"
_WIDTH_CM: Final = 16.0
_MOST_COLUMNS: Final = 8


def write_report(
    sections: Sequence[Section],
    book: Book,
    pictures: Mapping[str, Path],
    heading: tuple[str, str],
    day: dt.date,
    path: Path,
    lang: Lang,
    template: Path | None = None,
) -> None:
    """Write the document; ``heading`` is title and note below it.

    ``template``: a .docx whose paragraphs ``{{title}}``, ``{{note}}`` and ``{{land}}`` … are
    replaced by what they name. Raises :class:`landuse.errors.UserError` for a template that cannot
    be opened or names something unknown.
    """
    import docx

    document = docx.Document() if template is None else _opened(template)
    if template is None:
        _page(document)
        document.add_heading(visible(heading[0]), level=0)
        _paragraph(document.add_paragraph(), heading[1])
        for section in sections:
            document.add_heading(visible(section.title), level=1)
            _section(document, None, section, book, pictures)
    else:
        _fill(document, sections, book, pictures, heading)
    about = document.core_properties
    about.title, about.author, about.comments = visible(heading[0]), "landuse", ""
    about.created = about.modified = dt.datetime.combine(day, dt.time())
    about.last_modified_by, about.revision = "landuse", 1
    about.language = "zh-CN" if lang == "zh" else "en"
    document.save(str(path))
    same_bytes(path)


def _opened(template: Path) -> Any:  # noqa: ANN401 - untyped library
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    if not template.is_file():
        raise UserError.of("report.template_absent", value=str(template))
    try:
        return docx.Document(str(template))
    except (PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile, OSError) as fault:
        raise UserError.of("report.template_unreadable", value=str(template)) from fault


def _page(document: Any) -> None:  # noqa: ANN401
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.3)
    for name in ("Normal", "Title", "Heading 1"):
        font = document.styles[name].font
        font.name = _FONT
        font.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    document.styles["Title"].font.size = Pt(20)
    document.styles["Normal"].font.size = Pt(11)


def _paragraph(paragraph: Any, said: str) -> None:  # noqa: ANN401
    """A text with its references small and grey."""
    from docx.shared import Pt, RGBColor

    at = 0
    for match in [*CITED.finditer(said), None]:
        end = len(said) if match is None else match.start()
        if end > at:
            paragraph.add_run(visible(said[at:end]))
        if match is not None:
            run = paragraph.add_run(visible(match[0]))
            run.font.size, run.font.color.rgb = Pt(7), RGBColor(0x76, 0x76, 0x76)
            at = match.end()


def _section(
    document: Any,  # noqa: ANN401
    before: Any,  # noqa: ANN401
    section: Section,
    book: Book,
    pictures: Mapping[str, Path],
) -> None:
    """Paragraphs, tables and pictures at the end, or ``before`` a paragraph."""
    from docx.shared import Cm

    def place(element: Any) -> Any:  # noqa: ANN401
        if before is not None:
            before._p.addprevious(element._element)  # noqa: SLF001 - no other way
        return element

    for said in section.paragraphs:
        _paragraph(place(document.add_paragraph()), said)
    for key in section.tables:
        _table(document, place, key, book)
    for key in section.pictures:
        if key in pictures:
            place(document.add_paragraph()).add_run().add_picture(
                str(pictures[key]), width=Cm(_WIDTH_CM)
            )


def _table(document: Any, place: Any, key: str, book: Book) -> None:  # noqa: ANN401
    """A small table as it stands in the workbook, its first columns."""
    table = book.tables[key]
    columns = list(table.columns)[:_MOST_COLUMNS]
    if not table.rows:
        return
    caption = place(document.add_paragraph())
    caption.add_run(visible(f"{book.name(key)} {table.title}")).bold = True
    grid = document.add_table(rows=1, cols=len(columns))
    grid.style = "Table Grid" if "Table Grid" in [s.name for s in document.styles] else None
    place(grid)
    for cell, name in zip(grid.rows[0].cells, columns, strict=True):
        cell.paragraphs[0].add_run(visible(table.columns[name])).bold = True
    for cells in table.rows.values():
        for cell, name in zip(grid.add_row().cells, columns, strict=True):
            value = cells.get(name)
            cell.text = visible(value.text if isinstance(value, Number) else value or "")
    place(document.add_paragraph())


def _fill(
    document: Any,  # noqa: ANN401
    sections: Sequence[Section],
    book: Book,
    pictures: Mapping[str, Path],
    heading: tuple[str, str],
) -> None:
    known = {section.key: section for section in sections}
    words = {"title": heading[0], "note": heading[1]}
    paragraphs = _paragraphs_of(document)
    named = [(one, _PLACE.findall(one.text)) for one in paragraphs]
    wrong = sorted({n for _, names in named for n in names if n not in known and n not in words})
    if wrong:
        listed = "、".join([*words, *known])
        raise UserError.of("report.template_unknown", value=", ".join(wrong), known=listed)
    for paragraph, names in named:
        for name in names:
            if name in known:
                _section(document, paragraph, known[name], book, pictures)
        if any(name in known for name in names):
            paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001
        elif names:
            said = _PLACE.sub(lambda found: words[found[1]], paragraph.text)
            for run in paragraph.runs[1:]:
                run.text = ""
            run = paragraph.runs[0] if paragraph.runs else paragraph.add_run()
            run.text = visible(said)


def _paragraphs_of(document: Any) -> list[Any]:  # noqa: ANN401
    """Paragraphs of the body and of its tables, each once (merged cells name theirs twice)."""
    inner = [
        paragraph
        for table in document.tables
        for row in table.rows
        for cell in row.cells
        for paragraph in cell.paragraphs
    ]
    once = {id(one._p): one for one in (*document.paragraphs, *inner)}  # noqa: SLF001
    return list(once.values())
