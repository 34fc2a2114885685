"""A TOML file that a person wrote: strict reading, and the line of every key for messages.

Takes a path, gives a :class:`Document`. Duplicate keys, wrong encodings and broken syntax end in
a :class:`landuse.errors.UserError` that names the line. Fractional numbers stay as they were
written (:class:`Fractional`), so that a model can refuse them instead of rounding them.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from landuse.issues import IssueLog

__all__ = ["Document", "Fractional", "dotted", "nearest", "parse", "read", "report", "shorten"]

Key = tuple[str | int, ...]
_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_LARGEST: Final = 1 << 20
"""Characters of a file that a person wrote; the largest pack of benchmarks has a tenth of it."""
_PATIENCE: Final = 200_000
"""Lines that may be parsed again in the search for the lines of faults."""
_SYNTAX: Final = {
    "Cannot overwrite": "rules.duplicate_key",
    "Cannot declare": "rules.duplicate_key",
    "Cannot mutate": "rules.duplicate_key",
    "Duplicate inline": "rules.duplicate_key",
    "Unescaped '\\'": "rules.backslash",
    "Invalid hex value": "rules.backslash",
    "Escaped character": "rules.backslash",
    "Invalid date": "rules.no_such_day",
}
"""How the parser's words for a fault begin → our sentence."""


@dataclass(frozen=True, slots=True)
class Fractional:
    """A bare number with a fraction, as it was written; a binary float would have lost it."""

    written: str

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True)
class Document:
    """A parsed file: ``name`` for messages, the source lines, and the data."""

    name: str
    source: str
    data: dict[str, Any]
    looked_through: list[int] = field(default_factory=list, repr=False, compare=False)

    def line(self, key: Key) -> int | None:
        """Line (from 1) on which ``key`` begins; that of its nearest parent if it is not there.

        The answer is exact whatever the layout: the shortest head of the file that parses and
        holds the key ends where the key ends. A file with thousands of faults gets lines for the
        first hundreds; the others are ``None``.
        """
        while key and not _holds(self.data, key):
            key = key[:-1]
        if not key:
            return None
        if sum(self.looked_through) > _PATIENCE:
            return None
        lines = self.source.splitlines(keepends=True)
        without, holding = 0, len(lines)
        while (found := _head_between(lines, without, holding)) is not None:
            number, head = found
            self.looked_through.append(number)
            if _holds(head, key):
                holding = number
            else:
                without = number
        return without + 1


def _head_between(lines: Sequence[str], low: int, high: int) -> tuple[int, dict[str, Any]] | None:
    """A head of the file that parses, with more than ``low`` and fewer than ``high`` lines, from
    the middle outwards; ``None`` if there is none.
    """
    middle = (low + high) // 2
    for number in (*range(middle, low, -1), *range(middle + 1, high)):
        if not low < number < high:
            continue
        try:
            return number, tomllib.loads("".join(lines[:number]))
        except ValueError:
            continue
    return None


def _holds(data: object, key: Key) -> bool:
    for part in key:
        if isinstance(data, Mapping):
            inside = part in data
        else:
            inside = isinstance(data, Sequence) and isinstance(part, int) and part < len(data)
        if not inside:
            return False
        data = data[part]  # type: ignore[index]
    return True


def dotted(key: Iterable[str | int]) -> str:
    """A key path as a person would write it.

    >>> dotted(("enterprises", "tables", 0, "path"))
    'enterprises.tables[1].path'
    """
    out = ""
    for part in key:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return out.lstrip(".")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that looks most like ``word``; "" if nothing is known.

    >>> nearest("shar", ["share", "cap"])
    'share'
    """
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.0)), "")


def read(path: Path, name: str) -> Document:
    """The file at ``path``; ``name`` stands for it in messages."""
    try:
        with path.open("rb") as file:
            raw = file.read(4 * _LARGEST)
    except FileNotFoundError:
        raise UserError.of("rules.file_absent", file=name) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError.of("rules.file_closed", file=name, value=reason) from error
    try:
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UserError.of("rules.not_utf8", file=name, row=line) from error
    return parse(source, name)


def parse(source: str, name: str) -> Document:
    """The document in ``source``; a syntax fault names its line."""
    source = source.replace("\r\n", "\n")
    if len(source) > _LARGEST:
        raise UserError.of("rules.file_too_large", file=name, value=f"{_LARGEST // 1024}")
    try:
        return Document(name, source, tomllib.loads(source, parse_float=Fractional))
    except tomllib.TOMLDecodeError as error:
        raise _syntax_fault(source, str(error), name) from error
    except (ValueError, RecursionError) as error:  # digits without end, brackets without end
        raise UserError.of(
            "rules.broken_toml", file=name, value="…", reason=type(error).__name__
        ) from error


def _syntax_fault(source: str, message: str, name: str) -> UserError:
    reason = _PLACE.sub("", message)
    starts = (start for start in _SYNTAX if reason.startswith(start))
    code = _SYNTAX.get(next(starts, ""), "rules.broken_toml")
    found = _PLACE.search(message)
    lines = source.splitlines() or [""]
    row = int(found[1]) if found and found[1] else len(lines)
    written = lines[min(row, len(lines)) - 1].strip()
    return UserError.of(code, file=name, row=row, value=written, reason=reason)


_CODES: Final = {
    "literal_error": "rules.not_a_choice",
    "string_type": "rules.not_text",
    "int_type": "rules.not_whole",
    "int_parsing": "rules.not_whole",
    "int_from_float": "rules.not_whole",
    "list_type": "rules.not_a_list",
    "tuple_type": "rules.not_a_list",
    "dict_type": "rules.not_a_table",
    "model_type": "rules.not_a_table",
    "model_attributes_type": "rules.not_a_table",
    "missing": "rules.missing_key",
    "extra_forbidden": "rules.unknown_key",
}


Place = Callable[[Key], dict[str, object]]
"""From the location of a fault inside validated data to ``file``, ``row`` and ``where``."""


def report(
    error: ValidationError,
    log: IssueLog,
    place: Place,
    known: Callable[[Key], Iterable[str]] = lambda _: (),
) -> None:
    """Every fault that pydantic found, as one issue for each place in the file.

    ``known`` gives the names that a table may have, by its location. An error type with a dot is
    a code of the catalogue.
    """
    seen: dict[str, list[Any]] = {}
    for fault in error.errors(include_url=False):
        seen.setdefault(str(place(fault["loc"])["where"]), []).append(fault)
    inner = [
        where for where in seen if not any(w.startswith((f"{where}.", f"{where}[")) for w in seen)
    ]
    for faults in (seen[where] for where in inner):
        fault = min(faults, key=lambda one: len(one["loc"]))
        kinds = {one["type"] for one in faults}
        code = (
            fault["type"] if "." in fault["type"] else _CODES.get(fault["type"], "rules.bad_value")
        )
        if len(kinds) > 1 and "rules.not_a_number" in kinds:
            code = "rules.choice_or_number"
        values = {"expected": "", "reason": fault["msg"], **_context(faults)}
        name = str(fault["loc"][-1]) if fault["loc"] else ""
        if code == "rules.unknown_key":
            values["nearest"] = nearest(name, known(fault["loc"][:-1]))
        shown = (
            name if code in {"rules.unknown_key", "rules.missing_key"} else shorten(fault["input"])
        )
        log.add(code, value=shown, **values, **place(fault["loc"]))


def _context(faults: list[Any]) -> dict[str, str]:
    """What the faults of one place say about what would be right."""
    context: dict[str, str] = {}
    for fault in faults:
        context |= {str(name): str(value) for name, value in (fault.get("ctx") or {}).items()}
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", ", ").replace("'", "")
    return context


def shorten(value: object) -> str:
    """A value as a message shows it: one line, not too long."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
