"""The placeholders of a Word part: ``{{ … }}`` and ``{% … %}``, wherever Word has put them.

Word splits a line into runs as it likes, so a placeholder is put together again paragraph by
paragraph. What cannot be filled is refused with its place: nothing is passed over in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from landuse.errors import UserError
from landuse.messages import text

__all__ = ["BLOCK", "END", "PRINT", "Tag", "check_elsewhere", "is_story", "place_of", "take_tags"]

PRINT, BLOCK, END = "\ufdd0", "\ufdd1", "\ufdd2"
"""Non-characters that stand for ``{{``, ``{%`` and their ends while a part is rendered: whatever
the rest of the document says, it is no placeholder."""
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT, _P, _ROW, _CELL = f"{_W}t", f"{_W}p", f"{_W}tr", f"{_W}tc"
_BOX: Final = f"{_W}txbxContent"
_TAG: Final = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}|\{#(.*?)#\}", re.DOTALL)
_LEFT: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_STORY: Final = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\xa0": " "})
_MOST_TAGS, _MOST_SIGNS, _MOST_BRACKETS = 5_000, 400, 20
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Tag:
    """A placeholder: as it is written, what stands in it, where."""

    said: str
    inner: str
    is_block: bool
    place: str


def is_story(name: str) -> bool:
    """Whether a part is text of the document in which placeholders are filled."""
    return bool(_STORY.fullmatch(name))


def check_elsewhere(name: str, root: Any) -> None:  # noqa: ANN401 - untyped library
    """A placeholder in a chart, a diagram, a property …: it would stay as it is."""
    texts = ["".join(one for one in root.itertext() if isinstance(one, str))]
    texts += [value for element in root.iter() for value in element.attrib.values()]
    for said in texts:
        if found := re.search(r"\{\{.*?\}\}|\{%.*?%\}", said, re.DOTALL):
            raise UserError.of("report.template_place", value=found[0][:_SHOWN], place=name)


def place_of(name: str, element: Any) -> str:  # noqa: ANN401
    """Where an element stands, in words: 页眉 · 表格."""
    stem = re.sub(r"\d+$", "", PurePosixPath(name).stem)
    words = [text(f"report.place_{stem}", "zh")]
    above = {one.tag for one in element.iterancestors()}
    words += [text(f"report.place_{key}", "zh") for key, tag in (("box", _BOX), ("table", _CELL))
              if tag in above]  # fmt: skip
    return " · ".join(words)


def take_tags(name: str, root: Any) -> list[Tag]:  # noqa: ANN401
    """Replace every placeholder of a part by a token (:data:`PRINT` or :data:`BLOCK`, its number,
    :data:`END`) and give them in their order.

    A ``{% … %}`` that has a paragraph or a table row for itself takes its place, so that a loop
    repeats whole paragraphs or rows.
    """
    _check_attributes(name, root)
    tags: list[Tag] = []
    for paragraph in list(root.iter(_P)):
        own = [one for one in paragraph.iter(_TEXT) if _above(one, _P) is paragraph]
        _check_rest(name, paragraph, own)
        said = "".join(one.text or "" for one in own)
        if not _LEFT.search(said):
            continue
        found = list(_TAG.finditer(said))
        _check_pairs(name, paragraph, said)
        first = len(tags)
        tags += [_tag(match, place_of(name, paragraph)) for match in found]
        if len(tags) > _MOST_TAGS:
            raise UserError.of("report.template_too_many", value=_MOST_TAGS)
        _put(own, found, first, tags)
        if len(found) == 1 and said.strip() == found[0][0] and tags[first].is_block:
            _lift(paragraph, tags[first], first)
    return tags


def _above(element: Any, tag: str) -> Any:  # noqa: ANN401
    return next(element.iterancestors(tag), None)


def _tag(match: re.Match[str], place: str) -> Tag:
    said = match[0]
    if len(said) > _MOST_SIGNS:
        raise UserError.of("report.template_long", value=said[:_SHOWN], place=place)
    printed, block, _ = match.groups()
    inner = (printed if printed is not None else block or "").translate(_QUOTES).strip()
    inner = re.sub(r"^(tr|p)\s+(?=\w)", "", inner.strip("-+ \t\r\n"))  # as docxtpl writes them
    deep = inner.count("(") + inner.count("[") > _MOST_BRACKETS
    if (not inner and not said.startswith("{#")) or deep:
        raise UserError.of("report.template_syntax", value=said, place=place, reason="")
    return Tag(said, " ".join(inner.split()), printed is None, place)


def _check_pairs(name: str, paragraph: Any, said: str) -> None:  # noqa: ANN401
    left = _TAG.sub("", said)
    if found := _LEFT.search(left):
        excerpt = left[max(0, found.start() - _SHOWN // 2) : found.start() + _SHOWN]
        place = place_of(name, paragraph)
        raise UserError.of("report.template_unclosed", value=excerpt, place=place)


def _check_rest(name: str, paragraph: Any, own: list[Any]) -> None:  # noqa: ANN401
    """Field codes, deleted text, formulas: no placeholder can be filled there."""
    texts = set(map(id, own))
    other = "".join(
        one.text
        for one in paragraph.iter()
        if id(one) not in texts and one.tag != _TEXT and isinstance(one.tag, str) and one.text
    )
    if found := re.search(r"\{\{|\{%", other):
        excerpt = other[found.start() : found.start() + _SHOWN]
        place = place_of(name, paragraph)
        raise UserError.of("report.template_place", value=excerpt, place=place)


def _check_attributes(name: str, root: Any) -> None:  # noqa: ANN401
    for element in root.iter():
        for value in element.attrib.values():
            if "{{" in value or "{%" in value:
                place = place_of(name, element)
                raise UserError.of("report.template_place", value=value[:_SHOWN], place=place)


def _put(own: list[Any], found: list[re.Match[str]], first: int, tags: list[Tag]) -> None:
    """Tokens in place of the placeholders, each in the run where it begins."""
    starts, at = [], 0
    for one in own:
        starts.append(at)
        at += len(one.text or "")
    for number, match in reversed(list(enumerate(found, first))):
        sign = BLOCK if tags[number].is_block else PRINT
        token = "" if match[0].startswith("{#") else f"{sign}{number}{END}"
        for one, start in zip(own, starts, strict=True):
            said = one.text or ""
            left, right = match.start() - start, match.end() - start
            if right <= 0 or left >= len(said):
                continue
            begins = left >= 0
            one.text = said[: max(left, 0)] + (token if begins else "") + said[max(right, 0) :]
            one.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _lift(paragraph: Any, tag: Tag, number: int) -> None:  # noqa: ANN401
    """The paragraph, or the row that says nothing else, gives way to its ``{% … %}``."""
    row, cell = _above(paragraph, _ROW), _above(paragraph, _CELL)
    token = "" if tag.said.startswith("{#") else f"{BLOCK}{number}{END}"
    if row is not None and _above(paragraph, _BOX) is None:
        whole = "".join(one.text or "" for one in row.iter(_TEXT)).strip()
        if whole == token:
            _replace(row, token)
            return
    if cell is not None and len(cell.findall(_P)) == 1:
        return  # a cell keeps a paragraph
    _replace(paragraph, token)


def _replace(element: Any, token: str) -> None:  # noqa: ANN401
    parent, before = element.getparent(), element.getprevious()
    after = token + (element.tail or "")
    if before is None:
        parent.text = (parent.text or "") + after
    else:
        before.tail = (before.tail or "") + after
    parent.remove(element)
