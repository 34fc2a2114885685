"""Without a Chinese font no sheet is made; a font that is given is looked at first."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pytest
from matplotlib import font_manager

from landuse.errors import UserError
from landuse.publish.sheet import fonts as sheet_fonts
from landuse.publish.sheet.fonts import find_fonts

DEJAVU = font_manager.findfont("DejaVu Sans")


@pytest.fixture
def no_chinese(monkeypatch):
    """A machine whose only fonts are those that come with matplotlib."""
    manager = font_manager.fontManager
    own = [one for one in manager.ttflist if matplotlib.get_data_path() in one.fname]
    monkeypatch.setattr(manager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_, **__: [])
    return manager


CHINESE = [one for one in font_manager.fontManager.ttflist if one.name in sheet_fonts.CHINESE]


@pytest.fixture
def chinese(chinese_font):
    return CHINESE[0]


@pytest.mark.usefixtures("no_chinese")
def test_no_chinese_font_is_said_with_how_to_get_one():
    with pytest.raises(UserError) as fault:
        find_fonts()
    said = "\n".join(fault.value.lines("zh"))
    assert "fonts-noto-cjk" in said
    assert "微软雅黑" in said
    assert "--font" in said


@pytest.mark.usefixtures("no_chinese")
def test_a_font_installed_since_matplotlib_last_looked_is_found(chinese, monkeypatch):
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_, **__: [str(chinese.fname)])
    assert find_fonts().families[0] in sheet_fonts.CHINESE


@pytest.mark.usefixtures("no_chinese")
def test_a_font_file_is_used_where_the_machine_has_none(chinese):
    found = find_fonts(Path(chinese.fname))
    assert "中" in {chr(one) for one in found.known}
    assert found.families[0] in sheet_fonts.CHINESE


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda tmp: tmp / "none.ttf", "font_absent"),
        (lambda tmp: _written(tmp, b"no font"), "font_unreadable"),
        (lambda tmp: _written(tmp, open(DEJAVU, "rb").read()), "font_not_chinese"),  # noqa: PTH123, SIM115
    ],
)
def test_files_that_do_not_serve(tmp_path, monkeypatch, make, code):
    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", list(manager.ttflist))
    with pytest.raises(UserError) as fault:
        find_fonts(make(tmp_path))
    assert fault.value.issues[0].code == f"sheet.{code}"


def _written(folder, content):
    path = folder / "font.ttf"
    path.write_bytes(content)
    return path


def test_outlines_that_are_not_truetype_are_not_called_so(chinese):
    path = font_manager.findfont(chinese.name)
    postscript = sheet_fonts._is_postscript(path)
    assert find_fonts().pdf_kind == (3 if postscript else 42)
    assert not sheet_fonts._is_postscript(DEJAVU)


@pytest.mark.usefixtures("chinese_font")
def test_signs_are_legible_or_numbered():
    fonts = find_fonts()
    assert fonts.legible("宗地 $1 ㎡") == "宗地 $1 ㎡"
    assert fonts.legible("甲\U00020000") == "甲[U+20000]"
    assert fonts.legible("a\u200bb\x1b[31m") in {"ab␛[31m", "ab[U+001B][31m"}
    assert fonts.unknown == {"\U00020000"}
