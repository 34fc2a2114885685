"""One family of exceptions. Exit code 2: the user can mend it; 1: our fault."""

from __future__ import annotations

from typing import ClassVar

from landuse.issues import Issue, IssueLog
from landuse.messages import Lang

__all__ = ["InternalError", "LanduseError", "UserError"]


class LanduseError(Exception):
    """Base of every exception that this package raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, issues: list[Issue]) -> None:
        self.issues = issues
        super().__init__("; ".join(f"{issue.code}: {issue.message('en')}" for issue in issues))

    def lines(self, lang: Lang = "zh") -> list[str]:
        """Each fault as one paragraph: where, what, what to do."""
        joint = "：" if lang == "zh" else ": "
        paragraphs = []
        for issue in self.issues:
            place = issue.place(lang)
            head = f"{place}{joint}{issue.message(lang)}" if place else issue.message(lang)
            tail = issue.hint(lang)
            paragraphs.append(f"{head}\n  → {tail}" if tail else head)
        return paragraphs


class UserError(LanduseError):
    """The user's material or wish cannot be used as it is; all faults found are in ``issues``."""

    exit_code = 2

    @classmethod
    def of(cls, code: str, **place: object) -> UserError:
        """One fault, given as :meth:`landuse.issues.IssueLog.add` takes it."""
        log = IssueLog()
        log.add(code, **place)
        return cls(list(log))


class InternalError(LanduseError):
    """A promise between two rooms was broken: our fault."""
