"""Which encoding the text of a DBF is in: an order of decisions, each proved on the whole file.

What the user declares; else ``.cpg``; else the language-driver byte (0x00, 0x03 and 0x57 say
nothing); else UTF-8; else GB18030 (method, section 2). A candidate must decode every value and
every field name strictly and yield no control characters; the first that does is taken.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Basis", "Candidate", "Choice", "candidates", "choose", "codec_named", "decode"]

Basis = Literal["declared", "cpg", "language_byte", "utf8", "gb18030"]
_SILENT_BYTES: Final = frozenset({0x00, 0x03, 0x57})
# The Chinese code pages are subsets of GB18030, which reads all of them.
_LANGUAGE_BYTES: Final[dict[int, str]] = {
    0x01: "cp437", 0x02: "cp850", 0x08: "cp865", 0x0B: "cp437", 0x0D: "cp437", 0x0E: "cp850",
    0x10: "cp850", 0x13: "cp932", 0x26: "cp866", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "cp950",
    0x50: "cp874", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865",
    0x6A: "cp737", 0x6B: "cp857", 0x78: "cp950", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932",
    0x7C: "cp874", 0x7D: "cp1255", 0x7E: "cp1256", 0xC8: "cp1250", 0xC9: "cp1251",
    0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
_ALIASES: Final[dict[str, str]] = {
    "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "936": "gb18030",
    "ms936": "gb18030", "euccn": "gb18030", "ansi936": "gb18030", "oem936": "gb18030",
    "windows936": "gb18030", "gb18030": "gb18030", "54936": "gb18030", "big5": "cp950",
    "950": "cp950", "ansi950": "cp950", "oem950": "cp950", "65001": "utf-8", "utf8": "utf-8",
    "88591": "latin-1", "iso88591": "latin-1", "885915": "iso8859-15", "ansi1252": "cp1252",
    "1252": "cp1252", "oem437": "cp437", "oem850": "cp850",
}  # fmt: skip
_OWN_CHARACTERS: Final = re.compile("[\ue000-\uf8ff]")
_USER_DEFINED: Final = "landuse.user_defined"
# Rows of the user-defined characters of Windows code page 950 and where Windows puts them.
_BIG5_OWN_ROWS: Final = (
    (0xFA, 0xFE, 0xE000),
    (0x8E, 0xA0, 0xE311),
    (0x81, 0x8D, 0xEEB8),
    (0xC6, 0xC8, 0xF672),
)
_BIG5_ROW: Final = 157
_CONTROL: Final = re.compile("[\x80-\x9f]")
"""Only the upper control characters: the lower ones are the same bytes in every candidate."""
_HAN_ONLY: Final = re.compile("[\u2010-\u203f\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
_HAN: Final = re.compile("[\u2e80-\uffef]")
_EAST_ASIAN: Final = frozenset({"gb18030", "cp950", "cp932", "cp949"})
_LONGEST: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """An encoding that something speaks for: Python's codec name, and what speaks."""

    codec: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Choice:
    """The encoding taken, those that were refused before it, and what else is worth a look.

    ``cut``: values whose last character the field was too short for; ``own_characters``: characters
    that only the author's computer knew (user-defined, U+E000 to U+F8FF). ``rival``: another
    encoding in which the same bytes make equally good or better text, else ``""``.
    """

    codec: str
    basis: Basis
    refused: tuple[Candidate, ...] = ()
    cut: int = 0
    own_characters: int = 0
    sample: str = ""
    rival: str = ""
    rival_sample: str = ""


def codec_named(name: str) -> str | None:
    """Python's codec for what people and programs call an encoding; None if nobody knows it.

    >>> codec_named("ANSI 936"), codec_named("UTF-8"), codec_named("System")
    ('gb18030', 'utf-8', None)
    """
    short = re.sub(r"[^a-z0-9]", "", name.lower())
    if short in _ALIASES:
        return _ALIASES[short]
    for spelling in (name.strip(), f"cp{short}", short):
        try:
            return codecs.lookup(spelling).name
        except (LookupError, ValueError):
            continue
    return None


def candidates(shapefile: Path, declared: str = "") -> tuple[list[Candidate], list[str]]:
    """What speaks for which encoding, in order; and the names that nobody knows.

    ``shapefile`` is the path of the ``.shp``; its ``.cpg`` and ``.dbf`` may be absent.
    """
    found: list[Candidate] = []
    unknown: list[str] = []
    names: list[tuple[str, Basis]] = [(declared, "declared"), (_cpg(shapefile), "cpg")]
    for name, basis in names:
        codec = codec_named(name) if name else None
        if codec:
            found.append(Candidate(codec, basis))
        elif name:
            unknown.append(name)
    language = _language_byte(shapefile)
    if language not in _SILENT_BYTES and language in _LANGUAGE_BYTES:
        found.append(Candidate(_LANGUAGE_BYTES[language], "language_byte"))
    found += [Candidate("utf-8", "utf8"), Candidate("gb18030", "gb18030")]
    return found, unknown


def _member(shapefile: Path, suffix: str) -> Path | None:
    for spelling in (suffix, suffix.upper()):
        path = shapefile.with_suffix(spelling)
        if path.is_file():
            return path
    return None


def _cpg(shapefile: Path) -> str:
    path = _member(shapefile, ".cpg")
    if path is None:
        return ""
    return path.read_bytes()[:64].decode("ascii", "ignore").strip("\ufeff \t\r\n\0")


def _language_byte(shapefile: Path) -> int:
    path = _member(shapefile, ".dbf")
    if path is None:
        return 0
    with path.open("rb") as stream:
        head = stream.read(32)
    return head[29] if len(head) == 32 else 0


def choose(
    values: Sequence[bytes], ordered: Iterable[Candidate], cut_values: Sequence[bytes] = ()
) -> Choice | None:
    """The first candidate that proves itself on all ``values``; None if none does.

    ``cut_values``: values that fill their field to the last byte. A writer that knows no
    characters cuts them anywhere, so a broken last character there does not speak against an
    encoding; it is counted.
    """
    bodies = [value for value in values if not value.isascii()]
    full = [value for value in cut_values if not value.isascii()]
    refused: list[Candidate] = []
    for candidate in ordered:
        text, cut = _prove(candidate.codec, bodies, full)
        if text is None:
            refused.append(candidate)
            continue
        rival, rival_text = _rival(candidate, bodies + full)
        return Choice(
            candidate.codec, candidate.basis, tuple(refused), cut,
            len(_OWN_CHARACTERS.findall(text)),
            _sample(text), rival, _sample(rival_text),
        )  # fmt: skip
    return None


def _prove(codec: str, bodies: list[bytes], full: list[bytes]) -> tuple[str | None, int]:
    """All of it decoded (joined by line ends), or None; and how many values were cut short."""
    try:
        text = b"\n".join(bodies).decode(codec, _errors(codec))
        pieces = [_trimmed(value, codec) for value in full]
    except (UnicodeDecodeError, LookupError):
        return None, 0
    text = "\n".join([text, *(piece for piece, _ in pieces)])
    if _CONTROL.search(text):
        return None, 0
    return text, sum(was_cut for _, was_cut in pieces)


def _trimmed(value: bytes, codec: str) -> tuple[str, bool]:
    """``value`` decoded strictly, without an unfinished last character."""
    for dropped in range(_LONGEST):
        try:
            return value[: len(value) - dropped].decode(codec, _errors(codec)), dropped > 0
        except UnicodeDecodeError as error:
            if error.start < len(value) - dropped - _LONGEST or dropped == _LONGEST - 1:
                raise
    raise AssertionError  # pragma: no cover


def _errors(codec: str) -> str:
    return _USER_DEFINED if codec == "cp950" else "strict"


def _user_defined(error: UnicodeError) -> tuple[str, int]:
    """A user-defined character of Big5, which Python's codec refuses, as Windows reads it."""
    if isinstance(error, UnicodeDecodeError) and error.start + 1 < len(error.object):
        lead, trail = error.object[error.start : error.start + 2]
        column = trail - 0x40 if trail < 0x7F else trail - 0xA1 + 63
        is_trail = 0x40 <= trail <= 0x7E or 0xA1 <= trail <= 0xFE
        for first, last, start in _BIG5_OWN_ROWS:
            if first <= lead <= last and is_trail:
                return chr(start + (lead - first) * _BIG5_ROW + column), error.start + 2
    raise error


codecs.register_error(_USER_DEFINED, _user_defined)


def _rival(chosen: Candidate, values: list[bytes]) -> tuple[str, str]:
    """Another encoding that reads the same bytes as sensible text, and that text.

    UTF-8 hardly ever succeeds by chance on more than a few short words; GB18030 often does, so it
    is a rival only to text without a character that Chinese is written in.
    """
    if not values:
        return "", ""
    blob = b"\n".join(values)
    as_utf8 = _decoded_or_none(blob, "utf-8")
    if chosen.codec != "utf-8" and as_utf8 is not None:
        return "utf-8", as_utf8
    if chosen.codec in _EAST_ASIAN or (chosen.codec == "utf-8" and _HAN.search(as_utf8 or "")):
        return "", ""
    text = _decoded_or_none(blob, "gb18030")
    strange = "".join(sign for sign in text or "" if not sign.isascii())
    return ("gb18030", text or "") if _HAN_ONLY.fullmatch(strange) else ("", "")


def _decoded_or_none(blob: bytes, codec: str) -> str | None:
    try:
        return blob.decode(codec)
    except UnicodeDecodeError:
        return None


def _sample(text: str, length: int = 20) -> str:
    """The first line that shows whether the encoding is right."""
    lines = (line.strip() for line in text.split("\n"))
    return next((line[:length] for line in lines if line and not line.isascii()), "")


def decode(value: bytes, codec: str) -> str:
    """One value in the encoding that :func:`choose` proved.

    >>> decode("泉州".encode("gbk") + b"\\xc8", "gb18030")
    '泉州'
    """
    return value.decode("ascii") if value.isascii() else _trimmed(value, codec)[0]
