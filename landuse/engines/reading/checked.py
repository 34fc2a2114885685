"""Rows of one part, read and checked by the ordinary readers: stages after the rows are scattered.

What they would say of whole tables goes into the files of the part and is said by
:mod:`landuse.engines.reading.agreed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from landuse.engines.parts.cuts import part_of
from landuse.engines.parts.frames import bounds, save
from landuse.engines.parts.notes import place_of, write_issues
from landuse.engines.reading.compose import left_rows
from landuse.engines.reading.grounds import located, target_of
from landuse.engines.reading.listing import pieces_of
from landuse.engines.reading.scatter import part_rows
from landuse.intake import joined
from landuse.intake.corrections import Corrections
from landuse.intake.enterprises import Checked, check_enterprises
from landuse.intake.numbers import Large
from landuse.intake.occupancy import read_occupancy
from landuse.intake.opened_parts import RowsOpener
from landuse.intake.parcels import check_parcels
from landuse.intake.placing import place_all
from landuse.intake.totals_check import sums_of_blocks
from landuse.issues import IssueLog

if TYPE_CHECKING:
    import pyarrow as pa

    from landuse.engines.parts.job import Job
    from landuse.engines.reading.spans import Key
    from landuse.intake.inputs import Reading
    from landuse.intake.opened import Asked
    from landuse.intake.opened_parts import Known
    from landuse.intake.project import Project
    from landuse.intake.streamed import Pieces
    from landuse.intake.totals_check import Total

__all__ = ["check_firms", "check_land", "sum_blocks"]

_NOTHING: Final = Corrections()


def check_land(
    part: int,
    job: Job,
    project: Project,
    told: Mapping[str, Any],
    key: Key,
    known: Sequence[Known],
) -> dict[str, Any]:
    """Parcels and occupancy of one part of the land; ``told`` and ``key`` of the parcels, and
    what is ``known`` of the occupancy, the survey found."""
    columns, (cells,) = key.columns, key.cells
    assert columns is not None

    def work(folder: Path) -> dict[str, Any]:
        log = IssueLog()
        (pieces,) = pieces_of("parcels", job, project)
        rows = part_rows(job, "parcels", 0, part, pieces)
        target = target_of(told, pieces, project)
        placed = place_all(located(told, pieces, rows, project), target, job.rules)
        placed = replace(placed, raw=cells.put(placed.raw))
        land = check_parcels(placed, columns, target, project, job.rules, log)
        frame, lost = land.reading.frame, land.reading.lost
        assert lost is not None
        save(frame, folder / "parcels.parquet")
        save(lost, folder / "lost.parquet")
        np.save(folder / "boxes.npy", shapely.bounds(frame["geometry"].to_numpy()))
        write_issues(land.forms.first, folder / "forms.jsonl")
        parts = {"parcels": land.reading}
        more: dict[str, Any] = {}
        if project.occupancy is not None:
            opener = _opener(job, project, "occupancy", part, known)
            asked: list[Asked] = []
            parts["occupancy"] = read_occupancy(project, _NOTHING, log, _keeping(opener, asked))
            save(parts["occupancy"].frame, folder / "occupancy.parquet")
            left = left_rows(joined.set_aside([parts["occupancy"]]))
            strays = int((part_of(left["parcel_id"], job.land) != part).sum())
            more = {"asked": _plain(asked), "strays": strays}
        both = np.concatenate([frame["geometry"].to_numpy(), lost["geometry"].to_numpy()])
        held = (frame["holder"] != "") | (frame["uscc"] != "")
        return {
            **_books(folder, parts, log),
            **more,
            "parcels": len(frame),
            "bounds": bounds(frame["geometry"].to_numpy()),
            "around": bounds(both),
            "held": bool(held.any()),
            "priced": bool((frame["benchmark_price_yuan_per_m2"] > 0).any()),
            "heading": land.forms.heading,
            "forms": land.forms.many,
            "uses": [[*pair, many] for pair, many in land.uses.items()],
            "amounts": [_large(one) for one in land.amounts],
            "unit": land.unit,
        }

    return job.once("checked_land", part, work)


def check_firms(
    part: int, job: Job, project: Project, crs: str, known: Sequence[Known]
) -> dict[str, Any]:
    """Enterprises of one part, with their figures; ``crs`` is the working system, ``known`` what
    the survey found of the tables."""

    def work(folder: Path) -> dict[str, Any]:
        log = IssueLog()
        opener = _opener(job, project, "enterprises", part, known)
        found = check_enterprises(project, job.rules, _NOTHING, log, crs=crs, opener=opener)
        reading = found.reading
        assert reading.figures is not None
        save(reading.frame, folder / "enterprises.parquet")
        save(reading.figures, folder / "figures.parquet")
        _save_suspects(found, job, folder)
        for number, one in enumerate(found.absent):
            save(one.missing, folder / f"missing-{number}.parquet")
        placed = reading.frame["x"].notna() & reading.frame["y"].notna()
        return {
            **_books(folder, {"enterprises": reading}, log),
            "asked": _plain([one for one in found.asked if one is not None]),
            "absent": [list(one[:-1]) for one in found.absent],
            "years": list(reading.years),
            "enterprises": len(reading.frame),
            "points": int(placed.sum()),
            "cohort": found.suspects.cohort,
        }

    return job.once("checked_firms", part, work)


def sum_blocks(
    part: int,
    job: Job,
    project: Project,
    kind: str,
    known: Sequence[Known],
    totals: Sequence[Sequence[Total]],
) -> dict[str, Any]:
    """What the rows of one part are between the ``totals`` of each table of a kind."""

    def work(_: Path) -> dict[str, Any]:
        sums = []
        for table, pieces in enumerate(pieces_of(kind, job, project)):
            if totals[table]:
                mine = part_rows(job, kind, table, part, pieces)
                rows = known[table].rows(pieces, mine)[0]
                sums += [[table, *one] for one in sums_of_blocks(rows, totals[table])]
        return {"sums": sums}

    return job.once(f"totals_{kind}", part, work)


def _opener(job: Job, project: Project, kind: str, part: int, known: Sequence[Known]) -> RowsOpener:
    """Gives the rows of a part of the tables of a kind."""

    def rows(table: int, pieces: Pieces) -> dict[int, pa.Table]:
        return part_rows(job, kind, table, part, pieces)

    return RowsOpener(pieces_of(kind, job, project), rows, known)


def _keeping(opener: RowsOpener, asked: list[Asked]) -> Any:  # noqa: ANN401 - an Opener
    """``opener``, noting what every table is asked."""

    def opened(*args: Any, **named: Any) -> Any:  # noqa: ANN401
        found = opener(*args, **named)
        if found.asked is not None:
            asked.append(found.asked)
        return found

    return opened


def _large(one: Large) -> list[Any]:
    return [one.total, one.largest, dict(one.place)]


def _plain(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """What tables are asked, in plain values."""
    return [
        {
            "amounts": [_large(one) for one in table.amounts],
            "extent": [
                [one.given, one.fitting, None if one.fault is None else place_of(one.fault)]
                for one in table.extent
            ],
            "totals": [list(one) for one in table.totals],
        }
        for table in asked
    ]


def _books(folder: Path, parts: Mapping[str, Reading], log: IssueLog) -> dict[str, Any]:
    """Write the book-keeping of some tables; their rows read and used, and their first keys."""
    firsts: dict[str, str] = {}
    for table, reading in parts.items():
        for name, frame in (
            ("sources", joined.sources([reading])),
            ("set_aside", joined.set_aside([reading])),
        ):
            save(frame, folder / f"{name}-{table}.parquet")
            if len(frame):
                firsts[f"{name}-{table}"] = str(frame["key"].iloc[0])
    write_issues(log, folder / "issues.jsonl")
    counts = joined.counts(list(parts.values()))
    return {
        "firsts": firsts,
        "counts": [list(row) for row in counts.itertuples(index=False)],
        "errors": len(log.errors()),
    }


def _save_suspects(found: Checked, job: Job, folder: Path) -> None:
    """The figures in which a value may stand out, and where each of them was stated."""
    used, rows, cohort = found.suspects
    micro = [figure.micro for figure in job.rules.figures]
    kept = used[["uscc", *cohort, *micro]].copy()
    for figure in job.rules.figures:
        place = found.places.frame(used, figure.key)
        for name in place:
            kept[f"{name}:{figure.key}"] = place[name].to_numpy()
    save(_texts(kept), folder / "suspects.parquet")
    if len(rows):
        places = pd.DataFrame(rows["place"].tolist(), index=rows.index)
        there = [name for name in micro if name in rows]
        rows = rows[["uscc", "counts", *cohort, *there]].join(places.add_prefix("place:"))
        save(_texts(rows), folder / "single_rows.parquet")


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose objects are texts, ``""`` for none."""
    return frame.assign(
        **{
            str(name): frame[name].fillna("").astype("str")
            for name in frame
            if frame[name].dtype == object
        }
    )
