"""What only whole tables can say, from what their parts told: the same sentences, figures and rows.

Held in one process: 16 bytes a parcel (whether the unit of area can be right), and then of each
enterprise one figure (8 bytes) and the texts of its cohort, as they are long (the median of one
figure after the other); some three times for a moment. Issues go from file to file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landuse.engines.parts.frames import arrow_of, frame_of, load, save
from landuse.engines.parts.notes import issue_of, read_issues, write_issues
from landuse.errors import UserError
from landuse.intake import joined
from landuse.intake.absences import Absence, report_absent
from landuse.intake.numbers import Large
from landuse.intake.outliers import Suspects, medians_of, report_outliers
from landuse.intake.parcels import Forms, report_forms, report_unit
from landuse.intake.small_tables import report_unknown
from landuse.intake.totals_check import BlockSum, Sums, compare_totals
from landuse.issues import IssueLog
from landuse.publish.parquet import repeated_texts
from landuse.schema.near_codes import asked_first, named, near_codes

if TYPE_CHECKING:
    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.columns import Columns
    from landuse.intake.project import Project
    from landuse.intake.totals_check import Total
    from landuse.issues import Issue
    from landuse.schema.frame import Table
    from landuse.stores import Place

__all__ = [
    "merged",
    "prove_unit",
    "said_by_parts",
    "save_medians",
    "say_absent",
    "say_exemptions",
    "say_extents",
    "say_forms",
    "say_large",
    "say_outliers",
    "say_totals",
    "stream",
    "uses_of",
]

_ONCE: Final = frozenset(
    f"intake_tables.uscc_{kind}" for kind in ("legacy", "form", "rounded", "check")
)
_SUMMED: Final = "intake_tables.points_without_crs"

Told = Sequence[Mapping[str, Any]]


def said_by_parts(paths: Iterable[Place], files: Sequence[str]) -> Iterator[Issue]:
    """The issues of the parts as the whole tables would give them.

    An odd credit code of the occupancy is said where it stands first (``files`` in their order),
    points without a system once a table.
    """
    first: dict[tuple[str, str], Issue] = {}
    summed: Counter[tuple[str, str]] = Counter()
    place = {file: number for number, file in enumerate(files)}
    for path in paths:
        for issue in read_issues(path):
            if issue.code == _SUMMED:
                summed[issue.file, issue.column] += int(str(dict(issue.values)["n"]))
            elif issue.table == "occupancy" and issue.code in _ONCE:
                known = first.setdefault((issue.code, issue.key), issue)
                if (place[issue.file], issue.row or 0) < (place[known.file], known.row or 0):
                    first[issue.code, issue.key] = issue
            else:
                yield issue
    yield from first.values()
    log = IssueLog()
    for (file, column), many in summed.items():
        log.add(_SUMMED, table="enterprises", file=file, column=column, n=many)
    yield from log


def say_forms(job: Job, told: Told, log: IssueLog) -> None:
    """The first odd parcel codes, and how many more there are."""
    parts = [
        Forms(tuple(read_issues(job.path("checked_land", part) / "forms.jsonl")),
              one["heading"], one["forms"])
        for part, one in enumerate(told)
    ]  # fmt: skip
    report_forms(parts, log)


def say_large(parts: Iterable[Sequence[Sequence[Any]]], log: IssueLog) -> None:
    """Columns whose sums could leave 64 bits; ``parts`` are the columns of each part."""
    for column in zip(*parts, strict=True):
        Large.whole([Large(*one) for one in column]).report(log)


def say_extents(parts: Iterable[Mapping[str, Any]]) -> None:
    """Refuse points of which most lie elsewhere (:class:`landuse.errors.UserError`)."""
    given = fitting = 0
    faults = []
    for part in parts:
        for many, inside, fault in part["extent"]:
            given, fitting = given + many, fitting + inside
            faults += [] if fault is None else [issue_of(*fault)]
    if given and fitting * 2 < given:
        raise UserError(faults[:1])


def say_totals(
    kind: str, totals: Sequence[Sequence[Total]], sums: Iterable[Sequence[Any]], log: IssueLog
) -> None:
    """Totals that are none of the sums that they may be, by table; ``sums`` of all parts."""
    found = [Sums() for _ in totals]
    for table, *one in sums:
        found[table].add(BlockSum(*one))
    for mine, summed in zip(totals, found, strict=True):
        compare_totals(kind, mine, summed, log)


def uses_of(told: Told) -> Counter[tuple[str, str]]:
    """How land uses were written, and what they became."""
    found: Counter[tuple[str, str]] = Counter()
    for one in told:
        for text, code, many in one["uses"]:
            found[text, code] += many
    return found


def prove_unit(job: Job, unit: str, columns: Columns, project: Project) -> None:
    """Refuse a unit of area against which the parcels speak (:class:`UserError`)."""
    names = ["registered_area_m2_micro", "geometry_area_m2_micro"]
    paths = [job.path("checked_land", part) / "parcels.parquet" for part in range(len(job.land))]
    found = [pq.read_table(path, columns=names) for path in paths]
    stated = np.concatenate([one[names[0]].fill_null(0).to_numpy() for one in found])
    measured = np.concatenate([one[names[1]].to_numpy() for one in found])
    report_unit(pd.Series(stated), pd.Series(measured), unit, columns, project.parcels)


def say_absent(job: Job, told: Told, log: IssueLog) -> None:
    """Who is in one table of enterprises and not in another."""
    for number, first in enumerate(told[0]["absent"]):
        parts = []
        for part, one in enumerate(told):
            path = job.path("checked_firms", part) / f"missing-{number}.parquet"
            issue, place, read, known, present, dated = one["absent"][number]
            parts.append(Absence(issue, place, read, known, present, dated, load(path)))
        sheet = next((one.place for one in parts if one.read), first[1])
        parts = [one._replace(place=sheet) for one in parts]
        report_absent(parts, job.year, log)


def say_exemptions(job: Job, crew: Crew, exemptions: pd.DataFrame, log: IssueLog) -> None:
    """Exemptions of codes that no enterprise has, each with the nearest code of all parts."""
    codes = sorted(set(exemptions["uscc"]))
    if not codes:
        return
    known = {code for found in crew.each(partial(_listed, job=job, codes=codes), len(job.firms))
             for code in found}  # fmt: skip
    asked = asked_first(set(codes) - known)
    if asked:
        near = crew.each(partial(_near, job=job, asked=asked), len(job.firms))
        known |= {code for found in near for code in found}
    report_unknown(exemptions, pd.DataFrame({"uscc": sorted(known)}, dtype="str"), log)


def _listed(part: int, job: Job, codes: list[str]) -> list[str]:
    """The codes that enterprises of a part have."""
    return sorted(_codes(job, part).intersection(codes))


def _near(part: int, job: Job, asked: list[str]) -> list[str]:
    """The codes of a part that are nearest to what is asked."""
    return sorted(set(named(near_codes(asked, _codes(job, part))).values()))


def _codes(job: Job, part: int) -> set[str]:
    return set(load(job.path("checked_firms", part) / "enterprises.parquet", ["uscc"])["uscc"])


def save_medians(job: Job, told: Told, folder: Path) -> dict[str, Any]:
    """The median of each figure in each cohort of the year."""
    cohort = list(told[0]["cohort"])
    paths = [job.path("checked_firms", part) / "suspects.parquet" for part in range(len(told))]
    whole: pd.DataFrame | None = None
    for figure in job.rules.figures:
        used = pd.concat([_lean(path, cohort, figure.micro) for path in paths], ignore_index=True)
        mine = medians_of(used, cohort, [figure.micro])
        whole = mine if whole is None else whole.join(mine)
    assert whole is not None
    save(whole.reset_index(), folder / "medians.parquet")
    return {"cohorts": len(whole)}


def _lean(path: Place, cohort: Sequence[str], micro: str) -> pd.DataFrame:
    return load(path, [*cohort, micro])


def say_outliers(part: int, job: Job, cohort: Sequence[str]) -> dict[str, Any]:
    """Values of a part's enterprises that stand out from those of all."""

    def work(folder: Path) -> dict[str, Any]:
        source, log = job.path("checked_firms", part), IssueLog()
        names = list(cohort)
        medians = load(job.path("whole", "medians") / "medians.parquet").set_index(
            names if len(names) > 1 else names[0]
        )
        used = load(source / "suspects.parquet")
        single = source / "single_rows.parquet"
        rows = _with_places(load(single)) if single.is_file() else pd.DataFrame()
        index = pd.Index(used["uscc"])

        def places(uscc: str, year: int, figure: str) -> dict[str, object]:
            del year
            row = used.iloc[index.get_loc(uscc)]
            if not row[f"file:{figure}"]:
                return {"table": "enterprises", "key": uscc}
            return {
                "table": "enterprises",
                "file": row[f"file:{figure}"],
                "sheet": row[f"sheet:{figure}"],
                "row": int(row[f"row:{figure}"]),
                "key": uscc,
            }

        report_outliers(Suspects(used, rows, names), medians, job.rules, job.year, places, log)
        write_issues(log, folder / "issues.jsonl")
        return {"issues": len(log)}

    return job.once("outliers", part, work)


def _with_places(rows: pd.DataFrame) -> pd.DataFrame:
    names = [str(name) for name in rows if str(name).startswith("place:")]
    places = rows[names].rename(columns=lambda name: name.removeprefix("place:"))
    return rows.assign(place=pd.Series(places.to_dict("records"), dtype=object))


def merged(
    paths: Sequence[Place], firsts: Sequence[str | None], table: Table
) -> Iterator[pa.Table]:
    """The rows of sorted files as one sorted table, some at a time.

    ``firsts`` are the first keys of the files, which mostly follow each other and then pass as they
    are: what may belong behind a row of a later file waits for it.
    """
    waiting: pd.DataFrame | None = None
    for number, path in enumerate(paths):
        if firsts[number] is None:
            continue
        later = min((first for first in firsts[number + 1 :] if first is not None), default=None)
        content = pq.read_table(path)
        if waiting is None or not len(waiting):
            if later is None or content["key"][-1].as_py() < later:
                yield content
                continue
            frame = frame_of(content)
        else:
            frame = joined.in_order([waiting, frame_of(content)], table)
        keys = frame["key"].to_numpy(object)
        cut = len(frame) if later is None else int(np.searchsorted(keys, later))
        yield arrow_of(frame.iloc[:cut].reset_index(drop=True))
        waiting = frame.iloc[cut:]


def stream(tables: Iterable[pa.Table], path: Path, empty: pd.DataFrame) -> None:
    """Write rows of one table as one file (:func:`landuse.engines.parts.frames.save`)."""
    schema = arrow_of(empty).schema
    dictionary = repeated_texts(schema)
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=dictionary) as writer:
        for content in tables:
            if len(content):
                writer.write_table(content.cast(schema), row_group_size=65_536)
