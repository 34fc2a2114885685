"""Templates of users: filled wherever a placeholder can stand, or refused with words and place."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml

from landuse.errors import UserError
from landuse.publish.report.document import write_report
from landuse.publish.report.model import Book, Number, Section, Shown, Table
from landuse.publish.report.template import FACTS, context_of, fill

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
EVIL = "厂<w:p/>&amp;{{ title }}{% if %}〔表1!A1〕\x01"
SHOWN = "厂<w:p/>&amp;{{ title }}{% if %}〔表1!A1〕␁"


def book() -> Book:
    made = Book("表", figure="图", pictures={"map": "示意图"})
    facts = Table("facts", "说明", {"item": "项目", "amount": "数值", "content": "内容"})
    facts.rows["period",] = {"item": "期间", "content": "2026年上半年"}
    facts.rows["relapses",] = {"item": "反弹", "amount": Number("2")}
    land = Table("land", "土地账", {"park": "园区", "total": "总面积"})
    for name, mu in (("东园", "10.50"), (EVIL, "0.00"), ("西园", None)):
        land.rows[name,] = {"park": name, "total": Number(mu) if mu else None}
    made.add([facts, land])
    return made


SECTIONS = (
    Section("land", "一、土地", ("共10.50〔表2!B3〕亩。",), (Shown("land", ("park", "total")),)),
)


def filled(template: Path, title: str = "标题") -> Path:
    path = template.with_name("out.docx")
    fill(template, context_of(SECTIONS, book(), (title, "说明")), path)
    return path


def saved(folder: Path, *paragraphs: str) -> Path:
    made = docx.Document()
    for said in paragraphs:
        made.add_paragraph(said)
    path = folder / "own.docx"
    made.save(str(path))
    return path


def words(path: Path) -> list[str]:
    return [one.text for one in docx.Document(str(path)).paragraphs]


def refused(template: Path) -> tuple[str, str]:
    with pytest.raises(UserError) as fault:
        filled(template)
    return fault.value.issues[0].code.removeprefix("report."), "\n".join(fault.value.lines("zh"))


def part(template: Path, **more: bytes) -> Path:
    """The template with parts replaced or added; ``__`` is a slash, ``_dot_`` a dot."""
    given = {k.replace("__", "/").replace("_dot_", "."): v for k, v in more.items()}
    with zipfile.ZipFile(template) as source:
        parts = {name: source.read(name) for name in source.namelist()} | given
    with zipfile.ZipFile(template, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in parts.items():
            target.writestr(name, body)
    return template


def test_a_placeholder_split_over_runs_is_one(tmp_path) -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("期间：")
    for piece in ("{", "{ per", "iod }", "}。{{", "facts.relapses}}处"):
        paragraph.add_run(piece).bold = piece.startswith("{ per")
    made.save(str(tmp_path / "own.docx"))
    assert words(filled(tmp_path / "own.docx")) == ["期间：2026年上半年。2〔表1!B4〕处"]


def test_headers_footers_tables_and_text_boxes_are_filled(tmp_path) -> None:
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "页眉 {{ title }}"
    made.sections[0].footer.paragraphs[0].text = "{{ as_of }}{{ period }}"
    inner = made.add_table(1, 1).rows[0].cells[0].add_table(1, 1)
    inner.rows[0].cells[0].text = "{{ facts.relapses.figure }} 处"
    made.add_paragraph("x")._p.append(
        parse_xml(
            f'<w:r {W} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox>'
            "<w:txbxContent><w:p><w:r><w:t>{{ per</w:t></w:r><w:r><w:t>iod }}</w:t></w:r></w:p>"
            "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        )
    )
    made.save(str(tmp_path / "own.docx"))
    out = docx.Document(str(filled(tmp_path / "own.docx", EVIL)))
    assert out.sections[0].header.paragraphs[0].text == f"页眉 {SHOWN}"
    assert out.sections[0].footer.paragraphs[0].text == "2026年上半年"
    assert out.tables[0].rows[0].cells[0].tables[0].rows[0].cells[0].text == "2 处"
    assert "<w:t>2026年上半年</w:t>" in out.element.xml.replace(' xml:space="preserve"', "")


def test_footnotes_are_filled(tmp_path) -> None:
    note = f'<w:footnotes {W}><w:footnote w:id="1"><w:p><w:r><w:t>{{{{period}}}}</w:t></w:r></w:p>'
    own = part(
        saved(tmp_path, "x"), word__footnotes_dot_xml=f"{note}</w:footnote></w:footnotes>".encode()
    )
    with zipfile.ZipFile(filled(own)) as archive:
        assert "2026年上半年" in archive.read("word/footnotes.xml").decode()


def test_loops_repeat_paragraphs_and_rows(tmp_path) -> None:
    made = docx.Document()
    for said in (
        *("{% for park in rows.land %}", "{{loop.index}} {{ park.park }}：{{ park.total }}"),
        *("{% endfor %}", "{% if facts.relapses > 1 %}有反弹{% else %}无{% endif %}"),
        *("{%p if facts.cases %}", "有台账", "{%p endif %}", "{# 备注 #}", "完"),
    ):
        made.add_paragraph(said)
    grid = made.add_table(3, 2)
    inside = (
        ["{%tr for p in rows.land %}", ""],
        ["{{p.park}}", "{{p.total.figure}}"],
        ["{%tr endfor %}", ""],
    )
    for row, cells in zip(grid.rows, inside, strict=True):
        for cell, said in zip(row.cells, cells, strict=True):
            cell.text = said
    made.save(str(tmp_path / "own.docx"))
    path = filled(tmp_path / "own.docx")
    assert words(path) == [
        *("1 东园：10.50〔表2!B3〕", f"2 {SHOWN}：0.00〔表2!B4〕", "3 西园：—", "有反弹", "完")
    ]
    rows = docx.Document(str(path)).tables[0].rows
    assert [[c.text for c in row.cells] for row in rows] == [
        *(["东园", "10.50"], [SHOWN, "0.00"], ["西园", "—"])
    ]


def test_whole_sections_stand_where_they_are_asked_for(tmp_path) -> None:
    own = filled(saved(tmp_path, "前", "{{ land }}", "中", "{{ tables.land }}", "后"))
    out = tmp_path / "report.docx"
    write_report(SECTIONS, book(), {}, ("标题", ""), dt.date(2026, 6, 30), out, "zh", own)
    said = [one for one in words(out) if one]
    assert said == ["前", "共10.50〔表2!B3〕亩。", "表2 土地账", "中", "表2 土地账", "后"]
    assert [len(one.rows) for one in docx.Document(str(out)).tables] == [4, 4]


HOSTILE = {
    "{{ ''.__class__ }}": "template_forbidden",
    "{{ title.__class__.__mro__ }}": "template_forbidden",
    "{{ title['__class__'] }}": "template_forbidden",
    "{{ title|attr('__class__') }}": "template_syntax",
    "{{ title.format(1) }}": "template_forbidden",
    "{{ 'a' * 10**9 }}": "template_forbidden",
    "{{ 9**9**9 }}": "template_forbidden",
    "{% set x = 1 %}": "template_forbidden",
    "{% for i in range(10**9) %}x{% endfor %}": "template_forbidden",
    "{% macro m() %}{{ m() }}{% endmacro %}": "template_forbidden",
    "{% include 'x' %}": "template_forbidden",
    "{% import 'os' as os %}": "template_forbidden",
    "{{ cycler }}": "template_unknown",
    "{{ self._TemplateReference__context }}": "template_forbidden",
    "{{ lnad }}": "template_unknown",
    "{{ facts.lnad }}": "template_value",
    "{{ rows.land.x }}": "template_value",
    "{{ title|nope }}": "template_syntax",
    "{% for p in rows.land %}": "template_syntax",
    "{% fro p in rows.land %}": "template_syntax",
    "{{ title": "template_unclosed",
    "title }}": "template_unclosed",
    "{{ }}": "template_syntax",
    "甲 {{ land }}": "template_whole",
    "没有": "template_empty",
    "{{ " + "(" * 300 + " }}": "template_syntax",
    "{{ " + "x" * 500 + " }}": "template_long",
}


@pytest.mark.parametrize("said", HOSTILE)
def test_what_a_template_may_not_say_is_refused_in_words(tmp_path, said) -> None:
    code, words_ = refused(
        saved(tmp_path, "第一段 {{ title }}" if "没有" not in said else "x", said)
    )
    assert code == HOSTILE[said]
    if code != "template_empty":
        assert "正文" in words_
        assert said[:14] in words_ or code == "template_whole"
    assert not (tmp_path / "out.docx").exists()


def test_endless_loops_and_endless_output_end(tmp_path, monkeypatch) -> None:
    nested = "".join(f"{{% for a{n} in rows.land %}}" for n in range(14))
    own = saved(tmp_path, nested + "{% endfor %}" * 14)
    assert refused(own)[0] == "template_endless"
    monkeypatch.setattr("landuse.publish.report.sandbox._MOST_OUTPUT", 3_000)
    long = saved(tmp_path, "{% for p in rows.land %}", "字" * 900, "{% endfor %}")
    assert refused(long)[0] == "template_output"


def test_a_loop_over_half_a_table_is_refused(tmp_path) -> None:
    made = docx.Document()
    grid = made.add_table(1, 1).rows[0].cells[0]
    grid.text = "a {% for p in rows.land %} b"
    made.add_paragraph("c {% endfor %}")
    made.save(str(tmp_path / "own.docx"))
    assert refused(tmp_path / "own.docx")[0] == "template_levels"


def _run(inner: str) -> str:
    return f"<w:p {W}><w:r>{inner}</w:r></w:p>"


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (_run("<w:instrText>{{ title }}</w:instrText>"), "template_place"),
        (_run("<w:delText>{{ title }}</w:delText>"), "template_place"),
        (_run('<w:fldChar w:fldCharType="{{ title }}"/>'), "template_place"),
        (_run("<w:instrText> DDEAUTO c:\\\\cmd </w:instrText>"), "template_field"),
        (f'<w:p {W}><w:fldSimple w:instr="INCLUDETEXT x"/></w:p>', "template_field"),
    ],
)  # fmt: skip
def test_places_where_nothing_can_be_filled(tmp_path, xml, code) -> None:
    made = docx.Document()
    made.element.body.insert(0, parse_xml(xml))
    made.add_paragraph("{{ title }}")
    made.save(str(tmp_path / "own.docx"))
    assert refused(tmp_path / "own.docx")[0] == code


@pytest.mark.parametrize(("where", "word"), [("header", "页眉"), ("footer", "页脚")])
def test_a_section_in_a_header_is_refused_with_the_place(tmp_path, where, word) -> None:
    made = docx.Document()
    getattr(made.sections[0], where).paragraphs[0].text = "{{ land }}"
    made.save(str(tmp_path / "own.docx"))
    code, said = refused(tmp_path / "own.docx")
    assert code == "template_whole"
    assert word in said
    assert "{{land}}" in said


def _rel(kind: str, target: str) -> bytes:
    space = "http://schemas.openxmlformats.org"
    return (
        f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" '
        f'Type="{space}/officeDocument/2006/relationships/{kind}" Target="{target}" '
        'TargetMode="External"/></Relationships>'
    ).encode()


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("word/vbaProject.bin", b"x", "template_macros"),
        ("word/embeddings/oleObject1.bin", b"x", "template_embedded"),
        ("word/activeX/activeX1.xml", b"<a/>", "template_embedded"),
        ("word/_rels/header9.xml.rels", _rel("image", "http://x/a.png"), "template_external"),
        ("word/_rels/settings.xml.rels", _rel("attachedTemplate", "x.dotm"), "template_embedded"),
        ("word/_rels/header9.xml.rels", _rel("aFChunk", "x.html"), "template_embedded"),
        ("word/_rels/header9.xml.rels", _rel("hyperlink", "file:///c:/x"), "template_external"),
        ("word/charts/chart1.xml", b"<a>{{ ti<b/>tle }}</a>", "template_place"),
        ("word/header9.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "template_entities"),
        ("word/header9.xml", "<!DOCTYPE a><a/>".encode("utf-16"), "template_entities"),
        ("word/header9.xml", b"<a>", "template_damaged"),
        ("../evil.xml", b"<a/>", "template_unreadable"),
        ("word/media/bomb.png", bytes(130_000_000), "template_too_big"),
    ],
)  # fmt: skip
def test_parts_that_a_template_may_not_have(tmp_path, name, body, code) -> None:
    own = saved(tmp_path, "{{ title }}")
    with zipfile.ZipFile(own, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr(name, body)
    assert refused(own)[0] == code


def test_a_plain_link_may_stay(tmp_path) -> None:
    own = saved(tmp_path, "{{ title }}")
    with zipfile.ZipFile(own, "a") as target:
        link = _rel("hyperlink", "https://example.org")
        target.writestr("word/_rels/header9.xml.rels", link)
    assert words(filled(own)) == ["标题"]


def test_a_document_with_macros_by_name_and_no_document_at_all(tmp_path) -> None:
    for name, code in (("a.docm", "template_macros"), ("a.docx", "template_unreadable")):
        (tmp_path / name).write_bytes(b"PK")
        assert refused(tmp_path / name)[0] == code
    assert refused(tmp_path / "absent.docx")[0] == "template_absent"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    (tmp_path / "b.docx").write_bytes(buffer.getvalue())
    assert refused(tmp_path / "b.docx")[0] == "template_unreadable"


def test_every_figure_of_a_template_has_words(tmp_path) -> None:
    from landuse.messages import text

    assert all(text(f"report.fact_{name}", lang) for name in FACTS for lang in ("zh", "en"))
    said = words(filled(saved(tmp_path, *(f"{{{{ facts.{name} }}}}" for name in FACTS))))
    assert said == ["2〔表1!B4〕" if name == "relapses" else "—" for name in FACTS]
