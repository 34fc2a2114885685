"""The report as a Word document: sections with cited figures, tables and pictures in A4."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.publish.minutes_document import same_bytes
from landuse.publish.report.blocks import Blocks
from landuse.publish.report.model import Book, Section, Shown
from landuse.publish.report.template import WHOLE
from landuse.publish.visible import visible

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["page_look", "write_report"]

_SONG: Final = ("Times New Roman", "宋体")
_HEI: Final = ("Arial", "黑体")
_TEMPLATE_COLUMNS: Final = 8


def write_report(
    sections: Sequence[Section],
    book: Book,
    pictures: Mapping[str, Path],
    heading: tuple[str, str],
    day: dt.date,
    path: Path,
    lang: Lang,
    filled: Path | None = None,
) -> None:
    """Write the document; ``heading`` is title and note below it. The same content gives the same
    bytes.

    ``filled``: a template whose text is filled (:func:`landuse.publish.report.template.fill`);
    whole sections, tables and pictures are put in their places.
    """
    import docx

    if filled is None:
        document = docx.Document()
        page_look(document, heading[0], lang)
        document.add_heading(visible(heading[0]), level=0)
        blocks = Blocks(document, book, pictures, lang)
        blocks.text(document.add_paragraph(), heading[1])
        for section in sections:
            document.add_heading(visible(section.title), level=1)
            blocks.section(section)
    else:
        document = docx.Document(str(filled))
        _place(document, {one.key: one for one in sections}, book, pictures, lang)
    about = document.core_properties
    about.title, about.author, about.comments = visible(heading[0])[:255], "landuse", ""
    about.created = about.modified = dt.datetime.combine(day, dt.time())
    about.last_modified_by, about.revision = "landuse", 1
    about.language = "zh-CN" if lang == "zh" else "en"
    document.save(str(path))
    same_bytes(path)


def _place(
    document: Any,  # noqa: ANN401 - untyped library
    sections: Mapping[str, Section],
    book: Book,
    pictures: Mapping[str, Path],
    lang: Lang,
) -> None:
    """Whole sections, tables and pictures in place of the paragraphs that ask for them."""
    for paragraph in list(_paragraphs_of(document)):
        match = WHOLE.fullmatch(paragraph.text.strip())
        if match is None:
            continue
        kind, key = match.groups()
        blocks = Blocks(document, book, pictures, lang, before=paragraph)
        if kind == "section":
            blocks.section(sections[key])
        elif kind == "table":
            blocks.table(Shown(key, tuple(book.tables[key].columns)[:_TEMPLATE_COLUMNS]))
        else:
            blocks.picture(key)
        blocks.close()


def _paragraphs_of(document: Any) -> list[Any]:  # noqa: ANN401
    """Paragraphs of the body and of its tables, also of tables in cells, each once."""
    from docx.text.paragraph import Paragraph

    body = document.element.body
    return [Paragraph(one, document._body) for one in body.xpath(".//w:p")]  # noqa: SLF001


def page_look(document: Any, title: str, lang: Lang) -> None:  # noqa: ANN401
    """A4, fonts with the right Chinese face, ``title`` in the header, page numbers below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.3)
    for name, fonts, size in (("Normal", _SONG, 11), ("Title", _HEI, 18), ("Heading 1", _HEI, 14)):
        _font(document.styles[name], fonts, Pt(size), lang)
    for name in ("Title", "Heading 1"):
        document.styles[name].font.color.rgb = RGBColor(0x1B, 0x1F, 0x24)
        document.styles[name].font.bold = True
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    normal = document.styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing = Pt(3), 1.15
    top = section.header.paragraphs[0]
    top.add_run(visible(title)).font.size = Pt(8)
    top.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for said in re.split("<(.*?)>", text("report.page", lang, page="<PAGE>", pages="<NUMPAGES>")):
        if said in ("PAGE", "NUMPAGES"):
            _field(foot, said)
        else:
            foot.add_run(said).font.size = Pt(8)


def _font(style: Any, fonts: tuple[str, str], size: Any, lang: Lang) -> None:  # noqa: ANN401
    """Latin and Chinese font; the language tells programs which face of a Chinese font to take."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    style.font.name, style.font.size = fonts[0], size
    properties = style.element.get_or_add_rPr()
    names = properties.rFonts
    for kind in [one for one in names.attrib if re.search("(Theme|theme)$", one)]:
        del names.attrib[kind]  # a font of the theme would win
    for kind, name in (("w:ascii", fonts[0]), ("w:hAnsi", fonts[0]), ("w:eastAsia", fonts[1])):
        names.set(qn(kind), name)
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN" if lang == "zh" else "en-US")
    properties.append(language)


def _field(paragraph: Any, code: str) -> None:  # noqa: ANN401
    """A page number: the program that shows the document knows it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)  # noqa: SLF001 - the library has no other way
