"""The minutes as a Word document: A4 across, a table of verdicts, sums, lines to sign on."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.publish.visible import visible

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.publish.minutes import MinutesContent

__all__ = ["COLUMNS", "same_bytes", "write_document"]

COLUMNS: Final[tuple[tuple[str, float], ...]] = (
    ("seq", 1.0), ("parcel", 4.1), ("case", 2.0), ("enterprises", 4.4), ("mu", 2.0),
    ("verdict", 1.8), ("move", 3.0), ("comment", 4.2), ("by", 1.8), ("at", 2.2),
)  # fmt: skip
"""Columns of the table of verdicts and their widths, cm."""

_FONT: Final = "宋体"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def write_document(content: MinutesContent, path: Path, lang: Lang) -> None:
    """Write the document to ``path``; the same content gives the same bytes."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(1.6)
    section.top_margin = section.bottom_margin = Cm(1.6)
    _fonts(document)
    _heading(document, content, lang)
    _verdicts(document, content, lang)
    _sums(document, content, lang)
    _undecided(document, content, lang)
    _signatures(document, lang)
    _facts_of_file(document, content, lang)
    document.save(str(path))
    same_bytes(path)


def _fonts(document: Any) -> None:  # noqa: ANN401 - untyped library
    from docx.oxml.ns import qn
    from docx.shared import Pt

    for name in ("Normal", "Title", "Heading 1"):
        font = document.styles[name].font
        font.name = _FONT
        font.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    document.styles["Normal"].font.size = Pt(10)


def _heading(document: Any, content: MinutesContent, lang: Lang) -> None:  # noqa: ANN401
    document.add_heading(visible(content.title), level=0)
    if content.is_open:
        document.add_paragraph(text("minutes.still_open", lang))
    for label, said in content.facts:
        line = document.add_paragraph()
        line.paragraph_format.space_after = 0
        line.add_run(text("minutes.label", lang, label=label)).bold = True
        line.add_run(visible(said))


def _verdicts(document: Any, content: MinutesContent, lang: Lang) -> None:  # noqa: ANN401
    document.add_heading(text("minutes.verdicts", lang), level=1)
    if not content.lines:
        document.add_paragraph(text("minutes.no_verdicts", lang))
        return
    rows = [
        (
            *(str(place), one.parcel_id, one.number, one.enterprises, one.mu, one.verdict),
            *(one.move, "\n".join(filter(None, (one.comment, one.remark))), one.by, one.at),
        )
        for place, one in enumerate(content.lines, 1)
    ]
    heads = [text(f"minutes.col_{name}", lang) for name, _ in COLUMNS]
    _table(document, heads, rows, [width for _, width in COLUMNS], right={4})


def _sums(document: Any, content: MinutesContent, lang: Lang) -> None:  # noqa: ANN401
    document.add_heading(text("minutes.sums", lang), level=1)
    heads = [text(f"minutes.{name}", lang) for name in ("col_verdict", "plots", "cases", "col_mu")]
    rows = [
        (one.verdict, str(one.plots), str(one.cases), one.mu)
        for one in (*content.sums, content.whole)
    ]
    _table(document, heads, rows, [5.0, 3.0, 3.0, 4.0], right={1, 2, 3})
    document.add_paragraph(text("minutes.sums_note", lang))


def _undecided(document: Any, content: MinutesContent, lang: Lang) -> None:  # noqa: ANN401
    document.add_heading(text("minutes.undecided", lang, n=len(content.undecided)), level=1)
    for parcel, about in content.undecided:
        document.add_paragraph(visible(f"{parcel}  {about}".rstrip()), style="List Bullet")


def _signatures(document: Any, lang: Lang) -> None:  # noqa: ANN401
    document.add_paragraph()
    document.add_paragraph(text("minutes.signatures", lang))
    document.add_paragraph(text("minutes.proposal_note", lang))


def _table(
    document: Any,  # noqa: ANN401
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    right: set[int],
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    table = document.add_table(rows=1, cols=len(heads))
    table.style = "Table Grid"
    table.autofit = False
    for cell, label in zip(table.rows[0].cells, heads, strict=True):
        cell.paragraphs[0].add_run(label).bold = True
    _repeat(table.rows[0])
    for row in rows:
        for place, (cell, said) in enumerate(zip(table.add_row().cells, row, strict=True)):
            cell.text = visible(said)
            if place in right:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)  # what other programs than Word go by
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)


def _repeat(row: Any) -> None:  # noqa: ANN401
    """Heads stand on each page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(head)  # noqa: SLF001 - the library has no other way


def _facts_of_file(document: Any, content: MinutesContent, lang: Lang) -> None:  # noqa: ANN401
    made = dt.datetime.combine(content.day, dt.time())
    about = document.core_properties
    about.title, about.author = visible(content.title), "landuse"
    about.comments, about.keywords = "", visible(content.number)
    about.language = "zh-CN" if lang == "zh" else "en"
    about.created = about.modified = made
    about.last_modified_by, about.revision = "landuse", 1


def same_bytes(path: Path) -> None:
    """The library stamps each member of the archive with the clock: they get one fixed moment."""
    with zipfile.ZipFile(path) as archive:
        members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
