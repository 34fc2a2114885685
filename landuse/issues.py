"""What is wrong, where, and whose job it is to mend it.

An :class:`Issue` is one fault in the user's material. Its words live in the catalogue of
``landuse.messages`` under its code; the issue itself carries only the place and the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from landuse.messages import Lang, hint, sentence, text

__all__ = ["SEVERITIES", "Issue", "IssueLog", "Severity", "plain"]

Severity = Literal["error", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


def plain(value: object) -> object:
    """A value of an issue that JSON gives back as it was (numpy's numbers as Python's).

    >>> plain(3), plain(None), plain(b"x")
    (3, None, "b'x'")
    """
    number = getattr(value, "item", None)
    if callable(number):
        value = number()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault with its place.

    ``table`` is our name of the input (``parcels``, ``enterprises`` ...), ``file`` the path
    relative to the project file with forward slashes, ``row`` the row as Excel counts it (for a
    layer the feature's number, from 1), ``column`` the heading in the user's file, ``key`` the
    parcel code or credit code, ``value`` what stands there.
    """

    code: str
    table: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    key: str = ""
    value: str = ""
    values: Mapping[str, object] = field(default_factory=lambda: _NOTHING)

    @property
    def severity(self) -> Severity:
        """``error`` stops the run, ``warning`` asks for a look, ``info`` only tells."""
        return sentence(self.code).get("severity", "error")

    @property
    def owner(self) -> str:
        """Whose job it is to mend it (a code; its words are ``ground.owner_*``)."""
        return sentence(self.code).get("owner", "planner")

    def _filled(self) -> dict[str, object]:
        place: dict[str, object] = {
            "table": self.table,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "key": self.key,
            "value": self.value,
        }
        return {**place, **self.values}

    def message(self, lang: Lang = "zh") -> str:
        """What is wrong, in words."""
        return text(self.code, lang, **self._filled())

    def hint(self, lang: Lang = "zh") -> str:
        """What to do about it, in words; may be empty."""
        return hint(self.code, lang, **self._filled())

    def place(self, lang: Lang = "zh") -> str:
        """File, sheet, row and column as one phrase; may be empty."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"{text('ground.place_sheet', lang)} {self.sheet}")
        if self.row is not None:
            parts.append(text("ground.place_row", lang, row=self.row))
        if self.column:
            parts.append(f"{text('ground.place_column', lang)} {self.column}")
        return ("，" if lang == "zh" else ", ").join(part for part in parts if part)

    def sort_key(self) -> tuple[object, ...]:
        """An order that depends on nothing but the issue itself."""
        return (
            SEVERITIES.index(self.severity),
            self.table,
            self.file,
            self.sheet,
            self.row or 0,
            self.code,
            self.key,
            self.column,
            self.value,
            str(sorted(self.values.items())),
        )


class IssueLog:
    """Collects issues during a run; rooms append, the pipeline reads.

    >>> log = IssueLog()
    >>> len(log)
    0
    """

    def __init__(self) -> None:
        self._issues: list[Issue] = []

    def add(self, code: str, **place: object) -> None:
        """Record one issue; keyword arguments are the fields of :class:`Issue`.

        Keywords that are no field become values of the sentence.
        """
        known = {name: place.pop(name) for name in _FIELDS if name in place}
        self._issues.append(Issue(code, values=MappingProxyType(place), **known))  # type: ignore[arg-type]

    def extend(self, issues: Iterable[Issue]) -> None:
        """Record several issues."""
        self._issues.extend(issues)

    def __iter__(self) -> Iterator[Issue]:
        return iter(sorted(self._issues, key=Issue.sort_key))

    def __len__(self) -> int:
        return len(self._issues)

    def errors(self) -> list[Issue]:
        """The issues that stop a run."""
        faults = [issue for issue in self._issues if issue.severity == "error"]
        return sorted(faults, key=Issue.sort_key)


_FIELDS: Final = ("table", "file", "sheet", "row", "column", "key", "value")
