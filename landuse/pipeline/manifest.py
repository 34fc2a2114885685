"""What a run says of itself in ``run.json``: inputs, rules, totals, versions. No clock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from landuse import __version__
from landuse.messages import text
from landuse.pipeline.evidence import raster_versions
from landuse.rules import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.intake.inputs import SourceFile
    from landuse.intake.project import Project
    from landuse.intake.raw import Fact
    from landuse.pipeline.steps import Computed
    from landuse.rules.model import Rules

__all__ = ["manifest", "run_id"]

FORMAT: Final = 1
"""Version of the run folder's layout; a reader refuses what it does not know."""


def run_id(
    project: Project, rules: Rules, as_of: dt.date, files: Sequence[SourceFile], lang: str
) -> str:
    """Ten hexadecimal digits that are the same for the same inputs, rules, date and version.

    ``lang`` counts because the workbook and the map are written in it.
    """
    settings = project.model_dump(
        mode="json", exclude={"file", "base", "as_of", "rules", "database"}
    )
    known = {
        "inputs": sorted([entry.path, entry.sha256] for entry in files),
        "project": settings,
        "rules": rules.digest,
        "as_of": as_of.isoformat(),
        "version": __version__,
        "lang": lang,
    }
    canonical = json.dumps(known, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:10]


def manifest(
    project: Project, computed: Computed, as_of: dt.date, identity: str, lang: str
) -> dict[str, Any]:
    """The content of ``run.json`` (the writer adds the list of files)."""
    rules = computed.rules
    return {
        "made_by": "landuse",
        "format": FORMAT,
        "run_id": identity,
        "lang": lang,
        "project": {
            "name": project.name,
            "year": project.year,
            "as_of": as_of.isoformat(),
            "crs": computed.inputs.crs,
            "id_scheme": project.id_scheme,
        },
        "inputs": _files(computed.inputs.files),
        "counts": computed.inputs.counts.to_dict("records"),
        "facts": [_fact(fact) for fact in computed.inputs.facts],
        "rules": _rules(rules),
        "examined": [
            *(["low_efficiency"] if len(computed.inputs.years) else []),
            *(["idle"] if computed.contracts is not None else []),
        ],
        "reference_price_yuan_per_m2": _number(computed.evaluation.reference_price),
        "totals": computed.totals,
        "versions": dict(sorted((versions() | raster_versions(project)).items())),
    }


def _files(files: Sequence[SourceFile]) -> list[dict[str, Any]]:
    ordered = sorted(files, key=lambda entry: entry.path)
    return [{"path": one.path, "sha256": one.sha256, "bytes": one.bytes} for one in ordered]


def _fact(fact: Fact) -> dict[str, str]:
    values = dict(fact.values)
    return {
        "file": fact.file,
        "code": fact.code,
        "zh": text(fact.code, "zh", **values),
        "en": text(fact.code, "en", **values),
    }


def _rules(rules: Rules) -> dict[str, Any]:
    values = [
        {"group": group, "name": name, "value": value, "unit": unit, "source": source}
        for group, name, value, unit, source in show(rules, "en")
    ]
    overridden = sorted(name for name, origin in rules.provenance.items() if origin.overridden)
    return {
        "pack": rules.name,
        "version": rules.version,
        "title_zh": rules.title_zh,
        "title_en": rules.title_en,
        "digest": rules.digest,
        "overridden": overridden,
        "values": values,
    }


def _number(value: float) -> float | None:
    return None if value != value else value


def versions() -> dict[str, str]:
    """Versions of everything that could move a number."""
    import pyogrio
    import pyproj
    import shapely

    names = ("numpy", "pandas", "pyarrow", "pyogrio", "pyproj", "shapely", "folium", "xlsxwriter")
    found = {name: metadata.version(name) for name in names}
    found["landuse"] = __version__
    found["python"] = platform.python_version()
    found["geos"] = shapely.geos_version_string
    found["proj"] = pyproj.proj_version_str
    found["gdal"] = pyogrio.__gdal_version_string__
    return dict(sorted(found.items()))
