"""What images say about each parcel: the built-up share, or the mean of a band (method, section 7).

Takes parcels and rasters; gives a value and a verdict for each parcel and raster. Evidence
supports or contradicts; it never makes a finding. Needs the extra ``raster`` of the package.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from landuse.crs import CrsFault, label, parse, reproject, same_system
from landuse.errors import UserError
from landuse.issues import Issue, IssueLog
from landuse.schema.tables import EVIDENCE

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    import numpy.typing as npt
    import pyproj

    from landuse.idle.evidence_cells import Zonal
    from landuse.idle.evidence_raster import Band
    from landuse.rules.model import Rules

    Floats = npt.NDArray[np.float64]

__all__ = ["MAX_MEMORY", "NEEDED", "VERDICTS", "Image", "Seen", "conclude", "installed", "look",
           "of_images", "verdicts", "zonal"]  # fmt: skip

MAX_MEMORY: Final = 256 * 1024 * 1024
"""Bytes of cells that are held at one time, unless the caller says otherwise."""
NEEDED: Final = ("rasterio", "exactextract")
VERDICTS: Final = ("supported", "contradicted", "inconclusive", "no_evidence")
_GRAIN: Final = 1_000_000
"""A share is a whole number of millionths: coverage is known to about 1e-7, not better."""
_TOLERANCE: Final = 1e-6
"""A share in 32 bits, or scaled from bytes, may be 1 and a little."""
_HALF: Final = 0.5
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Image:
    """One raster and how to read it.

    ``name``: the path as messages show it. ``kind``: ``built_up`` (the share of built-up cells)
    or ``mean`` (the mean of the band; a value without a verdict of its own). ``built_values``:
    the stored values that mean built-up; without them every value of the band is itself the
    built-up share of its cell, 0 to 1. ``nodata`` replaces what the file declares (``"none"``:
    every value counts); NaN and infinite cells are always missing. ``scale`` and ``offset``
    replace those of the file. ``companions``: files that belong to it (a world file).
    """

    path: Path
    name: str
    label: str
    kind: Literal["built_up", "mean"]
    band: int = 1
    built_values: tuple[float, ...] = ()
    crs: str | None = None
    nodata: float | Literal["none"] | None = None
    scale: float | None = None
    offset: float | None = None
    companions: tuple[Path, ...] = field(default=())


def zonal(
    parcels: pd.DataFrame,
    settings: Sequence[Image],
    crs: str,
    rules: Rules,
    log: IssueLog,
    *,
    max_memory: int = MAX_MEMORY,
) -> pd.DataFrame:
    """EVIDENCE: one row a parcel and raster, sorted by parcel and label.

    ``parcels`` has ``parcel_id`` and ``geometry`` in the system ``crs``. A value is weighted by
    how much of each cell lies in the parcel, so that no parcel is too small; the parcels are
    moved to the raster, never the raster to the parcels. Cells of one parcel count as equally
    large (on a raster in degrees true to 1e-4 over a kilometre). The result is the same bit by
    bit whatever the order of the parcels and ``max_memory``, which bounds the cells held at a
    time. Raises :class:`landuse.errors.UserError` with the faults of all rasters.
    """
    installed()
    faults: list[Issue] = []
    tables = []
    for image in settings:
        try:
            table, seen = look(parcels, image, crs, rules, log, max_memory=max_memory)
            conclude(image, seen, log)
        except UserError as error:
            faults += error.issues
        else:
            tables.append(table)
    if faults:
        raise UserError(faults)
    return of_images(tables)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one image shows of some parcels, as far as more is said of all parcels together.

    How many parcels; the smallest and largest value; whether any is built-up; how many the image
    does not cover or covers less than half, and the first of these.
    """

    parcels: int
    low: float
    high: float
    built: bool
    uncovered: tuple[int, Sequence[str]]
    half: tuple[int, Sequence[str]]

    @classmethod
    def together(cls, parts: Sequence[Seen]) -> Seen:
        """What it shows of the parcels of several parts, which follow each other by code."""

        def listed(some: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, Sequence[str]]:
            names = [name for _, first in some for name in first]
            return sum(many for many, _ in some), names[:_NAMED]

        return cls(
            parcels=sum(part.parcels for part in parts),
            low=min(part.low for part in parts),
            high=max(part.high for part in parts),
            built=any(part.built for part in parts),
            uncovered=listed([part.uncovered for part in parts]),
            half=listed([part.half for part in parts]),
        )


def look(
    parcels: pd.DataFrame,
    image: Image,
    crs: str,
    rules: Rules,
    log: IssueLog,
    *,
    max_memory: int = MAX_MEMORY,
) -> tuple[pd.DataFrame, Seen]:
    """EVIDENCE of one image for some parcels, sorted by parcel, and what :func:`conclude` says of
    all parcels; see :func:`zonal`.
    """
    order = np.argsort(parcels["parcel_id"].to_numpy(dtype=object), kind="stable")
    ids = parcels["parcel_id"].to_numpy(dtype=object)[order]
    shapes = parcels["geometry"].to_numpy(dtype=object)[order]
    found = _one(image, shapes, parse(crs), max_memory, log)
    covered = np.rint(found.covered * _GRAIN) > 0
    half = covered & (found.covered < _HALF)
    seen = Seen(
        parcels=len(ids),
        low=float(found.low.min(initial=0.0)),
        high=float(found.high.max(initial=0.0)),
        built=bool((found.high[covered] > 0).any()),
        uncovered=(int((~covered).sum()), ids[~covered][:_NAMED].tolist()),
        half=(int(half.sum()), ids[half][:_NAMED].tolist()),
    )
    return _table(ids, image, found, rules), seen


def of_images(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The tables of several images as one EVIDENCE."""
    if not tables:
        return EVIDENCE.empty()
    frame = pd.concat(tables, ignore_index=True)
    return EVIDENCE.check(frame.sort_values(["parcel_id", "label"], ignore_index=True))


def verdicts(value: Floats, covered: Floats, rules: Rules) -> npt.NDArray[np.object_]:
    """What a built-up share says: below the lower line it supports idleness, from the upper line
    on it contradicts, between it is inconclusive; nothing covered is no evidence.

    Shares and lines are compared in whole millionths, so that one of three equal cells is 1/3.
    """
    share = _millionths(value)
    return np.select(
        [
            ~(covered > 0),
            share < _line(rules.evidence_supports_below),
            share >= _line(rules.evidence_contradicts_from),
        ],
        ["no_evidence", "supported", "contradicted"],
        default="inconclusive",
    ).astype(object)


def _line(share: Fraction) -> int:
    return round(share * _GRAIN)


def _millionths(share: Floats) -> npt.NDArray[np.int64]:
    return np.rint(np.nan_to_num(share) * _GRAIN).astype(np.int64)


def installed() -> None:
    """Raises :class:`landuse.errors.UserError` where what reads rasters is not installed."""
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        raise UserError.of("evidence.extra_absent", value=", ".join(absent))


def _one(
    image: Image,
    shapes: npt.NDArray[np.object_],
    system: pyproj.CRS,
    max_memory: int,
    log: IssueLog,
) -> Zonal:
    from landuse.idle.evidence_cells import Share, extract
    from landuse.idle.evidence_raster import opened

    share = Share(image.built_values) if image.kind == "built_up" and image.built_values else None
    with opened(image, max_memory, log) as band:
        return extract(shapes, system, _system(image, band, system, log), band, share, max_memory)


def _system(image: Image, band: Band, parcels: pyproj.CRS, log: IssueLog) -> pyproj.CRS:
    """The system of the raster: declared, else its own; on the datum of the parcels."""
    try:
        own = parse(band.wkt) if band.wkt else None
    except CrsFault as error:
        if image.crs is None:
            raise _placed(error, image) from error
        own = None
    if image.crs is None and own is None:
        raise UserError.of("evidence.no_crs", table="evidence", file=image.name)
    try:
        system = own if image.crs is None else parse(image.crs)
        assert system is not None
        # moves nothing, but tells which of the two lacks the way to the other's datum
        reproject(np.array([], dtype=object), system, parcels)
    except CrsFault as error:
        raise _placed(error, image) from error
    if own is not None and not same_system(own, system):
        log.add(
            "evidence.crs_contradicts",
            table="evidence", file=image.name, value=label(own), declared=label(system),
        )  # fmt: skip
    return system


def _placed(error: CrsFault, image: Image) -> UserError:
    return UserError([dataclasses.replace(error.issue, table="evidence", file=image.name)])


def _table(ids: npt.NDArray[np.object_], image: Image, found: Zonal, rules: Rules) -> pd.DataFrame:
    # a sliver of a neighbouring cell is rounding of coordinates, not coverage
    covered = np.rint(np.clip(found.covered, 0.0, 1.0) * _GRAIN) / _GRAIN
    is_share = image.kind == "built_up"
    value = np.rint(found.mean * _GRAIN) / _GRAIN if is_share else found.mean
    value = np.where(covered > 0, value, np.nan)
    if is_share:
        verdict = verdicts(value, covered, rules)
    else:
        verdict = np.where(covered > 0, "inconclusive", "no_evidence").astype(object)
    return pd.DataFrame(
        {
            "parcel_id": pd.Series(ids, dtype="str"),
            "label": pd.Series([image.label] * len(ids), dtype="str"),
            "kind": pd.Series([image.kind] * len(ids), dtype="str"),
            "value": value,
            "covered_share": covered,
            "verdict": pd.Series(verdict, dtype="str"),
        }
    )


def conclude(image: Image, seen: Seen, log: IssueLog) -> None:
    """What the reader of the verdicts must know about the raster as a whole.

    Raises :class:`landuse.errors.UserError` where a band of land-cover codes would be read as
    shares, because no ``built_values`` are given.
    """
    place = {"table": "evidence", "file": image.name}
    if image.kind == "built_up" and not image.built_values:
        odd = seen.low if seen.low < -_TOLERANCE else seen.high
        if odd < -_TOLERANCE or odd > 1 + _TOLERANCE:
            raise UserError.of("evidence.no_share", **place, value=f"{odd:g}")
    if seen.parcels and seen.uncovered[0] == seen.parcels:
        log.add("evidence.no_overlap", **place)
        return
    for code, (many, first) in (
        ("evidence.not_covered", seen.uncovered),
        ("evidence.half_covered", seen.half),
    ):
        if many:
            named = ", ".join(first) + (" …" if many > _NAMED else "")
            log.add(code, **place, n=many, total=seen.parcels, value=named)
    if image.built_values and not seen.built:
        values = ", ".join(f"{value:g}" for value in image.built_values)
        log.add("evidence.nothing_built", **place, value=values)
