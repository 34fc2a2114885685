"""The template to begin with: the usual order, one of each kind of placeholder, every name.

It is made from the tables of the report, so that its list of names is what can be named.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import text
from landuse.publish.minutes_document import same_bytes
from landuse.publish.report.document import page_look
from landuse.publish.report.template import FACTS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from landuse.messages import Lang
    from landuse.publish.report.model import Book, Section

__all__ = ["write_example"]

_WIDTHS: Final = (4.6, 11.4)


def write_example(
    sections: Sequence[Section], book: Book, day: dt.date, path: Path, lang: Lang
) -> None:
    """Write the template to ``path``. What stands between ``{% if false %}`` and its end is the
    list of names: it is left out when the template is filled."""
    import docx

    document = docx.Document()
    page_look(document, "{{ title }}", lang)
    document.add_heading("{{ title }}", level=0)
    document.add_paragraph(text("report.example_head", lang))
    document.add_paragraph("{{ note }}")
    for section in sections:
        if section.key == "idle":
            _loop(document, lang)
        document.add_heading(section.title, level=1)
        document.add_paragraph(f"{{{{ {section.key} }}}}")
    document.add_paragraph("{% if false %}")
    _names(document, sections, book, lang)
    document.add_paragraph("{% endif %}")
    _about(document, day, lang)
    document.save(str(path))
    same_bytes(path)


def _loop(document: Any, lang: Lang) -> None:  # noqa: ANN401 - untyped library
    """A condition, and a table with a row a park."""
    document.add_paragraph("{% if facts.relapses > 0 %}")
    document.add_paragraph(text("report.example_if", lang, figure="{{ facts.relapses }}"))
    document.add_paragraph("{% endif %}")
    rows = (
        text("report.example_heads", lang).split("|"),
        ["{%tr for park in rows.land %}", "", ""],
        ["{{ park.park }}", "{{ park.total }}", "{{ park.idle.figure }}"],
        ["{%tr endfor %}", "", ""],
    )
    grid = document.add_table(rows=len(rows), cols=3)
    grid.style = "Table Grid"
    for row, said in zip(grid.rows, rows, strict=True):
        for cell, one in zip(row.cells, said, strict=True):
            cell.text = one


def _names(document: Any, sections: Sequence[Section], book: Book, lang: Lang) -> None:  # noqa: ANN401
    from docx.shared import Cm, Pt

    document.add_heading(text("report.example_names", lang), level=1)
    for line in text("report.example_rules", lang).split("|"):
        document.add_paragraph(line)
    words = {
        name: text(f"report.fact_{name}", lang) for name in ("name", "period", "as_of", "year")
    }
    rows = [
        ("title", text("report.example_title", lang)),
        ("note", text("report.example_note", lang)),
    ]
    rows += list(words.items())
    rows += [(section.key, section.title) for section in sections]
    rows += [(f"facts.{name}", text(f"report.fact_{name}", lang)) for name in FACTS]
    rows += [(f"pictures.{key}", title) for key, title in book.pictures.items()]
    for key, table in book.tables.items():
        columns = "、".join(f"{name}（{head}）" for name, head in table.columns.items())
        rows.append((f"rows.{key}  tables.{key}", f"{table.title}：{columns}"))
    grid = document.add_table(rows=len(rows), cols=2)
    grid.style, grid.autofit = "Table Grid", False
    for row, said in zip(grid.rows, rows, strict=True):
        for cell, one, width in zip(row.cells, said, _WIDTHS, strict=True):
            cell.width = Cm(width)
            cell.paragraphs[0].add_run(one).font.size = Pt(9)


def _about(document: Any, day: dt.date, lang: Lang) -> None:  # noqa: ANN401
    import datetime as dt

    about = document.core_properties
    about.title, about.author, about.comments = text("report.example_names", lang), "landuse", ""
    about.created = about.modified = dt.datetime.combine(day, dt.time())
    about.last_modified_by, about.revision = "landuse", 1
