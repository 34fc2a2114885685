"""A Word file from somebody else, opened with care: its parts, or in words why it is refused.

A template is data. What would run, fetch or hide something when the report is opened is refused:
macros, embedded objects, parts taken from elsewhere, fields that fetch, entities, and archives
that unpack to more than a document ever is.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]

from landuse.errors import UserError

__all__ = ["is_xml", "parsed", "read_package", "serialised", "write_package"]

_MOST_FILE: Final = 30_000_000
_MOST_WHOLE: Final = 120_000_000
_MOST_XML: Final = 20_000_000
_MOST_MEMBERS: Final = 3_000
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_RELATIONSHIPS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MACROS: Final = re.compile(r"vbaProject|vbaData|macroEnabled", re.IGNORECASE)
_FOREIGN: Final = re.compile(
    r"/(oleObject|package|aFChunk|subDocument|control|activeXControl\w*|frame|attachedTemplate"
    r"|mailMerge\w*|recipientData|keyMapCustomizations|attachedToolbars)$",
    re.IGNORECASE,
)
"""Kinds of relationships to what is no part of the text."""
_FETCH: Final = re.compile(
    r"^\s*(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|LINK|EMBED|DATABASE|MACROBUTTON"
    r"|AUTOTEXT|GLOSSARY|MERGEFIELD|ASK|FILLIN|SET|QUOTE)\b",
    re.IGNORECASE,
)
_LINKS: Final = ("http://", "https://", "mailto:")


def read_package(path: Path) -> dict[str, bytes]:
    """The parts of the Word file ``path`` by name, in their order.

    Raises :class:`landuse.errors.UserError` naming what is wrong with it.
    """
    if not path.is_file():
        raise UserError.of("report.template_absent", value=str(path))
    if path.suffix.lower() in (".docm", ".dotm"):
        raise UserError.of("report.template_macros", value=path.name)
    if path.stat().st_size > _MOST_FILE:
        raise UserError.of("report.template_too_big", value=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _unpacked(archive, path)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as fault:
        raise UserError.of("report.template_unreadable", value=str(path)) from fault
    if "word/document.xml" not in parts or "[Content_Types].xml" not in parts:
        raise UserError.of("report.template_unreadable", value=str(path))
    for name, content in parts.items():
        _check(name, content)
    return parts


def _unpacked(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    members = [one for one in archive.infolist() if not one.is_dir()]
    whole = sum(one.file_size for one in members)
    if len(members) > _MOST_MEMBERS or whole > _MOST_WHOLE:
        raise UserError.of("report.template_too_big", value=str(path))
    parts: dict[str, bytes] = {}
    for one in members:
        name = one.filename
        strange = name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts
        if strange or name in parts:
            raise UserError.of("report.template_unreadable", value=str(path))
        with archive.open(one) as stream:  # a header may lie about the size
            parts[name] = stream.read(one.file_size + 1)
        if len(parts[name]) > one.file_size or (is_xml(name) and one.file_size > _MOST_XML):
            raise UserError.of("report.template_too_big", value=str(path))
    return parts


def is_xml(name: str) -> bool:
    """Whether a part holds XML."""
    return name.lower().endswith((".xml", ".rels", ".vml"))


def parsed(name: str, content: bytes) -> Any:  # noqa: ANN401 - untyped library
    """The root of a part; entities and doctypes are refused before they are opened."""
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError as fault:
        raise UserError.of("report.template_damaged", value=name) from fault
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise UserError.of("report.template_entities", value=name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise UserError.of("report.template_damaged", value=name) from fault


def serialised(root: Any) -> str:  # noqa: ANN401
    """A part as text, without its declaration."""
    said: str = etree.tostring(root, encoding="unicode")
    return said


def _check(name: str, content: bytes) -> None:
    folder = PurePosixPath(name.lower()).parts
    if _MACROS.search(name) or (name == "[Content_Types].xml" and b"macroEnabled" in content):
        raise UserError.of("report.template_macros", value=name)
    if {"embeddings", "activex", "afchunk", "ctrlprops"} & set(folder):
        raise UserError.of("report.template_embedded", value=name)
    if not is_xml(name):
        return
    root = parsed(name, content)
    if name.endswith(".rels"):
        _check_links(name, root)
    elif name.startswith("word/"):
        _check_fields(name, root)


def _check_links(name: str, root: Any) -> None:  # noqa: ANN401
    for one in root.iter(f"{_RELATIONSHIPS}Relationship"):
        kind, target = one.get("Type", ""), one.get("Target", "")
        if _MACROS.search(kind):
            raise UserError.of("report.template_macros", value=name)
        if _FOREIGN.search(kind):
            raise UserError.of("report.template_embedded", value=f"{name}: {target}")
        outside = one.get("TargetMode", "").lower() == "external"
        link = kind.endswith("/hyperlink") and target.lower().startswith(_LINKS)
        if outside and not link:
            raise UserError.of("report.template_external", value=f"{name}: {target}")


def _check_fields(name: str, root: Any) -> None:  # noqa: ANN401
    """Fields that fetch, also where their code is split over runs."""
    for paragraph in root.iter(f"{_W}p"):
        code = "".join(one.text or "" for one in paragraph.iter(f"{_W}instrText"))
        simple = [one.get(f"{_W}instr", "") for one in paragraph.iter(f"{_W}fldSimple")]
        for said in (code, *simple):
            if found := _FETCH.search(said):
                raise UserError.of("report.template_field", value=found[1], place=name)


def write_package(parts: dict[str, bytes], path: Path) -> None:
    """The parts as a file; the same parts give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
