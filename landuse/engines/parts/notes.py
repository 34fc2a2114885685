"""Issues of a stage in a file, and issues of all stages as one log; facts in plain values.

What a room says of a whole input, a part cannot say; those sentences are taken out of the parts
and said once (:func:`scope_issues`, sums of ``codes_unknown``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.intake.raw import Fact
from landuse.issues import Issue, IssueLog, plain
from landuse.matching.scope import report_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.stores import Place
__all__ = [
    "SCOPE",
    "facts_of",
    "issue_of",
    "place_of",
    "read_issues",
    "said_once",
    "scope_issues",
    "told_facts",
    "write_issues",
]

SCOPE: Final = frozenset(
    f"matching.{name}"
    for name in ("no_land_use", "blank_land_use", "nothing_in_scope", "out_of_scope")
)
_PLACE: Final = ("code", "table", "file", "sheet", "row", "column", "key", "value")


def write_issues(log: Iterable[Issue], path: Path) -> None:
    """One issue a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for issue in log:
            file.write(json.dumps(place_of(issue), ensure_ascii=True) + "\n")


def place_of(issue: Issue) -> tuple[list[Any], dict[str, Any]]:
    """An issue in plain values; :func:`issue_of` makes it one again."""
    place = [plain(getattr(issue, name)) for name in _PLACE]
    return place, {name: plain(value) for name, value in issue.values.items()}


def issue_of(place: list[Any], values: dict[str, Any]) -> Issue:
    """The issue that :func:`place_of` took apart."""
    fields: dict[str, Any] = dict(zip(_PLACE, place, strict=True))
    return Issue(**fields, values=values)


def told_facts(facts: Iterable[Fact]) -> list[list[object]]:
    """Facts in plain values; :func:`facts_of` makes them facts again."""
    kept = (str, int, float, bool)
    return [
        [
            fact.code, fact.file,
            {name: value if value is None or isinstance(value, kept) else str(value)
             for name, value in fact.values.items()},
        ]
        for fact in facts
    ]  # fmt: skip


def facts_of(told: Iterable[list[Any]]) -> tuple[Fact, ...]:
    """The facts that :func:`told_facts` took apart."""
    return tuple(Fact(*one) for one in told)


def read_issues(path: Place) -> Iterable[Issue]:
    """The issues of a file, in its order."""
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            yield issue_of(*json.loads(line))


def said_once(parts: Iterable[Iterable[Issue]], near: Mapping[str, str]) -> IssueLog:
    """The issues of the parts as the whole input would give them.

    ``near``: what an unknown code most likely means, which no part knows alone.
    """
    log = IssueLog()
    unknown = 0
    for issues in parts:
        for issue in issues:
            if issue.code == "matching.codes_unknown":
                unknown += int(str(issue.values["n"]))
                continue
            if issue.code == "matching.unknown_enterprise" and issue.value in near:
                values = {**issue.values, "nearest": near[issue.value]}
                issue = replace(issue, values=values)  # noqa: PLW2901
            log.extend([issue])
    if unknown:
        log.add("matching.codes_unknown", table="parcels", column="uscc", n=unknown)
    return log


def scope_issues(uses: Mapping[str, tuple[int, bool]], first_blank: str, log: IssueLog) -> None:
    """Say which land uses are left out, from their counts: land use → parcels, in scope.

    ``first_blank`` is the smallest code of a parcel that states no use.
    """
    import pandas as pd

    codes, many = list(uses), [uses[use][0] for use in uses]
    column = pd.Series(np.repeat(np.array(codes, dtype=object), many), dtype="str")
    inside = np.repeat(np.array([uses[use][1] for use in codes], dtype=bool), many)
    report_scope(pd.DataFrame({"land_use_code": column, "parcel_id": first_blank}), inside, log)
