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

__all__ = [
    "Basis",
    "Candidate",
    "Choice",
    "Trial",
    "candidates",
    "choose",
    "codec_named",
    "decode",
]

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
_NO_HAN: Final = re.compile("[^\x00-\x7f\u2010-\u203f\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
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
    trial = Trial(ordered)
    trial.feed(values, cut_values)
    return trial.choice()


class Trial:
    """Candidates tried on the values of a file, as :func:`choose` does it, some at a time."""

    def __init__(self, ordered: Iterable[Candidate]) -> None:
        self._tried = [(one, _Reading(one.codec)) for one in ordered]
        self._utf8, self._gb18030 = (_Reading(one, exact=True) for one in ("utf-8", "gb18030"))

    def feed(
        self, values: Sequence[bytes], cut_values: Sequence[bytes] = (), column: int = 0
    ) -> None:
        """Distinct values of a column; they may come again another time."""
        bodies = [value for value in values if not value.isascii()]
        full = [value for value in cut_values if not value.isascii()]
        if bodies or full:
            for one in (*(one for _, one in self._tried), self._utf8, self._gb18030):
                one.read(bodies, full, column)

    @property
    def held(self) -> int:
        """How many odd values are remembered, so that each is counted once a column."""
        return max(len(one.odd) for _, one in self._tried)

    def choice(self) -> Choice | None:
        """The first candidate that proved itself on everything so far."""
        refused: list[Candidate] = []
        for candidate, one in self._tried:
            if one.failed:
                refused.append(candidate)
                continue
            rival = self._rival(candidate)
            return Choice(
                candidate.codec, candidate.basis, tuple(refused), one.cut, one.own, one.sample,
                rival.codec if rival else "", rival.sample if rival else "",
            )  # fmt: skip
        return None

    def _rival(self, chosen: Candidate) -> _Reading | None:
        """Another encoding that reads the same bytes as sensible text.

        UTF-8 hardly ever succeeds by chance on more than a few short words; GB18030 often does, so
        it is a rival only to text without a character that Chinese is written in.
        """
        utf8, other = self._utf8, self._gb18030
        if not (utf8.samples or utf8.failed):
            return None
        if chosen.codec != "utf-8" and not utf8.failed:
            return utf8
        if chosen.codec in _EAST_ASIAN or (chosen.codec == "utf-8" and utf8.has_han):
            return None
        return other if other.han_only and not other.failed else None


class _Reading:
    """All values in one encoding; ``exact``: none of them may be cut short.

    ``odd``: values of a column that were cut, or have characters of their author alone.
    """

    def __init__(self, codec: str, *, exact: bool = False) -> None:
        self.codec, self._exact = codec, exact
        self.failed, self.has_han, self.han_only = False, False, True
        self.cut = self.own = 0
        self.odd: set[tuple[int, bytes]] = set()
        self.samples: dict[tuple[bool, int], str] = {}

    def read(self, bodies: list[bytes], full: list[bytes], column: int) -> None:
        """Take some values in; nothing more where one of them is no text."""
        if self.failed:
            return
        try:
            texts = self._texts(bodies, full)
        except (UnicodeDecodeError, LookupError):
            self.failed = True
            return
        if self._exact:
            for text in texts:
                self.has_han = self.has_han or bool(_HAN.search(text))
                self.han_only = self.han_only and not _NO_HAN.search(text)
        elif any(_CONTROL.search(text) for text in texts):
            self.failed = True
            return
        else:
            self._count(bodies, full, texts, column)
        for is_full, text in enumerate(texts):
            place = (bool(is_full), column)
            self.samples[place] = self.samples.get(place) or _sample(text)

    def _texts(self, bodies: list[bytes], full: list[bytes]) -> tuple[str, str]:
        """Both kinds of values, each joined by line ends."""
        if self._exact:
            return b"\n".join(bodies).decode(self.codec), b"\n".join(full).decode(self.codec)
        text = b"\n".join(bodies).decode(self.codec, _errors(self.codec))
        return text, "\n".join(_trimmed(value, self.codec)[0] for value in full)

    def _count(
        self, bodies: list[bytes], full: list[bytes], texts: tuple[str, str], column: int
    ) -> None:
        """Count what is odd in values that were not counted before."""
        known = frozenset(self.odd)
        with_own = [_OWN_CHARACTERS.search(text) is not None for text in texts]
        for value in [*(bodies if with_own[0] else ()), *full]:
            if (column, value) in known:
                continue
            text, was_cut = _trimmed(value, self.codec)
            own = len(_OWN_CHARACTERS.findall(text))
            if own or was_cut:
                self.own, self.cut = self.own + own, self.cut + was_cut
                self.odd.add((column, value))

    @property
    def sample(self) -> str:
        """What shows best whether the encoding is right."""
        found = (self.samples[place] for place in sorted(self.samples))
        return next((text for text in found if text), "")


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
