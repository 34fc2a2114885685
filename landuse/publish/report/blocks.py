"""What a report's sections are made of in Word: paragraphs, tables with captions, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.publish.report.model import CITED, FIRST_ROW, Book, Cells, Number, Section, Shown
from landuse.publish.visible import visible

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["Blocks"]

_WIDTH_CM: Final = 16.0
_NUMBER_CM, _LEAST_CM = 1.9, 2.2
_MOST_ROWS: Final = 60
_SMALL, _TINY = 9, 6.5
_GREY: Final = (0x76, 0x76, 0x76)


class Blocks:
    """Puts parts of a report at the end of a document, or in place of the paragraph ``before``."""

    def __init__(
        self,
        document: Any,  # noqa: ANN401 - untyped library
        book: Book,
        pictures: Mapping[str, Path],
        lang: Lang,
        before: Any = None,  # noqa: ANN401
    ) -> None:
        self.document, self.book, self.pictures, self.lang = document, book, pictures, lang
        self.before = before
        self._named = {one.name for one in document.styles}

    def _here(self, element: Any) -> Any:  # noqa: ANN401
        if self.before is not None:
            self.before._p.addprevious(element._element)  # noqa: SLF001 - no other way
        return element

    def close(self) -> None:
        """Take the paragraph that asked away; a cell keeps one."""
        paragraph = self.before._p  # noqa: SLF001
        follows = paragraph.getprevious() is not None and paragraph.getprevious().tag.endswith("}p")
        if paragraph.getparent().tag.endswith("}tc") and not follows:
            for run in list(self.before.runs):
                paragraph.remove(run._r)  # noqa: SLF001
        else:
            paragraph.getparent().remove(paragraph)

    def _paragraph(self) -> Any:  # noqa: ANN401
        return self._here(self.document.add_paragraph())

    def text(self, paragraph: Any, said: str, size: float | None = None) -> None:  # noqa: ANN401
        """A text with its references small and grey."""
        from docx.shared import Pt, RGBColor

        at = 0
        for match in [*CITED.finditer(said), None]:
            end = len(said) if match is None else match.start()
            if end > at:
                run = paragraph.add_run(visible(said[at:end]))
                run.font.size = Pt(size) if size else None
            if match is not None:
                run = paragraph.add_run(visible(match[0]))
                run.font.size, run.font.color.rgb = Pt(_TINY), RGBColor(*_GREY)
                at = match.end()

    def section(self, section: Section) -> None:
        """Paragraphs, tables and pictures of a section."""
        from docx.shared import Pt

        for said in section.paragraphs:
            paragraph = self._paragraph()
            paragraph.paragraph_format.first_line_indent = Pt(22)
            self.text(paragraph, said)
        for shown in section.tables:
            self.table(shown)
        for key in section.pictures:
            self.picture(key)

    def picture(self, key: str) -> None:
        """A picture and its caption below."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Cm

        if key not in self.pictures:
            return
        place = self._paragraph()
        place.alignment = WD_ALIGN_PARAGRAPH.CENTER
        place.paragraph_format.keep_with_next = True
        shown = place.add_run().add_picture(str(self.pictures[key]), width=Cm(_WIDTH_CM))
        said = visible(self.book.caption(key))
        shown._inline.docPr.set("descr", said)  # noqa: SLF001 - for those who cannot see it
        self._caption(said, above=False)

    def _caption(self, said: str, *, above: bool) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        caption = self._paragraph()
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        caption.paragraph_format.keep_with_next = above
        caption.paragraph_format.space_before = Pt(6 if above else 0)
        caption.paragraph_format.space_after = Pt(2 if above else 8)
        run = caption.add_run(said)
        run.bold, run.font.size = True, Pt(10)

    def table(self, shown: Shown) -> None:
        """Rows and columns of a table as they stand in the workbook. Each head has the letter of
        its column and each row its number there: the cell that a figure comes from."""
        from docx.shared import Pt

        table = self.book.tables[shown.table]
        rows = list(islice(self._rows(shown), _MOST_ROWS))
        columns = [
            name for at, name in enumerate(shown.columns)
            if at == 0 or any(cells.get(name) not in (None, "") for _, cells in rows)
        ]  # fmt: skip
        if not rows:
            return
        title = f"{table.title}：{shown.note}" if shown.note else table.title
        self._caption(visible(f"{self.book.name(shown.table)} {title}"), above=True)
        grid = self.document.add_table(rows=1 + len(rows), cols=len(columns))
        if "Table Grid" in self._named:
            grid.style = "Table Grid"
        self._here(grid)
        heads = [f"{table.columns[name]}〔{table.letter(name)}〕" for name in columns]
        lines: list[list[str]] = [heads]
        for number, cells in rows:
            said = [_said(cells.get(name)) for name in columns]
            lines.append([f"{said[0]}〔{number}〕", *said[1:]])
        numeric = {at for at, name in enumerate(columns)
                   if any(isinstance(cells.get(name), Number) for _, cells in rows)}  # fmt: skip
        self._fill(grid, lines, numeric)
        long = len(table) if shown.rows is None else len(shown.rows)
        after = self._paragraph()
        if long > len(rows):
            self.text(after, text("report.say_rest", self.lang, table=self.book.name(table.key)))
        else:
            after.paragraph_format.line_spacing = Pt(10)

    def _rows(self, shown: Shown) -> Iterator[tuple[int, Cells]]:
        """Rows with their numbers in the workbook."""
        table = self.book.tables[shown.table]
        if shown.rows is None:
            return enumerate(table.each(), FIRST_ROW)
        return ((table.row_number(key), table.cells(key)) for key in shown.rows)

    def _fill(self, grid: Any, lines: list[list[str]], numeric: set[int]) -> None:  # noqa: ANN401
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Cm, Pt

        grid.autofit = False
        widths = _widths(lines, numeric)
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = Cm(width)  # what other programs than Word go by
        for number, (row, said) in enumerate(zip(grid.rows, lines, strict=True)):
            _row_look(row, head=number == 0)
            for at, (cell, one) in enumerate(zip(row.cells, said, strict=True)):
                cell.width = Cm(widths[at])
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(0)
                paragraph.paragraph_format.line_spacing = 1.0
                self.text(paragraph, one, _SMALL)
                if number == 0:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                    for run in paragraph.runs:
                        run.bold = run.font.size == Pt(_SMALL)
                elif at in numeric:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _said(cell: object) -> str:
    return cell.text if isinstance(cell, Number) else str(cell or "")


def _widths(lines: list[list[str]], numeric: set[int]) -> list[float]:
    """Columns of figures narrow, columns of words by their longest word, the page filled."""
    wanted = []
    for at in range(len(lines[0])):
        longest = max(min(len(line[at]), 26) for line in lines[1:])
        wanted.append(_NUMBER_CM if at in numeric else max(_LEAST_CM, 0.33 * longest + 0.4))
    return [_WIDTH_CM * one / sum(wanted) for one in wanted]


def _row_look(row: Any, *, head: bool) -> None:  # noqa: ANN401
    """No row breaks over a page; heads stand on each page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - the library has no other way
    for name in ("w:cantSplit", *(("w:tblHeader",) if head else ())):
        mark = OxmlElement(name)
        mark.set(qn("w:val"), "true")
        properties.append(mark)
