"""What intake hands over: one :class:`Reading` a table, all of them as :class:`Inputs`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landuse.intake.raw import Fact

if TYPE_CHECKING:
    import pandas as pd

    from landuse.stores import Place

__all__ = ["COUNT_COLUMNS", "Inputs", "Reading", "SourceFile"]

COUNT_COLUMNS = ("table", "file", "read", "used", "set_aside")


@dataclass(frozen=True, slots=True)
class Reading:
    """One input table, validated.

    ``frame``: as its table in ``landuse.schema.tables``; ``counts``: columns ``COUNT_COLUMNS``,
    one row a file, ``read = used + set_aside``; ``set_aside`` and ``sources``: as SET_ASIDE and
    SOURCES; ``files``: every file that was opened; ``lost``: LOST_PARCELS (parcels only);
    ``years``: the years that the table has (enterprises only); ``has``: our names of the columns
    that were found.
    """

    frame: pd.DataFrame
    counts: pd.DataFrame
    set_aside: pd.DataFrame
    sources: pd.DataFrame
    facts: tuple[Fact, ...] = ()
    files: tuple[Place, ...] = ()
    has: frozenset[str] = frozenset()
    lost: pd.DataFrame | None = None
    figures: pd.DataFrame | None = None
    years: tuple[int, ...] = ()
    crs: str = ""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One input file as ``run.json`` lists it; ``path`` is relative to the project file."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a run starts from; frames as in ``landuse.schema.tables``.

    Optional tables are ``None`` where the project does not give them; ``occupancy``,
    ``confirmed_links`` and ``exemptions`` are empty instead. ``corrections`` has the columns
    ``table, key, column, old, new, reason, by, on, applied, outcome``.
    """

    parcels: pd.DataFrame
    lost_parcels: pd.DataFrame
    enterprises: pd.DataFrame
    figures: pd.DataFrame
    occupancy: pd.DataFrame
    confirmed_links: pd.DataFrame
    price_zones: pd.DataFrame | None
    parks: pd.DataFrame | None
    supply: pd.DataFrame | None
    exemptions: pd.DataFrame
    counts: pd.DataFrame
    set_aside: pd.DataFrame
    sources: pd.DataFrame
    corrections: pd.DataFrame
    facts: tuple[Fact, ...]
    files: tuple[SourceFile, ...]
    crs: str
    has_land_use: bool
    has_prices: bool
    years: tuple[int, ...] = field(default=())
