"""A stop of a project feeds the idle clock: the contracts of a batch with what its projects say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from landuse.intake.project import PARK_TABLES
from landuse.issues import IssueLog

if TYPE_CHECKING:
    from landuse.intake.inputs import Inputs
    from landuse.intake.project import Project

__all__ = ["with_stops"]


def with_stops(project: Project, inputs: Inputs, as_of: dt.date, log: IssueLog) -> Inputs:
    """``inputs`` whose supply knows the stops of the project file's projects, and whose counts,
    sources and files have theirs; as they are where the project file gives no projects or no
    supply.

    Raises :class:`landuse.errors.UserError` for structural faults of the table of projects.
    """
    if project.projects is None or inputs.supply is None:
        return inputs
    from landuse import parks
    from landuse.intake.park_tables import read_park_inputs

    alone = project.model_copy(update={name: None for name in PARK_TABLES if name != "projects"})
    told = IssueLog()
    read = read_park_inputs(alone, told)
    supply = parks.feed_idle_clock(inputs.supply, read.projects, as_of, told)
    log.extend(told)
    return replace(
        inputs,
        supply=supply,
        counts=_both(inputs.counts, read.counts).sort_values(["table", "file"], ignore_index=True),
        set_aside=_both(inputs.set_aside, read.set_aside),
        sources=_both(inputs.sources, read.sources),
        facts=(*inputs.facts, *read.facts),
        files=tuple(sorted({*inputs.files, *read.files}, key=lambda file: file.path)),
    )


def _both(one: pd.DataFrame, two: pd.DataFrame) -> pd.DataFrame:
    """The rows of both; an empty frame has nothing to say of the types."""
    filled = [frame for frame in (one, two) if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else one
