"""A template of the user's own, filled: text in place, whole sections, tables and pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.report.model import Number
from landuse.publish.report.package import is_xml, parsed, read_package, serialised, write_package
from landuse.publish.report.sandbox import (
    Budget,
    Figure,
    Group,
    Missing,
    Rows,
    rendered,
    text_of,
)
from landuse.publish.report.tags import (
    BLOCK,
    END,
    PRINT,
    Tag,
    check_elsewhere,
    is_story,
    place_of,
    take_tags,
)

if TYPE_CHECKING:
    from landuse.publish.report.model import Book, Section

__all__ = ["FACTS", "WHOLE", "Named", "context_of", "fill"]

FACTS: Final = (
    "parks", "planned", "contradictions", "checked", "wrong", "proposals", "short_promises",
    "delayed", "issues", "origin_silent", "floor_silent", "signed_silent", "near", "fast",
    "signed_projects", "signed_wan", "signed_firms", "outside", "outside_share", "local",
    "local_share", "signed_floor", "chains", "factory_planned", "factory_built", "factory_let",
    "factory_vacant", "factory_share", "floor_planned", "floor_built", "floor_share", "cases",
    "open", "closed", "case_mu", "revitalised_mu", "disposed_mu", "remaining_mu",
    "revitalised_floor", "turned", "relapses",
)  # fmt: skip
"""Figures of the table of facts that a template may name; a dash where one is not known."""
_WORDS: Final = ("name", "period", "as_of", "year")
_OPEN, _CLOSE = "\ufdd5", "\ufdd6"
WHOLE: Final = re.compile(f"{_OPEN}(section|table|picture):([a-z_]+){_CLOSE}")
"""How a whole section, table or picture stands in a filled paragraph until it is placed."""
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TOKEN: Final = re.compile(f"([{PRINT}{BLOCK}])(\\d+){END}")


class Named:
    """A whole section, table or picture: printed, it asks for its place."""

    __slots__ = ("_said",)

    def __init__(self, kind: str, key: str) -> None:
        self._said = f"{_OPEN}{kind}:{key}{_CLOSE}"

    def __str__(self) -> str:
        return self._said


def context_of(
    sections: Sequence[Section], book: Book, heading: tuple[str, str]
) -> dict[str, object]:
    """Everything that a template can name."""
    table, budget = book.tables["facts"], Budget()
    known: dict[str, object] = {}
    for name in FACTS:
        cell = table.cell((name,), "amount")
        at = book.at("facts", (name,), "amount") if isinstance(cell, Number) else ""
        known[name] = Figure(cell, at) if isinstance(cell, Number) else Missing()
    words = {name: text_of(str(table.cell((name,), "content") or "")) for name in _WORDS}
    return {
        "title": text_of(heading[0]),
        "note": text_of(heading[1]),
        **words,
        **{section.key: Named("section", section.key) for section in sections},
        "facts": Group(known),
        "rows": Group({key: Rows(book, one, budget) for key, one in book.tables.items()}),
        "tables": Group({key: Named("table", key) for key in book.tables}),
        "pictures": Group({key: Named("picture", key) for key in book.pictures}),
    }


def fill(template: Path, context: Mapping[str, object], path: Path) -> None:
    """Write the template with its placeholders filled to ``path``; whole sections, tables and
    pictures are left as :data:`WHOLE` in paragraphs of their own.

    Raises :class:`landuse.errors.UserError` for a template that is refused, for a placeholder that
    is unknown, stands where none can be filled, or fails; each is named with its place.
    """
    parts = read_package(template)
    filled, count = dict(parts), 0
    for name, content in parts.items():
        if not is_xml(name):
            continue
        if not is_story(name):
            check_elsewhere(name, parsed(name, content))
            continue
        root = parsed(name, content)
        tags = take_tags(name, root)
        if tags:
            filled[name] = _filled(name, root, tags, context)
            count += len(tags)
    if not count:
        raise UserError.of("report.template_empty", value=template.name)
    write_package(filled, path)


def _filled(name: str, root: Any, tags: Sequence[Tag], context: Mapping[str, object]) -> bytes:  # noqa: ANN401
    source = serialised(root).replace("\n", "&#10;").replace("\r", "&#13;")
    order: list[Tag] = []

    def token(match: re.Match[str]) -> str:
        tag = tags[int(match[2])]
        order.append(tag)
        return f"{match[1]}\n{tag.inner}{END}"

    text = rendered(_TOKEN.sub(token, source), order, 1, context)
    try:
        made = parsed(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode())
    except UserError as fault:
        blocks = next((one for one in tags if one.is_block), tags[0])
        raise UserError.of(
            "report.template_levels", value=blocks.said, place=blocks.place
        ) from fault
    _check_whole(name, made)
    said = serialised(made)
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{said}'.encode()


def _check_whole(name: str, root: Any) -> None:  # noqa: ANN401
    """A whole section stands in a paragraph of its own, in the body or a table of it."""
    for one in root.iter(f"{_W}t"):
        if not (match := WHOLE.search(one.text or "")):
            continue
        paragraph = next(one.iterancestors(f"{_W}p"), None)
        said = "" if paragraph is None else "".join(t.text or "" for t in paragraph.iter(f"{_W}t"))
        boxed = any(a.tag == f"{_W}txbxContent" for a in one.iterancestors())
        if name != "word/document.xml" or boxed or said.strip() != match[0]:
            key = match[2] if match[1] == "section" else f"{match[1]}s.{match[2]}"
            where = place_of(name, one)
            raise UserError.of("report.template_whole", value=f"{{{{{key}}}}}", place=where)
