"""The text of a project file that is being drafted: sections, lines, questions, safe quoting."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.messages import Lang, text

if TYPE_CHECKING:
    from landuse.intake.survey import Surveyed

__all__ = ["ENTERPRISE_PARTS", "Draft", "Section", "quoted", "remark"]

ENTERPRISE_PARTS: Final = ("name", "industry_code", "scale", "production_started_on", "x", "y")
"""What the main table of the enterprises has and a table of figures has not."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WIDTH: Final = 34

Value = str | int | dt.date | list[str]


def quoted(value: Value) -> str:
    r"""A value as TOML writes it, whatever is in it.

    >>> print(quoted('a"b\\c'))
    "a\"b\\c"
    """
    if isinstance(value, list):
        return f"[{', '.join(quoted(entry) for entry in value)}]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return f"\\u{ord(char):04X}" if _CONTROL.match(char) else char


def remark(words: str) -> str:
    """Words as one comment line: nothing in them can begin a line of its own.

    >>> remark("a\\n[rules]")
    '# a [rules]'
    """
    return f"# {_CONTROL.sub(' ', words).strip()}"


@dataclass
class Section:
    """One table of the file."""

    name: str
    draft: Draft
    repeated: bool = False
    lines: list[str] = field(default_factory=list)
    mapping: list[str] = field(default_factory=list)

    def line(self, key: str, value: Value, words: str = "") -> None:
        """A statement, with a comment behind it."""
        stated = f"{key} = {quoted(value)}"
        tail = f"{' ' * max(2, _WIDTH - len(stated))}{remark(words)}" if words else ""
        self.lines.append(stated + tail)

    def ask(self, question: str, key: str, example: Value) -> None:
        """A question, with the line that would answer it as a comment."""
        self.lines.append(self.draft.ask_text(question))
        self.lines.append(f"# {key} = {quoted(example)}")

    def remark(self, line: str) -> None:
        """A comment line."""
        self.lines.append(line)

    def columns(self, group: list[Surveyed]) -> None:
        """The recognised columns of the (equal) tables in ``group``, and what is not used."""
        seen = group[0]
        for name, heading in seen.columns.items():
            self.mapping.append(f"{name} = {quoted(heading)}")
        for name, headings in seen.by_year.items():
            words = self.draft.say("init_by_year", name=name, headings=", ".join(headings))
            self.mapping.append(remark(words))
        for name, headings in seen.doubtful.items():
            words = self.draft.say("init_ask_doubtful", name=name, headings=", ".join(headings))
            self.mapping.append(self.draft.ask_text(words))
            self.mapping += [f"# {name} = {quoted(heading)}" for heading in headings]
        if seen.unread:
            words = self.draft.say("init_unread", headings=", ".join(seen.unread))
            self.mapping.append(remark(words))

    def text(self) -> str:
        """The section as it stands in the file."""
        head = f"[[{self.name}]]" if self.repeated else f"[{self.name}]"
        body = "\n".join([head, *self.lines])
        if self.mapping:
            title = f"[{self.name}.columns]"
            words = remark(self.draft.say("init_columns"))
            body += "\n" + "\n".join([f"{title}{' ' * 4}{words}", *self.mapping])
        return body


@dataclass
class Draft:
    """The file: its sections, and what the user is told about it."""

    folder: Path
    lang: Lang
    sections: list[Section] = field(default_factory=list)
    recognised: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)

    def say(self, code: str, **values: object) -> str:
        """A sentence of the catalogue."""
        return text(f"project.{code}", self.lang, **values)

    def ask(self, code: str, **values: object) -> str:
        """A question of the catalogue as a comment line; it is also told on the screen."""
        return self.ask_text(self.say(code, **values))

    def ask_text(self, words: str) -> str:
        """A question as a comment line."""
        self.questions.append(_CONTROL.sub(" ", words).strip())
        return remark(f"? {words}")

    def loose(self, words: str) -> None:
        """A question that belongs to no section."""
        self.tail.append(self.ask_text(words))

    def section(self, name: str, *, repeated: bool = False) -> Section:
        """A new section at the end of the file."""
        self.sections.append(Section(name, self, repeated))
        return self.sections[-1]

    def path(self, path: Path) -> str:
        """A path as the project file has it: relative where that is possible."""
        # a link on the way would lead `..` elsewhere
        absolute = path.parent.resolve() / path.name
        try:
            return os.path.relpath(absolute, self.folder.resolve()).replace(os.sep, "/")
        except ValueError:  # another drive
            return absolute.as_posix()

    def text(self) -> str:
        """The whole file."""
        head = [remark(line) for line in self.say("init_head").splitlines()]
        parts = ["\n".join(head), *(section.text() for section in self.sections)]
        if self.tail:
            parts.insert(1, "\n".join(self.tail))
        return "\n\n".join(parts) + "\n"
