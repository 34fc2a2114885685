"""The trace of one finding, read from a run folder and nothing else.

Every line states its arithmetic, so that a reader can do it again with a pocket calculator.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.messages import Lang, text
from landuse.publish.explain_idle import contract_lines
from landuse.publish.explain_text import enterprise_lines, parcel_lines
from landuse.publish.manifest import plain
from landuse.publish.reader import RunFolder, open_run
from landuse.publish.visible import visible

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Explanation", "explain"]

_NEAR: Final = 5


@dataclass(frozen=True)
class Explanation:
    """What a run says of one enterprise, parcel or supply contract.

    ``json``: ``kind`` (enterprise | parcel | contract), ``key``, ``run``, ``rows`` (where the input
    stands), ``parcels``, the supply ``contracts`` and the ``evidence`` of images of these; but for
    a contract also ``links`` and ``price_parts``; for an enterprise ``unit``, ``members``,
    ``indicators``, ``cohort``; for a parcel ``units`` (its users).
    """

    json: dict[str, Any]
    lang: Lang
    pack: dict[str, Any]

    def text(self) -> list[str]:
        """The trace as lines for a person."""
        lines = _LINES[self.json["kind"]]
        return [visible(line) for line in lines(self.json, self.pack, self.lang)]


_LINES: Final = {
    "enterprise": enterprise_lines,
    "parcel": parcel_lines,
    "contract": contract_lines,
}


def explain(folder: Path, key: str, lang: Lang = "zh") -> Explanation:
    """The trace of the enterprise, parcel or supply contract ``key`` in the run at ``folder``.

    Raises :class:`UserError` if ``folder`` is no run folder, or nothing in it bears that key (the
    nearest keys are named).
    """
    run = open_run(folder)
    for wanted in dict.fromkeys((key, key.strip(), key.strip().upper())):
        for gather in (_enterprise, _parcel, _contract):
            found = gather(run, wanted)
            if found is not None:
                content = plain({"key": wanted, "run": _run(run), **found})
                assert isinstance(content, dict)
                return Explanation(content, lang, run.pack)
    raise UserError.of("publish.unknown_key", key=key, near=_near(run, key.strip(), lang))


def _near(run: RunFolder, key: str, lang: Lang) -> str:
    """The keys that look like ``key``, or those of an enterprise with that name."""
    units = run.table("units", columns=["uscc", "name"])
    parcels = run.table("parcels", columns=["parcel_id"])["parcel_id"]
    named = units[units["name"].str.contains(key, regex=False)] if key else units.head(0)
    names = [f"{uscc} {name}" for uscc, name in named.head(_NEAR).itertuples(index=False)]
    if not names:
        known = [*units["uscc"], *parcels]
        if run.has("idle"):
            known += list(run.table("idle", columns=["contract_no"])["contract_no"])
        # difflib is slow on a million keys: those with the same beginning go first
        close = [one for one in known if one[:_NEAR] == key[:_NEAR].upper()] or known
        names = get_close_matches(key.upper(), close[:20_000], n=_NEAR, cutoff=0.5)
    return text("publish.nearest", lang, names="、".join(names)) if names else ""


def _run(run: RunFolder) -> dict[str, Any]:
    manifest, rules = run.manifest, run.manifest["rules"]
    return {
        "run_id": manifest["run_id"],
        "as_of": manifest["project"]["as_of"],
        "year": manifest["project"]["year"],
        "pack": rules["pack"],
        "pack_version": rules["version"],
        "title_zh": rules["title_zh"],
        "title_en": rules["title_en"],
        "digest": rules["digest"],
        "landuse": manifest["versions"].get("landuse", ""),
        "reference_price_yuan_per_m2": manifest["reference_price_yuan_per_m2"],
        "idle_examined": run.has("idle") and "idle" in manifest.get("examined", ["idle"]),
    }


def _enterprise(run: RunFolder, key: str) -> dict[str, Any] | None:
    units = run.table("units", where=("uscc", [key]))
    if units.empty:
        return None
    unit = _records(units)[0]
    members = run.table("units", columns=["uscc", "name", "unit_id", "status"])
    members = members[(members["unit_id"] == unit["unit_id"]) & (members["status"] != "exempt")]
    codes = sorted({key, *members["uscc"]}) if unit["status"] != "exempt" else [key]
    links = run.table("links", where=("uscc", codes))
    parcels = sorted(set(links["parcel_id"]))
    cohorts = run.table("cohorts", where=("cohort", [unit["cohort"]]))
    return {
        "kind": "enterprise",
        "unit": unit,
        "members": [one for one in _records(members) if one["uscc"] != key],
        "rows": _records(run.table("sources", where=("key", [*codes, *parcels]))),
        "links": _records(links),
        "parcels": _parcels(run, parcels),
        "contracts": _contracts(run, "parcel_id", parcels),
        "evidence": _evidence(run, parcels),
        "price_parts": _records(run.table("price_parts", where=("parcel_id", parcels))),
        "indicators": _records(run.table("indicators", where=("unit_id", [unit["unit_id"]]))),
        "cohort": _records(cohorts)[0] if len(cohorts) else None,
    }


def _parcel(run: RunFolder, key: str) -> dict[str, Any] | None:
    parcels = _parcels(run, [key])
    if not parcels:
        return None
    links = run.table("links", where=("parcel_id", [key]))
    units = run.table("units", where=("uscc", links["uscc"]))
    return {
        "kind": "parcel",
        "rows": _records(run.table("sources", where=("key", [key]))),
        "links": _records(links),
        "parcels": parcels,
        "contracts": _contracts(run, "parcel_id", [key]),
        "evidence": _evidence(run, [key]),
        "price_parts": _records(run.table("price_parts", where=("parcel_id", [key]))),
        "units": _records(units),
    }


def _contract(run: RunFolder, key: str) -> dict[str, Any] | None:
    contracts = _contracts(run, "contract_no", [key])
    if not contracts:
        return None
    parcels = sorted({one["parcel_id"] for one in contracts})
    return {
        "kind": "contract",
        "rows": _records(run.table("sources", where=("key", [key]))),
        "parcels": _parcels(run, parcels),
        "contracts": contracts,
        "evidence": _evidence(run, parcels),
    }


def _contracts(run: RunFolder, column: str, keys: list[str]) -> list[dict[str, Any]]:
    """Supply contracts; runs of before there was idle land have no such table."""
    return _records(run.table("idle", where=(column, keys))) if keys and run.has("idle") else []


def _evidence(run: RunFolder, parcels: list[str]) -> list[dict[str, Any]]:
    """What images say of ``parcels``; runs of before there were images have no such table."""
    if not parcels or not run.has("evidence"):
        return []
    return _records(run.table("evidence", where=("parcel_id", parcels)))


def _parcels(run: RunFolder, keys: list[str]) -> list[dict[str, Any]]:
    return _records(run.table("parcels", where=("parcel_id", keys)))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
